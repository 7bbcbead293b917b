# SPDX-License-Identifier: GPL-2.0
"""What ends a program: CPU time and idleness, but no clock."""

import os
import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

import fake_agent  # noqa: F401 pylint: disable=unused-import
from checks import patience

PATIENCE = Path(__file__).resolve().parents[2] / "scripts" / "patience"


class PatienceTest(unittest.TestCase):
    """The program, with real commands."""

    def run_command(self, script, cpu=30, idle=30):
        """Run a line for the shell; return the exit code and the errors."""
        done = subprocess.run([sys.executable, PATIENCE, "--idle", str(idle), str(cpu), "sh", "-c",
                               script], stderr=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stderr

    def test_status_is_passed_on(self):
        self.assertEqual(self.run_command("exit 3"), (3, ""))
        self.assertEqual(self.run_command("kill -9 $$")[0], 128 + 9)

    def test_what_spins_is_ended(self):
        self.assertEqual(self.run_command("while :; do :; done", cpu=1),
                         (124, "patience: sh: not finished after 1 s of CPU time\n"))

    def test_what_sleeps_is_ended_with_its_children(self):
        code, said = self.run_command("sleep 61.25 & echo $! >&2; wait", idle=1)
        self.assertEqual(code, 124)
        child, reason = said.splitlines()
        self.assertIn("no progress in 1 s", reason)
        self.assertFalse(Path(f"/proc/{child}/fd").exists() and os.listdir(f"/proc/{child}/fd"))

    def test_children_do_not_outlive_a_program(self):
        code, said = self.run_command("(sleep 61.5 & echo $! >&2)")
        self.assertEqual(code, 0)
        self.assertFalse(Path(f"/proc/{said.strip()}/exe").exists())

    def test_command_that_is_not_there(self):
        done = subprocess.run([sys.executable, PATIENCE, "1", "/nowhere/program"],
                              stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (1, "patience: /nowhere/program: No such file or directory\n"))


class WatchTest(unittest.TestCase):
    """Looks at made-up processes: (state, parent, session, seconds of CPU time)."""

    def reasons(self, looks, **options):
        """What a watch of process 7 says to each look."""
        watch = patience.Watch(7, **{"cpu_s": 100, "idle_s": 3, **options})
        with mock.patch.object(patience, "processes", side_effect=looks):
            return [watch.look() for _ in looks]

    def test_waiting_for_a_cpu_is_no_idleness(self):
        self.assertEqual(self.reasons([{7: ("R", 1, 7, 5.0)}] * 20), [None] * 20)

    def test_idle(self):
        said = self.reasons([{7: ("S", 1, 7, 5.0)}] * 6)
        self.assertEqual(said[:4], [None] * 4)
        self.assertEqual(said[-1], "no progress in 3 s")

    def test_looking_now_and_then_is_idle(self):
        self.assertTrue(self.reasons([{7: ("S", 1, 7, 5 + 0.01 * i)} for i in range(9)])[-1])

    def test_output_is_progress(self):
        sizes = iter(range(20))
        looks = [{7: ("S", 1, 7, 5.0)}] * 20
        self.assertEqual(self.reasons(looks, progress=lambda: next(sizes)), [None] * 20)

    def test_time_of_descendants_and_of_the_session_counts(self):
        looks = [{7: ("S", 1, 7, 0.0), 8: ("R", 7, 8, 60.0), 9: ("R", 1, 7, 30.0),
                  10: ("R", 8, 8, 11.0), 11: ("R", 1, 1, 900.0)}]
        self.assertEqual(self.reasons(looks), ["not finished after 100 s of CPU time"])
        self.assertEqual(self.reasons(looks, cpu_s=101), [None])


if __name__ == "__main__":
    unittest.main()
