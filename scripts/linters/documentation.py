# SPDX-License-Identifier: GPL-2.0
"""Checks of Documentation/."""
import fnmatch
import io
import os
import re

from docutils import core, nodes
from docutils.parsers.rst import Directive, directives, roles

from .structure import read

WARNINGS = 2        # docutils' report level
NEVER = 5           # above all levels at which it stops

# A path from the top of the project, not of the kernel; in it, shell patterns, and PLACEHOLDERS.
PATH = re.compile(r"(?<![\w/.-])(?!kernel/locking/)"
                  r"((?:kernel|guest|host|selftests|scripts)/[\w./+*?\[\]-]+)")
PLACEHOLDER = re.compile(r"[A-Z]{3,}")

# Of a function, in a page that says that each of those that it names has a user.
FUNCTION = re.compile(r"``([a-z]\w*)\(\)``")
USED = ".. Each function that this page names has a user, see scripts/linters/documentation.py."


def _missing(name, source, reporter, line):
    """The warning, in a list, if a page names a file that does not exist."""
    if os.path.isfile(os.path.join(os.path.dirname(source), name)):
        return []
    return [reporter.warning(f"there is no file {name}", line=line)]


def _doc(_name, rawtext, text, line, inliner, **_):
    """Sphinx's role for a reference to another page."""
    return ([nodes.literal(rawtext, text)],
            _missing(text + ".rst", inliner.document["source"], inliner.reporter, line))


class Toctree(Directive):
    """Sphinx's list of pages."""

    has_content = True
    option_spec = {"maxdepth": directives.nonnegative_int}

    def run(self):
        """Name the pages that do not exist."""
        source = self.state.document["source"]
        return [warning for page in self.content for warning in
                _missing(page + ".rst", source, self.state_machine.reporter, self.lineno)]


class LiteralInclude(Directive):
    """Sphinx's way to show a file."""

    required_arguments = 1
    option_spec = {"language": directives.unchanged, "start-after": directives.unchanged,
                   "end-before": directives.unchanged}

    def run(self):
        """Name the file if it does not exist, or if it has not what is to be shown."""
        name, reporter = self.arguments[0], self.state_machine.reporter
        source = self.state.document["source"]
        missing = _missing(name, source, reporter, self.lineno)
        if missing:
            return missing
        with open(os.path.join(os.path.dirname(source), name), encoding="utf-8") as file:
            text = file.read()
        start = self.options.get("start-after", "")
        shown, end = text.partition(start)[2] if start else text, self.options.get("end-before")
        if not shown.strip() or end and not shown.partition(end)[0].strip() or (
                end and end not in shown):
            return [reporter.warning(f"{name} has nothing between these", line=self.lineno)]
        return []


def paths(tree):
    """Files that pages name are where they say."""
    known = set(tree.paths)
    known.update(folder for path in tree.paths for folder in _folders(path))
    found = []
    for page in tree.ending(".rst", "README"):
        with open(tree.path(page), encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                found += [f"{page}:{number}: there is no {path}" for path in PATH.findall(line)
                          if not fnmatch.filter(known, PLACEHOLDER.sub("*", path.rstrip("/.")))]
    return found


def _folders(path):
    while path := os.path.dirname(path):
        yield path


def users(tree):
    """Functions that a page says are used are used, in other files than their own and no test."""
    pages = {path: read(tree, path) for path in tree.ending(".rst")}
    pages = {path: text for path, text in pages.items() if USED in text}
    if not pages:
        return []
    files = {}
    for path in tree.ending(".c", ".h"):
        if not path.startswith("selftests/"):
            for word in set(re.findall(r"\w+", _without_comments(read(tree, path)))):
                files.setdefault(word, set()).add(os.path.splitext(path)[0])
    return [f"{page}:{number}: nothing but tests uses {name}()"
            for page, text in pages.items() for number, line in enumerate(text.splitlines(), 1)
            for name in FUNCTION.findall(line) if len(files.get(name, ())) < 2]


def _without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.DOTALL)


def documentation(tree):
    """Pages are correct reStructuredText, and refer to pages that exist."""
    roles.register_local_role("doc", _doc)
    directives.register_directive("toctree", Toctree)
    directives.register_directive("literalinclude", LiteralInclude)
    found = []
    for path in tree.ending(".rst"):
        warnings = io.StringIO()
        with open(tree.path(path), "rb") as page:
            core.publish_doctree(page.read(), source_path=tree.path(path), settings_overrides={
                "report_level": WARNINGS, "warning_stream": warnings, "input_encoding": "utf-8",
                "halt_level": NEVER})
        found += warnings.getvalue().replace(tree.top + os.sep, "").splitlines()
    return found
