# SPDX-License-Identifier: GPL-2.0
"""What the sources use that is not part of every Debian.

Headers that C includes, libraries that are linked, modules that Python imports, programs that
scripts, makefiles and Python call, and some files of packages.
"""
import ast
import functools
import os
import re
import shutil
import subprocess
import sys

from .shell_words import called_programs, defined_functions
from .tree import LintError

# These run with busybox in guests or in L1, or set up machines of their own.
ELSEWHERE = re.compile(r"scripts/lab/guest/initramfs/(?!Makefile)|host/kvm/migrate-in-l1|"
                       r"selftests/(kvm/install_test|vmm/boot/(boot_test|snapshot_test)|"
                       r"scripts/|campaigns/|slurm/)|"
                       r"\.ci/")
# What that needs which we have not written, but run: kbuild and the kernel's scripts.
BEHIND = {
    "Makefile": "cc gcc /lib/modules/*-amd64/build",
    "guest/kernel/build": "bc bison flex <gelf.h> <openssl/bio.h>",
    "host/kvm/build": "pahole",
    "host/kvm/selftests": "rsync",
    "host/kvm/install": "depmod",
    "scripts/deb": "dh dh_dkms",
    "scripts/kernel-tools": "xz perl(Term::ANSIColor)",
}
# Headers of the kernel proper, and packages whose headers every C program has.
OF_THE_KERNEL = re.compile(r"(linux|asm|asm-generic|uapi|xen|generated|trace|kernel)/")
OF_THE_COMPILER = re.compile(r"(libc6-dev|linux-libc-dev|libgcc-\d+-dev)(:\w+)?: ")
INCLUDE_PATH = ("/usr/include/x86_64-linux-gnu", "/usr/include",
                "/usr/lib/gcc/x86_64-linux-gnu/12/include")

C_ENDINGS = (".c", ".h", ".S")
INCLUDE = re.compile(r"^\s*#\s*include\s*<([^>]+)>", re.MULTILINE)
# But not the comparisons of the shell.
FLAGS = re.compile(r"(?<![\w-])-l(?!(?:t|e)\b)[a-z][\w-]*")
VARIABLE = re.compile(r"\$\w+")
FUZZER = re.compile(r"-fsanitize=\S*\bfuzzer\b")
FILES = re.compile(r"/usr/src/[a-z][\w.-]*\*[\w.-]*\w")
PROGRAM = re.compile(r"[a-z][\w.+-]+")
# A shell command in a string: its program, and that it has options.
COMMAND = re.compile(r"((?:[\w.+-]+(?=(?: [\w.+-]+)* --?[a-zA-Z]))?)")
# Programs have these names, too.
NOT_CALLED = {"kvm", "file"}
# What makefiles have a shell do, and what variables mostly stand for.
MAKE_SHELL = re.compile(r"\$\(shell ((?:[^()]|\([^()]*\))*)\)")
MAKE_PROGRAMS = {"$(CC)": "gcc", "$(MAKE)": "make"}
MAKE_VARIABLE = re.compile(r"\$\([^()]*\)|\$[@<^?*|]")


def uses(tree, known=()):
    """What each source uses, by its path. Words of Python are programs if they are known as such,
    or if this machine has one of that name.
    """
    scripts = shell_scripts(tree)
    own = set().union(*(defined_functions(text(tree, path)) for path in scripts))
    python = python_sources(tree)
    found = {}
    for path in tree.paths:
        if ELSEWHERE.match(path):
            continue
        names = set(BEHIND.get(path, "").split())
        if path.endswith(C_ENDINGS):
            names |= headers(text(tree, path))
        elif path in python:
            names |= python_uses(tree, text(tree, path), known)
        elif path in scripts:
            names |= foreign(called_programs(text(tree, path)) - own) | named(text(tree, path))
        elif path.endswith((".mk", "Makefile")):
            names |= make_uses(text(tree, path)) | named(text(tree, path))
        if names:
            found[path] = names
    return found


def text(tree, path):
    """What a source says."""
    with open(tree.path(path), encoding="utf-8", errors="replace") as source:
        return source.read()


def shell_scripts(tree):
    """All shell scripts, and what they read in."""
    return set(tree.interpreted_by("sh", "bash") + tree.ending(".sh"))


def python_sources(tree):
    """All sources in Python."""
    return set(tree.interpreted_by("python3") + tree.ending(".py"))


def ask(*command):
    """The output of a program of dpkg; an answer that there is none is an answer."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60,
                              check=False).stdout
    except FileNotFoundError as error:
        raise LintError(f"{command[0]}: not found; this needs Debian 12") from error


@functools.cache
def essential_programs():
    """The names of the programs that every Debian has."""
    wanted = [line.split()[0] for line in ask(
        "dpkg-query", "-W", "-f", "${Package} ${Essential} ${Priority}\n").splitlines()
        if line.split()[1:] and line.split()[1] == "yes"] + ["apt", "mawk", "mount"]
    files = ask("dpkg-query", "-L", *wanted).splitlines()
    return {os.path.basename(path) for path in files
            if os.path.dirname(path).endswith("bin")} | {"awk", "sh"}


@functools.cache
def shell_builtins():
    """What bash does itself."""
    return set(ask("bash", "-c", "compgen -b; compgen -k").split())


def foreign(programs):
    """Those that have to be installed."""
    return programs - essential_programs() - shell_builtins()


def named(source):
    """Libraries and files that a script or a makefile names."""
    names = set(FLAGS.findall(source)) | set(FILES.findall(VARIABLE.sub("*", source)))
    return names | ({"-fsanitize=fuzzer"} if FUZZER.search(source) else set())


def make_uses(source):
    """The programs that a makefile calls."""
    script = "\n".join(recipes(source) + MAKE_SHELL.findall(source))
    for variable, program in MAKE_PROGRAMS.items():
        script = script.replace(variable, program)
    count = 1
    while count:
        script, count = MAKE_VARIABLE.subn("$", script)
    return foreign(called_programs(script.replace("$$", "$")))


def recipes(source):
    """The lines of a makefile that a shell gets, without what continues a definition."""
    lines, continued = [], False
    for line in source.splitlines():
        if line.startswith("\t") and not continued:
            lines.append(line.lstrip("\t@+-"))
        elif lines and continued == "recipe":
            lines[-1] += "\n" + line
        continued = line.endswith("\\") and (
            "recipe" if line.startswith("\t") and continued in (False, "recipe") else "definition")
    return lines


@functools.cache
def of_the_compiler(header):
    """Does every C program have it?"""
    path = next((os.path.join(directory, header) for directory in INCLUDE_PATH
                 if os.path.exists(os.path.join(directory, header))), None)
    return bool(path and OF_THE_COMPILER.match(ask("dpkg-query", "-S", path)))


def headers(source):
    """The headers that a source includes from elsewhere."""
    return {"<stdio.h>" if of_the_compiler(name) else f"<{name}>"
            for name in INCLUDE.findall(source) if not OF_THE_KERNEL.match(name)}


def python_uses(tree, source, known):
    """The modules that a source imports, and the programs that it calls."""
    own = {part for path in tree.paths for part in os.path.dirname(path).split("/")} \
        | {os.path.basename(path).partition(".")[0] for path in tree.ending(".py")}
    modules, programs = set(), {"python3"}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(node.module.partition(".")[0])
        elif isinstance(node, (ast.List, ast.Tuple)):
            words = [constant(each) for each in node.elts]
            programs.update(words[1:] if words[:1] == ["env"] else words[:1])
            modules |= {words[at + 1] for at, word in enumerate(words[:-1]) if word == "-m"}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "which":
            programs.update(map(constant, node.args))
        elif isinstance(node, ast.Assign):
            programs.add(constant(node.value))
        else:
            programs.add(COMMAND.match(constant(node))[1])
    modules -= own | set(sys.stdlib_module_names) | {""}
    return {f"import:{name}" for name in modules} | foreign(
        {name for name in programs - NOT_CALLED
         if PROGRAM.fullmatch(name) and (name in known or shutil.which(name))})


def constant(node):
    """The string that an expression is, or an empty one."""
    is_string = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_string else ""
