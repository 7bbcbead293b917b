# SPDX-License-Identifier: GPL-2.0
"""Checks of C sources."""
import fnmatch
import os
import re
import shutil

from .tree import SCRIPTS, LintError, findings, run

EXCEPTIONS = os.path.join(SCRIPTS, "linters/checkpatch-exceptions")

# Builds that between them compile every line of the modules.
CONFIGURATIONS = ("alldefconfig", "allnoconfig", "allmodconfig")

# kbuild says this about the machine, not about the sources.
NOT_A_FINDING = re.compile(r"the compiler differs from the one used to build")
FINDING = re.compile(r"\b(warning|error|undefined)\b", re.IGNORECASE)

# "make host-selftests" builds these, against the source that "make host" made.
NEEDS_PATCHED_KERNEL = ("selftests/kvm/Makefile",)
USER_SPACE_FLAGS = "-Wall -Wextra -Werror"
# A Makefile that only has others build, each into a part of its output.
ONLY_DESCENDS = re.compile(r"\$\(MAKE\) .*-C \$\$?\w+ OUTPUT=\$\(OUTPUT\)/")


def _answer(script):
    """What one of the project's scripts prints."""
    code, output = run([os.path.join(SCRIPTS, script)], SCRIPTS)
    if code:
        raise LintError(output.strip())
    return output.strip()


def _kernel_headers():
    release = _answer("kernel-release")
    headers = f"/lib/modules/{release}/build"
    if not os.path.exists(os.path.join(headers, "Makefile")):
        raise LintError(f"{headers}: no kernel headers; install the package "
                        f"linux-headers-{release}")
    return headers


def configure(tree, name, config):
    """Write a configuration: the answer of kconfig-conf --name."""
    code, output = run(["env", f"KCONFIG_CONFIG={config}", "kconfig-conf",
                        "--" + name, "scripts/Kconfig"], tree.top,
                       "kconfig-frontends-nox")
    if code:
        raise LintError(f"kconfig-conf --{name}: {output.strip()}")


def _build(directory, config):
    if not shutil.which("sparse"):
        raise LintError("sparse: not found; install the package sparse")
    code, output = run(["make", "-j2", "-C", _kernel_headers(),
                        f"M={directory}", "C=2", "W=1",
                        f"PVTICKETLOCK_CONFIG={config}", "modules"], directory)
    lines = [line for line in output.splitlines()
             if FINDING.search(line) and not NOT_A_FINDING.search(line)]
    if code and not lines:
        lines = [f"make modules: exit code {code}"] + output.splitlines()[-5:]
    return lines


def kbuild(tree):
    """Sparse (C=2) and the compiler's extra warnings (W=1), by kbuild."""
    found = []
    built = set()
    for name in CONFIGURATIONS:
        directory = os.path.join(tree.work, name)
        shutil.rmtree(directory, ignore_errors=True)
        found += findings([tree.path("scripts/mirror-sources"), directory],
                          tree.top)
        config = os.path.join(directory, "config")
        configure(tree, name, config)
        with open(config, encoding="utf-8") as lines:
            options = lines.read()
        if options in built:
            continue
        built.add(options)
        found += [line.replace(directory + os.sep, "")
                  for line in _build(directory, config)]
    return list(dict.fromkeys(found))


def read_exceptions(path):
    """Lines of "<pattern> <types,...> <why>" -> [(pattern, types)]."""
    exceptions = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            fields = line.split(None, 2)
            if len(fields) != 3:
                raise LintError(f"{path}:{number}: an exception needs a file, "
                                "types and a reason")
            exceptions.append((fields[0], fields[1]))
    return exceptions


def _checkpatch_groups(sources, exceptions):
    groups = {}
    for source in sources:
        ignored = [types for pattern, types in exceptions
                   if fnmatch.fnmatch(source, pattern)]
        groups.setdefault(",".join(ignored), []).append(source)
    return groups


def checkpatch(tree):
    """The kernel's style, strictly; exceptions are listed with reasons."""
    exceptions = read_exceptions(EXCEPTIONS)
    script = os.path.join(_answer("kernel-tools"), "scripts/checkpatch.pl")
    # It looks for camel case in ROOT/include, and leaves a cache behind.
    os.makedirs(os.path.join(tree.work, "include"), exist_ok=True)
    found = []
    groups = _checkpatch_groups(tree.ending(".c", ".h"), exceptions)
    for ignored, sources in groups.items():
        command = ["perl", script, "--strict", "--no-tree", "--terse",
                   "--root", tree.work, "--show-types", "--no-summary", "--quiet",
                   "--ignore", ignored or "NONE", "-f"]
        lines = findings(command + [tree.path(path) for path in sources],
                         tree.work)
        found += [line.replace(tree.top + os.sep, "") for line in lines]
    return found


def compiler(tree):
    """The compiler's warnings for what runs in user space.

    Programs are built by a Makefile in their directory, into OUTPUT. What
    needs a patched kernel has the same flags, but is not built here.
    """
    found = []
    for path in tree.ending("/Makefile"):
        with open(tree.path(path), encoding="utf-8") as makefile:
            text = makefile.read()
        if (not re.search(r"^OUTPUT\b", text, re.MULTILINE) or
                ONLY_DESCENDS.search(text)):
            continue
        if USER_SPACE_FLAGS not in text:
            found.append(f"{path}: does not compile with {USER_SPACE_FLAGS}")
        if path in NEEDS_PATCHED_KERNEL:
            continue
        directory = os.path.dirname(path)
        output = os.path.join(tree.work, directory)
        shutil.rmtree(output, ignore_errors=True)
        found += findings(["make", "-s", "-j2", "-C", tree.path(directory),
                           f"OUTPUT={output}", "all"], tree.top)
    return found


def kernel_doc(tree):
    """Comments in kernel-doc form are complete and well-formed."""
    script = os.path.join(_answer("kernel-tools"), "scripts/kernel-doc")
    return findings(["perl", script, "-none", "-Werror",
                     *tree.ending(".c", ".h")], tree.top)
