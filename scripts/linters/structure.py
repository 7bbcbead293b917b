# SPDX-License-Identifier: GPL-2.0
"""Checks of where things are: which way they depend on each other, and how large they are."""
import ast
import os
import re

# Each part may use itself and those before it in its line, and nothing else of the project. Tests
# and scripts may use all; nothing but them may use tests. Documentation/overview.rst shows this.
LAYERS = (
    # begin: layers
    ("kernel", "guest", "guest/pvticketlock"),
    ("kernel", "guest", "guest/lockbench", "selftests/rivals", "guest/bare"),
    ("kernel", "host/vmm/base", "host/vmm/confine", "host/vmm/locks", "host/vmm/execution",
     "host/vmm/memory", "host/vmm/devices", "host/vmm/virtio", "host/vmm/boot",
     "host/vmm/inject", "host/vmm/vm", "host/vmm/machine", "host/vmm/snapshot",
     "host/vmm/control", "host/vmm"),
    ("scripts/lab/errors.py", "scripts/lab/processes.py", "scripts/lab/signals.py",
     "scripts/lab/guest", "scripts/lab/workload", "scripts/lab/machines", "scripts/lab/report",
     "scripts/lab/compare", "scripts/lab/campaign", "scripts/lab/shards", "scripts/lab"),
    ("scripts/lab/errors.py", "scripts/lab/guest", "scripts/lab/workload", "scripts/lab/machines",
     "scripts/lab/testing", "scripts/lab"),
    ("scripts/lab/processes.py", "scripts/lab/testing", "scripts/checks"),
    # end: layers
)
PARTS = {part for line in LAYERS for part in line}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)

# What users of the locks include, and what it must not bring to them: names of the kernel anew,
# and those of the seam between the lock core and what it runs on.
INTERFACE = "guest/pvticketlock.h"
NOT_FOR_USERS = re.compile(r"#\s*(?:define|undef)\s+(?:platform_\w+|xadd)\b|\bplatform_\w+")
# The other side of an #ifdef __KERNEL__.
NOT_IN_A_KERNEL = re.compile(r"/user(_\w+)?\.h$")
C_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

MOST_SOURCES = 25
MOST_LINES = 400
SOURCE_ENDINGS = (".c", ".h", ".S", ".py")
# A longer one says why within its first lines.
REASON = re.compile(r"Longer than 400 lines: \w")
COMMENT = re.compile(r"\s*\n\s*\*?\s*")
HEAD_LINES = 40


def part_of(path):
    """The part of the project that a path is in, or None."""
    while path:
        if path in PARTS:
            return path
        path = os.path.dirname(path)
    return None


def may_use(user, used):
    """Whether a part may use another one."""
    if user is None or user == used:
        return True
    return any(user in line and used in line and line.index(used) <= line.index(user)
               for line in LAYERS)


def read(tree, path):
    """The text of a source."""
    with open(tree.path(path), encoding="utf-8", errors="replace") as source:
        return source.read()


def _line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def _includes(tree, path):
    """(line, path) of each header of the project that a C source includes."""
    text = read(tree, path)
    for match in INCLUDE.finditer(text):
        target = os.path.normpath(os.path.join(os.path.dirname(path), match.group(1)))
        yield _line_of(text, match.start()), target


def _modules(node, package):
    """The names of what an import statement may import, as modules."""
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = package.split(".")[:len(package.split(".")) - node.level + 1] if node.level else []
    base = ".".join(base + ([node.module] if node.module else []))
    return [f"{base}.{name.name}" for name in node.names] + [base]


def _imports(tree, path):
    """(line, path) of each module of the project that a Python source imports."""
    package = os.path.dirname(os.path.relpath(path, "scripts")).replace(os.sep, ".")
    known = set(tree.paths)
    for node in ast.walk(ast.parse(read(tree, path))):
        for name in _modules(node, package):
            target = os.path.join("scripts", name.replace(".", os.sep)) + ".py"
            if target in known:
                yield node.lineno, target


def direction(tree):
    """Dependencies point one way: see LAYERS."""
    found = []
    for path in tree.ending(*SOURCE_ENDINGS):
        user = part_of(path)
        if not user:
            continue
        uses = _imports if path.endswith(".py") else _includes
        for line, target in uses(tree, path):
            if not may_use(user, part_of(target)):
                found.append(f"{path}:{line}: uses {target}: {user} may not use "
                             f"{part_of(target) or os.path.dirname(target)}; see LAYERS in "
                             "scripts/linters/structure.py")
    return found


def _included(tree, path):
    """A header and all of the project that it brings to code of the kernel."""
    paths = [path]
    for each in paths:
        paths += [target for _, target in _includes(tree, each)
                  if target in tree.paths and target not in paths
                  and not NOT_IN_A_KERNEL.search(target)]
    return paths


def interface(tree):
    """The header for users of the locks brings them no names but those of the locks."""
    if INTERFACE not in tree.paths:
        return []
    found = []
    for path in _included(tree, INTERFACE):
        text = C_COMMENT.sub(lambda match: "\n" * match.group().count("\n"), read(tree, path))
        found += [f"{path}:{_line_of(text, match.start())}: {match.group()}: gets into all that "
                  f"includes {INTERFACE}; give it a name of the locks"
                  for match in NOT_FOR_USERS.finditer(text)]
    return found


def _has_reason(lines):
    return REASON.search(COMMENT.sub(" ", "\n".join(lines[:HEAD_LINES])))


def size(tree):
    """No folder with many sources, no long source without a reason in its head."""
    found = []
    folders = {}
    for path in tree.ending(*SOURCE_ENDINGS):
        folders.setdefault(os.path.dirname(path), []).append(path)
        lines = read(tree, path).splitlines()
        if len(lines) > MOST_LINES and not _has_reason(lines):
            found.append(f"{path}: {len(lines)} lines; take it apart by reason to change, or say "
                         f"in its head why not ('Longer than {MOST_LINES} lines: ...')")
    found += [f"{folder}: {len(paths)} sources, more than {MOST_SOURCES}; give those that belong "
              "together a folder" for folder, paths in sorted(folders.items())
              if len(paths) > MOST_SOURCES]
    return found
