# SPDX-License-Identifier: GPL-2.0
"""How scripts/check runs suites, ends them, and what it says of one that has failed."""

import contextlib
import importlib.util
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path
from unittest import mock

import fake_agent  # noqa: F401 pylint: disable=unused-import
from checks import runner
from checks.suites import ALWAYS, DEFAULT, LONG, SUITES, Suite

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
    loader = SourceFileLoader("check", str(SCRIPTS / "check"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", loader))
    sys.modules["check"] = module
    loader.exec_module(module)
    return module


@contextlib.contextmanager
def in_directory():
    """A directory in which suites run and leave their output."""
    with tempfile.TemporaryDirectory() as directory, \
            mock.patch.multiple(runner, TOP=Path(directory), LOGS=Path(directory)):
        yield Path(directory)


class FailuresTest(unittest.TestCase):
    """The end of the output has to tell what failed, and why."""

    def run_suite(self, text, status):
        """What is printed at the end if a suite has this output."""
        output = io.StringIO()
        with in_directory() as directory, contextlib.redirect_stdout(output):
            log = directory / "xen.log"
            log.write_text(text, encoding="utf-8")
            counts = runner.judge(Suite("xen", [], 10), status, log)
            load_check().print_table({"xen": (counts, 1)}, 1)
        return output.getvalue().splitlines()

    def test_failure_is_named_with_its_reason(self):
        lines = self.run_suite(LOG, 1)
        self.assertIn("xen.waits_nest", lines[-4])
        self.assertTrue(lines[-4].startswith("failed: xen: "))
        self.assertIn("Expected 0 (0) == nested (-5)", lines[-2])
        self.assertEqual(lines[-1], "1 passed, 1 failed, 0 skipped")

    def test_suite_that_was_cut_off_is_named(self):
        lines = self.run_suite("TAP version 13\n1..2\nok 1 contention\n", "no progress")
        self.assertIn("failed: xen: xen: no progress", lines[-3])

    def test_what_the_kernel_said_is_shown_of_each_failure(self):
        lines = self.run_suite("TAP version 13\n1..3\n# | RIP: 1\n# died of it\nnot ok 1 a\n"
                               "# | RIP: 2\nok 2 b\n# | RIP: 3\n# died, too\nnot ok 3 c\n", 1)
        self.assertEqual([line.strip() for line in lines[-5:-1]],
                         ["# | RIP: 1", "# died of it", "# | RIP: 3", "# died, too"])

    def test_nothing_is_said_of_success(self):
        lines = self.run_suite("TAP version 13\n1..1\nok 1 contention\n", 0)
        self.assertFalse([line for line in lines if "failed:" in line])


def step(name, script, **options):
    """A suite that is a line for the shell."""
    options.setdefault("needs", ())
    return Suite(name, ["sh", "-c", script], 20, ktap=False, **options)


class RunnerTest(unittest.TestCase):
    """The order of suites, and which of them run at the same time."""

    def run_suites(self, *suites):
        """Run suites in a directory of their own; return what failed, and what was reported."""
        reported = []
        with in_directory():
            results = runner.Runner(DEFAULT, lambda suite, *_: reported.append(suite.name)
                                    ).run(suites)
        self.assertEqual(list(results), [suite.name for suite in suites])
        return {name: counts.problems for name, (counts, _) in results.items()
                if counts.failed}, reported

    def test_suites_in_the_background_run_beside_the_others(self):
        wait = "until test -e {}; do sleep 0.01; done"
        failed, _ = self.run_suites(
            step("beside", "touch begun; " + wait.format("seen"), background=True),
            step("others", wait.format("begun") + "; touch seen"))
        self.assertFalse(failed)

    def test_others_run_one_after_the_other(self):
        failed, reported = self.run_suites(step("first", "sleep 0.2; touch done"),
                                           step("second", "test -e done"))
        self.assertFalse(failed)
        self.assertEqual(reported, ["first", "first", "second", "second"])

    def test_what_is_needed_comes_first(self):
        failed, _ = self.run_suites(step("build", "sleep 0.3; touch built", background=True),
                                    step("test", "test -e built", needs=("build",)))
        self.assertFalse(failed)

    def test_what_is_needed_and_failed_is_named(self):
        failed, _ = self.run_suites(step("build", "exit 3"),
                                    step("test", "touch ran", needs=("build",)),
                                    step("other", "test ! -e ran"))
        self.assertEqual(set(failed), {"build", "test"})
        self.assertIn("not run, as it needs build", failed["test"][0])

    def test_what_is_not_chosen_is_not_waited_for(self):
        failed, _ = self.run_suites(step("test", "true", needs=("build",)))
        self.assertFalse(failed)

    def test_background_gives_way(self):
        priority = "test $(nice) -eq {}"
        failed, _ = self.run_suites(
            step("beside", "sleep 0.2; " + priority.format(19), background=True),
            step("others", "sleep 0.2; " + priority.format(os.nice(0))))
        self.assertFalse(failed)

    def test_suite_that_hangs_is_ended(self):
        failed, _ = self.run_suites(Suite("slow", ["sh", "-c", "while :; do :; done"], 0, needs=()))
        self.assertEqual(failed, {"slow": ["slow: not finished after 0 s of CPU time"]})


class EndedTest(unittest.TestCase):
    """A check that is ended leaves nothing behind."""

    # Suites that say which process they are, and go on for longer than the test waits.
    PROGRAM = (
        "import sys, test_check\n"
        "from pathlib import Path\n"
        "from checks import runner\n"
        "check = test_check.load_check()\n"
        "runner.TOP = runner.LOGS = Path(sys.argv.pop())\n"
        "slow = 'echo $$; exec sleep 60'\n"
        "check.SUITES[:] = [test_check.step('beside', slow, background=True),\n"
        "                   test_check.step('slow', slow)]\n"
        "check.main()\n")

    def wait_for(self, condition):
        """Wait for at most 20 s; return what the condition said last."""
        end = time.monotonic() + 20
        while not condition() and time.monotonic() < end:
            time.sleep(0.05)
        return condition()

    def process_of(self, log):
        """The directory of the process that has said its number."""
        self.assertTrue(self.wait_for(lambda: log.exists() and log.read_text("ascii")))
        return Path("/proc", log.read_text("ascii").strip())

    def end_by(self, number):
        """End a check by a signal; return its exit code, what it said, and what still runs."""
        with tempfile.TemporaryDirectory() as directory, \
                subprocess.Popen([sys.executable, "-c", self.PROGRAM, directory],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                 cwd=Path(__file__).parent) as process:
            suites = [self.process_of(Path(directory, name)) for name in ("slow.log", "beside.log")]
            self.assertTrue(all(suite.exists() for suite in suites))
            process.send_signal(number)
            _, said = process.communicate(timeout=20)
            return process.returncode, said, [suite for suite in suites if suite.exists()]

    def test_suites_end_with_the_check(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number=number):
                self.assertEqual(self.end_by(number), (128 + number, b"", []))


class KindsTest(unittest.TestCase):
    """Which suites a check consists of."""

    def names(self, kind):
        """Those that have results."""
        return {suite.name for suite in SUITES if suite.ktap and suite.belongs_to(kind)}

    def test_each_suite_is_part_of_a_check_or_only_runs_by_name(self):
        kinds = [self.names(kind) for kind in ALWAYS]
        everything = {suite.name for suite in SUITES if suite.ktap}
        self.assertEqual(everything - set.union(*kinds), {"irqs-off", "takeover-soak"})

    def test_a_long_check_leaves_out_what_the_default_one_has_shown(self):
        again = self.names(DEFAULT) & self.names(LONG)
        self.assertTrue(again)
        for suite in SUITES:
            if suite.name in again:
                self.assertNotEqual(suite.long_command or suite.command, suite.command)

    def test_set_up_comes_first_everywhere(self):
        for kind in ALWAYS:
            first = [suite.name for suite in SUITES if suite.belongs_to(kind)][:2]
            self.assertEqual(first, ["setup", "build"])

    def test_what_a_suite_needs_comes_before_it_and_whenever_it_does(self):
        for kind in ALWAYS:
            before = set()
            for suite in SUITES:
                if suite.belongs_to(kind):
                    self.assertLessEqual(set(suite.needs), before, f"{kind}: {suite.name}")
                    before.add(suite.name)


if __name__ == "__main__":
    unittest.main()
