# SPDX-License-Identifier: GPL-2.0
"""Every barrier that has a letter names its litmus test, and a mutant that does without it.

A comment before the barrier says:

    /* [A] litmus: SB+enter+raise; mutant: look-before-mode. Pairs with [B]. */

Barriers of one folder that have the same letter are one: one of them says it. In the lock core,
the mutant of [A] is barrier-a, unless the comment names others.
"""
import os
import re

from .structure import read

LITMUS = "selftests/models/litmus/"
MUTANT = re.compile(r"selftests/[^/]+/mutants/([^/]+?)(\.patch|/README)$")
COMMENT = re.compile(r"^\t+/\*(.*?)\*/", re.MULTILINE | re.DOTALL)
MARGIN = re.compile(r"\s*\n\s*\*?\s*")
LETTER = re.compile(r"\[([A-Z])\]")
NAMES = r"\b%s: ([\w+, -]+\w)"
CORE = "kernel"
SOURCES = ("kernel/", "guest/", "host/vmm/")


def _names(kind, text):
    match = re.search(NAMES % kind, text)
    return [name.strip() for name in match.group(1).split(",")] if match else []


def _comments(tree):
    """(path, line, text) of each comment in the code, without its margin."""
    for path in tree.ending(".c", ".h"):
        if not path.startswith(SOURCES):
            continue
        source = read(tree, path)
        for match in COMMENT.finditer(source):
            line = source.count("\n", 0, match.start()) + 1
            yield path, line, MARGIN.sub(" ", match.group(1)).strip()


def _letter(text):
    match = LETTER.match(text)
    return match.group(1) if match else None


def _default_mutants(path, letter):
    in_core = path.startswith(CORE + "/") and letter
    return [f"barrier-{letter.lower()}"] if in_core else []


def barriers(tree):
    """The tests and mutants that barriers name exist; and all barriers with letters name some."""
    tests = {path[len(LITMUS):-len(".litmus")] for path in tree.ending(".litmus")}
    mutants = {match.group(1) for match in map(MUTANT.match, tree.paths) if match}
    found, lettered, told, named = [], {}, set(), set()
    for path, line, text in _comments(tree):
        letter = _letter(text)
        place = (os.path.dirname(path), letter)
        if letter:
            lettered.setdefault(place, f"{path}:{line}")
        wanted = _names("litmus", text)
        if not wanted:
            continue
        named.update(wanted)
        found += [f"{path}:{line}: there is no litmus test {name}"
                  for name in wanted if name not in tests]
        without = _names("mutant", text) or _default_mutants(path, letter)
        found += [f"{path}:{line}: there is no mutant {name}"
                  for name in without if name not in mutants]
        if without:
            told.add(place)
    found += [f"{where}: [{place[1]}] names no litmus test and mutant"
              for place, where in lettered.items() if place not in told]
    found += [f"{LITMUS}{name}.litmus: no barrier names it" for name in sorted(tests - named)
              if "+no-" not in name]
    return found
