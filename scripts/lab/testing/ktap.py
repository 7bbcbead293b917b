# SPDX-License-Identifier: GPL-2.0
"""Reading KTAP, the kernel's test result format (Documentation/dev-tools/ktap.rst)."""

import re
from dataclasses import dataclass, field

VERSION = re.compile(r"^( *)K?TAP version \d+")
PLAN = re.compile(r"^( *)(?:# )?1\.\.(\d+)")
RESULT = re.compile(r"^( *)(?:# )?(not ok|ok) (\d+)\b(?: -)? ?([^#]*?)\s*"
                    r"(?:# *(SKIP|XFAIL|TODO|XPASS)\b.*)?(?:#.*)?$", re.IGNORECASE)
# By this, a test says in its name that it is a negative control: it passes if a fault is noticed.
CONTROL = re.compile(r"\bis caught\b|_is_caught\b")


@dataclass
class Counts:
    """Results of the tests that have no subtests, and what was wrong with the output.

    Of those that passed, controls are negative controls.
    """

    passed: int = 0
    controls: int = 0
    failed: int = 0
    skipped: int = 0
    problems: list = field(default_factory=list)

    def add(self, other):
        """Add the results of another program."""
        self.passed += other.passed
        self.controls += other.controls
        self.failed += other.failed
        self.skipped += other.skipped
        self.problems += other.problems

    def fail(self, problem):
        """Count something that is wrong as a failed test."""
        self.failed += 1
        self.problems.append(problem)

    def succeed(self, name):
        """Count a test that has passed."""
        self.passed += 1
        self.controls += bool(CONTROL.search(name))

    def __str__(self):
        controls = f" ({self.controls} of them negative controls)" if self.controls else ""
        return f"{self.passed} passed{controls}, {self.failed} failed, {self.skipped} skipped"


class Level:
    """The results at one depth of nesting since the last result above it."""

    def __init__(self):
        self.planned = None
        self.seen = 0
        self.failed = 0


class Parser:
    """Counts the leaves of a tree of results; a parent counts only if it says more than they."""

    def __init__(self):
        self.counts = Counts()
        self._levels = {}
        self._earlier = (0, 0)

    def feed(self, line):
        """Read one line."""
        version = VERSION.match(line)
        if version:
            self._begin_document(depth(version))
            return
        plan = PLAN.match(line)
        if plan:
            self._level(depth(plan)).planned = int(plan.group(2))
            return
        result = RESULT.match(line)
        if result:
            self._result(depth(result), result.group(2).lower() == "ok",
                         result.group(4) or f"test {result.group(3)}",
                         (result.group(5) or "").upper())

    def finish(self, name, status):
        """Judge the end of a program that exited with status; return its results."""
        self._begin_document(0)
        children, failed = self._earlier
        if not children and status == 4:
            self.counts.skipped += 1
        elif not children:
            self.counts.fail(f"{name}: no test results, exit code {status}")
        elif status and not failed:
            self.counts.fail(f"{name}: all tests passed, but the exit code is {status}")
        return self.counts

    def _begin_document(self, indent):
        """One document may follow another at the same depth."""
        seen, failed = self._close_below(indent - 1)
        self._earlier = (self._earlier[0] + seen, self._earlier[1] + failed)

    def _level(self, indent):
        return self._levels.setdefault(indent, Level())

    def _result(self, indent, good, name, directive):
        children, failed_children = self._close_below(indent)
        level = self._level(indent)
        level.seen += 1
        good = good or directive in ("XFAIL", "TODO", "SKIP")
        level.failed += not good or failed_children > 0
        if directive == "SKIP" and not children:
            self.counts.skipped += 1
        elif good and not children:
            self.counts.succeed(name)
        elif not good and not failed_children:
            self.counts.fail(name)

    def _close_below(self, indent):
        """End the levels deeper than indent; return how many results and failures they had."""
        seen = failed = 0
        for each in sorted(self._levels):
            if each <= indent:
                continue
            level = self._levels.pop(each)
            if level.planned is not None and level.planned != level.seen:
                self.counts.fail(f"{level.planned} tests planned, {level.seen} reported")
                level.failed += 1
            seen += level.seen
            failed += level.failed
        return seen, failed


def note(line):
    """Print a diagnostic."""
    print(f"# {line}", flush=True)


def depth(match):
    """How deep a line is nested: KTAP indents by two spaces, older TAP by "# "."""
    return len(match.group(1)) + (2 if match.group(0).lstrip().startswith("#") else 0)


def count(lines, name="test", status=0):
    """Count the results in the output of one program."""
    parser = Parser()
    for line in lines:
        parser.feed(line)
    return parser.finish(name, status)
