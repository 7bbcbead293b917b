# SPDX-License-Identifier: GPL-2.0
"""What scripts/check says of a suite that has failed, and how it ends one."""

import contextlib
import importlib.util
import io
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path
from unittest import mock

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
LOG = """TAP version 13
1..2
# xen_test.c:101:contention:19 waits
ok 1 contention
# xen_test.c:120:waits_nest:Expected 0 (0) == nested (-5)
# waits_nest: Test terminated by assertion
#          FAIL  xen.waits_nest
not ok 2 xen.waits_nest
# Totals: pass:1 fail:1
"""


def load_check():
    """The program, as a module."""
    sys.path.insert(0, str(SCRIPTS))
    loader = SourceFileLoader("check", str(SCRIPTS / "check"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", loader))
    sys.modules["check"] = module
    loader.exec_module(module)
    return module


class FailuresTest(unittest.TestCase):
    """The end of the output has to tell what failed, and why."""

    def run_suite(self, text, status):
        """What is printed at the end if a suite has this output."""
        check = load_check()
        output = io.StringIO()
        with tempfile.TemporaryDirectory() as directory, \
                mock.patch.multiple(check, TOP=Path(directory), LOGS=Path(directory)), \
                contextlib.redirect_stdout(output):
            log = check.log_of("xen")
            log.write_text(text, encoding="utf-8")
            counts = check.judge(check.Suite("xen", [], 10), status, log)
            check.print_table([("xen", counts, 1)])
        return output.getvalue().splitlines()

    def test_failure_is_named_with_its_reason(self):
        lines = self.run_suite(LOG, 1)
        self.assertIn("xen.waits_nest", lines[-3])
        self.assertTrue(lines[-3].startswith("failed: xen: "))
        self.assertIn("Expected 0 (0) == nested (-5)", lines[-2])
        self.assertEqual(lines[-1], "1 passed, 1 failed, 0 skipped")

    def test_suite_that_was_cut_off_is_named(self):
        lines = self.run_suite("TAP version 13\n1..2\nok 1 contention\n", None)
        self.assertIn("not finished after 10 s", lines[-3])

    def test_nothing_is_said_of_success(self):
        lines = self.run_suite("TAP version 13\n1..1\nok 1 contention\n", 0)
        self.assertFalse([line for line in lines if "failed:" in line])


class EndedTest(unittest.TestCase):
    """A check that is ended leaves nothing behind."""

    # A suite that says so when it begins, and goes on for longer than the test waits.
    PROGRAM = (
        "import sys, test_check\n"
        "from pathlib import Path\n"
        "check = test_check.load_check()\n"
        "check.TOP = check.LOGS = Path(sys.argv.pop())\n"
        "check.SUITES = [check.Suite('slow', ['sh', '-c', 'echo $$; exec sleep 60'], 90)]\n"
        "check.main()\n")

    def wait_for(self, condition):
        """Wait for at most 20 s; return what the condition said last."""
        end = time.monotonic() + 20
        while not condition() and time.monotonic() < end:
            time.sleep(0.05)
        return condition()

    def test_suite_ends_with_the_check(self):
        with tempfile.TemporaryDirectory() as directory, \
                subprocess.Popen([sys.executable, "-c", self.PROGRAM, directory],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 cwd=Path(__file__).parent) as process:
            log = Path(directory) / "slow.log"
            self.assertTrue(self.wait_for(lambda: log.exists() and log.read_text("ascii")))
            suite = Path("/proc", log.read_text("ascii").strip())
            self.assertTrue(suite.exists())
            process.terminate()
            self.assertEqual(process.wait(20), 128 + signal.SIGTERM)
            self.assertFalse(suite.exists())


class KindsTest(unittest.TestCase):
    """Which suites a check consists of."""

    def setUp(self):
        self.check = load_check()

    def names(self, kind):
        """Those that have results."""
        return {suite.name for suite in self.check.SUITES
                if suite.ktap and suite.belongs_to(kind)}

    def test_each_suite_is_part_of_a_check_or_only_runs_by_name(self):
        kinds = [self.names(kind) for kind in self.check.ALWAYS]
        everything = {suite.name for suite in self.check.SUITES if suite.ktap}
        self.assertEqual(everything - set.union(*kinds), {"takeover-soak"})

    def test_a_long_check_leaves_out_what_the_default_one_has_shown(self):
        again = self.names(self.check.DEFAULT) & self.names(self.check.LONG)
        self.assertTrue(again)
        for suite in self.check.SUITES:
            if suite.name in again:
                self.assertNotEqual(suite.long_command or suite.command, suite.command)

    def test_set_up_comes_first_everywhere(self):
        for kind in self.check.ALWAYS:
            first = [suite.name for suite in self.check.SUITES if suite.belongs_to(kind)][:2]
            self.assertEqual(first, ["setup", "build"])


if __name__ == "__main__":
    unittest.main()
