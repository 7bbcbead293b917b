# SPDX-License-Identifier: GPL-2.0
"""Checks of shell and Python sources."""
from .tree import findings

# Debian's interpreter: the one that has Debian's modules.
PYTHON = "/usr/bin/python3"


def shell(tree):
    """Shell scripts, by shellcheck."""
    scripts = tree.interpreted_by("sh", "bash", "dash")
    if not scripts:
        return []
    return findings(["shellcheck", "-x", "--format=gcc", *scripts], tree.top)


def _python_sources(tree):
    scripts = tree.interpreted_by("python3", "python")
    return sorted(set(scripts + tree.ending(".py")))


def flake8(tree):
    """Python style and errors, by flake8."""
    sources = _python_sources(tree)
    if not sources:
        return []
    return findings([PYTHON, "-m", "flake8", *sources], tree.top)


def pylint(tree):
    """Python errors and smells, by pylint."""
    sources = _python_sources(tree)
    if not sources:
        return []
    lines = findings([PYTHON, "-m", "pylint", "--jobs=2", "--score=no",
                      "--reports=no", *sources], tree.top)
    return [line for line in lines if not line.startswith("****")]
