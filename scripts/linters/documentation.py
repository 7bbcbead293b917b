# SPDX-License-Identifier: GPL-2.0
"""Checks of Documentation/."""
import io
import os

from docutils import core, nodes
from docutils.parsers.rst import Directive, directives, roles

WARNINGS = 2        # docutils' report level


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
    option_spec = {"language": directives.unchanged, "start-after": directives.unchanged}

    def run(self):
        """Name the file if it does not exist."""
        return _missing(self.arguments[0], self.state.document["source"],
                        self.state_machine.reporter, self.lineno)


def documentation(tree):
    """Pages are correct reStructuredText, and refer to pages that exist."""
    roles.register_local_role("doc", _doc)
    directives.register_directive("toctree", Toctree)
    directives.register_directive("literalinclude", LiteralInclude)
    found = []
    for path in tree.ending(".rst"):
        warnings = io.StringIO()
        with open(tree.path(path), encoding="utf-8") as page:
            core.publish_doctree(page.read(), source_path=tree.path(path), settings_overrides={
                "report_level": WARNINGS, "warning_stream": warnings, "input_encoding": "unicode"})
        found += warnings.getvalue().replace(tree.top + os.sep, "").splitlines()
    return found
