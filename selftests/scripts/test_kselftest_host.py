# SPDX-License-Identifier: GPL-2.0
"""Test programs in L1: what counts when L1 fails; and that its CPUs are interrupted."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import fake_agent  # noqa: F401 pylint: disable=unused-import
from lab.errors import GuestStall, HostLost, HostReset
from lab.testing import kselftest

RESET = HostReset("L1: its QEMU ended by itself", None)


class HostLab:
    """A lab whose L1 answers what it is told: an exception, or what a program says."""

    emulated = True

    def __init__(self, *answers, signs=()):
        self.answers = list(answers)
        self.signs = list(signs)
        self.ensure_host = mock.Mock()

    def run_host(self, _command, _timeout, on_output):
        """Run a program."""
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        on_output(answer)
        return 0, answer

    def host_failure(self):
        """What the log of L1 has."""
        return self.signs.pop(0) if self.signs else None


class RunInHostTest(unittest.TestCase):
    """Run programs in L1."""

    def run_in(self, lab, count=1):
        """The counts after running that many programs, all of which L1 was there for."""
        with contextlib.redirect_stdout(io.StringIO()):
            tests = kselftest.TestRun(io.StringIO(), count, 10)
            kselftest.run_in_host(lab, ["a_test", "b_test"][:count], tests)
        self.assertEqual(lab.answers, [])
        return tests.counts

    def test_passes(self):
        lab = HostLab("TAP version 13\n1..1\nok 1 x\n", "TAP version 13\n1..1\nnot ok 1 y\n")
        self.assertEqual(str(self.run_in(lab, 2)), "1 passed, 1 failed, 0 skipped")
        self.assertEqual(lab.ensure_host.call_count, 2)

    def test_reset_is_run_again(self):
        lab = HostLab(RESET, "TAP version 13\n1..1\nok 1 x\n")
        self.assertEqual(str(self.run_in(lab)), "1 passed, 0 failed, 0 skipped")
        self.assertEqual(lab.ensure_host.call_count, 2)

    def test_stall_is_run_again_and_shown(self):
        with tempfile.TemporaryDirectory() as directory:
            log = Path(directory, "l1.log")
            log.write_text("all is well\nwatchdog: BUG: soft lockup - CPU#1 stuck\nRIP: here\n",
                           encoding="utf-8")
            lab = HostLab(GuestStall("L1: soft lockup", log), "TAP version 13\n1..1\nok 1 x\n")
            output = io.StringIO()
            with contextlib.redirect_stdout(io.StringIO()):
                tests = kselftest.TestRun(output, 1, 10)
                kselftest.run_in_host(lab, ["a_test"], tests)
        self.assertEqual(tests.resets, 1)
        self.assertEqual(str(tests.counts), "1 passed, 0 failed, 0 skipped")
        self.assertIn("stuck\n# | RIP: here\n# a_test: L1: soft lockup", output.getvalue())
        self.assertNotIn("well", output.getvalue())

    def test_reset_for_ever_fails(self):
        counts = self.run_in(HostLab(*[RESET] * (1 + kselftest.RESETS_TOLERATED)))
        self.assertEqual(str(counts), "0 passed, 1 failed, 0 skipped")

    def test_panic_fails(self):
        counts = self.run_in(HostLab(HostLost("L1: kernel panic: oh dear", None)))
        self.assertEqual(str(counts), "0 passed, 1 failed, 0 skipped")
        self.assertIn("oh dear", counts.problems[-1])

    def test_sign_in_the_log_fails(self):
        lab = HostLab("TAP version 13\n1..1\nok 1 x\n", signs=["L1: WARNING: suspicious RCU usage"])
        counts = self.run_in(lab)
        self.assertEqual(counts.failed, 1)
        self.assertIn("a_test: L1: WARNING: suspicious RCU usage", counts.problems)


class NudgesTest(unittest.TestCase):
    """Interrupts of L1's CPUs."""

    @staticmethod
    def problem(*lines):
        """What is said of these counts, a second apart; the first CPU keeps house."""
        lab = mock.Mock()
        lab.run_host.side_effect = [(0, f" CAL: {line} Function call interrupts\n")
                                    for line in lines]
        with mock.patch.object(kselftest.time, "sleep"):
            return kselftest.missing_nudges(lab)

    def test_nudged(self):
        self.assertIsNone(self.problem("5 100 200", "5 150 250"))

    def test_one_cpu_is_not(self):
        self.assertIn("CPU 2 of L1", self.problem("5 100 200", "90 150 201"))


if __name__ == "__main__":
    unittest.main()
