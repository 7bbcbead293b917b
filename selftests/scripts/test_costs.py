# SPDX-License-Identifier: GPL-2.0
"""pvlab measure-costs: what follows from what was measured, and what is written."""

# pylint: disable=missing-function-docstring
import re
import subprocess
import tempfile
import unittest
from argparse import Namespace
from pathlib import Path
from unittest import mock

from lab import costs
from lab.errors import LabError

TOP = Path(__file__).resolve().parents[2]
SIMULATOR = TOP / "selftests" / "simulator"
SEEN = {"load": 1.0, "locked": 5.0, "barrier": 6.0, "pause": 24.0, "transfer": 60.0,
        "futex_call": 200.0, "wake_soon": 1400.0, "woken_soon": 3000.0, "wake_idle": 8400.0,
        "woken_idle": 20000.0, "preemption": 62500.0, "tick": 4e6, "switch_by_futex": 2000.0,
        "switch_by_yield": 1200.0, "slice_of_few": 3.98e6, "slice_of_many": 4.01e6,
        "tick_cost": 3000.0, "noise_period": 0.0, "noise_cost": 0.0, "cpus": "0,1"}


def names_in_table():
    """The entries of the simulator's table that a file of costs must have."""
    text = (SIMULATOR / "host" / "costs_list.h").read_text("ascii")
    return set(re.findall(r"^COST\((\w+),[^\"]*MEASURED", text, re.MULTILINE))


class EntriesTest(unittest.TestCase):
    """From measurements to the simulator's table."""

    def test_all_that_the_simulator_wants_is_there(self):
        self.assertEqual(set(costs.entries(SEEN, 0)), names_in_table())

    def test_parts_add_up_to_what_was_measured(self):
        table = costs.entries(SEEN, 0)
        self.assertAlmostEqual(2 * table["exit"] + table["kick"] + table["block"] +
                               table["context_switch"], SEEN["switch_by_futex"])
        self.assertAlmostEqual(table["exit"] + table["kick"] + table["idle_wake"] +
                               table["context_switch"], SEEN["woken_idle"])
        self.assertAlmostEqual(table["exit"] + table["kick"] + table["ipi"], SEEN["wake_idle"])

    def test_a_slice_ends_at_the_same_tick_if_it_is_measured_a_little_longer(self):
        ends = [costs.slice_end(length, 4e6) for length in (3.9e6, 4e6, 4.1e6)]
        self.assertEqual(ends, [2e6] * 3)
        self.assertEqual(costs.slice_end(1e6, 4e6), 2e6)
        self.assertEqual(costs.slice_end(8.1e6, 4e6), 6e6)

    def test_differences_are_not_negative(self):
        table = costs.entries({**SEEN, "switch_by_futex": 100.0, "wake_idle": 10.0}, 0)
        self.assertEqual((table["kick"], table["ipi"]), (0, 0))

    def test_medians_and_noise(self):
        runs = [{**SEEN, "pause": value} for value in (20.0, 24.0, 24.0, 25.0, 90.0)]
        summary = {name: (value, noise) for name, value, noise in costs.summarize(runs, 0)}
        self.assertEqual(summary["pause"][0], 24.0)
        self.assertGreater(summary["pause"][1], 0.1)
        self.assertEqual(summary["barrier"], (6.0, 0.0))


class CommandTest(unittest.TestCase):
    """The command and its file."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(directory.cleanup)
        self.program = Path(directory.name) / "measure-costs"
        self.file = Path(directory.name) / "here.costs"
        patch = mock.patch.object(costs, "PROGRAM", self.program)
        patch.start()
        self.addCleanup(patch.stop)

    def run_command(self):
        with mock.patch("builtins.print"):
            return costs.main(Namespace(file=self.file, cpus=[0, 1], repeats=1))

    def test_a_program_that_is_not_there(self):
        with self.assertRaisesRegex(LabError, "not there; run 'make process' first"):
            self.run_command()

    def test_a_program_that_fails(self):
        self.program.write_text("#!/bin/sh\necho no futex >&2\nexit 1\n", "ascii")
        self.program.chmod(0o755)
        with self.assertRaisesRegex(LabError, "measure-costs 0 1: .*no futex"):
            self.run_command()

    def test_cpus_are_two(self):
        self.assertEqual(costs.cpu_pair("2,5"), [2, 5])
        for text in ("1", "1,1", "1,2,3", "a,b"):
            with self.assertRaises(ValueError):
                costs.cpu_pair(text)


class MeasureTest(unittest.TestCase):
    """The program itself, and the simulator with what it says of this machine."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        cls.addClassCleanup(directory.cleanup)
        cls.directory = Path(directory.name)
        for folder in ("process/costs", "simulator"):
            subprocess.run(["make", "-s", "-C", TOP / "selftests" / folder,
                            f"OUTPUT={cls.directory}/{folder}"], check=True)

    def simulate(self, *arguments):
        return subprocess.run([self.directory / "simulator" / "simulator", "--column", "threads",
                               "--duration", "5", *arguments], capture_output=True, text=True,
                              check=False)

    def refusal(self, text):
        file = self.directory / "bad.costs"
        file.write_text(text, "ascii")
        done = self.simulate("--costs", file)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_the_simulator_reads_what_is_measured(self):
        file = self.directory / "here.costs"
        with mock.patch.object(costs, "PROGRAM", self.directory / "process/costs/measure-costs"), \
                mock.patch("builtins.print"):
            self.assertEqual(costs.main(Namespace(file=file, cpus=None, repeats=1)), 0)
        here = self.simulate("--costs", file)
        self.assertEqual(here.returncode, 0, here.stderr)
        self.assertNotEqual(here.stdout, self.simulate().stdout)

    def test_the_committed_file_is_what_is_built_in(self):
        committed = next((SIMULATOR / "costs").glob("*.costs"))
        self.assertEqual(self.simulate("--costs", committed).stdout, self.simulate().stdout)

    def test_bad_files_are_refused(self):
        self.assertIn("cannot be opened", self.simulate("--costs", "/nowhere").stderr)
        self.assertIn("bad.costs:2: not a name and nanoseconds", self.refusal("# x\npause -3\n"))
        self.assertIn("bad.costs:1: not a name and nanoseconds", self.refusal("pause 3 4\n"))
        self.assertIn("pause is there twice", self.refusal("pause 3\npause 3\n"))
        self.assertIn("the file of costs has no", self.refusal("pause 3\n"))
        committed = next((SIMULATOR / "costs").glob("*.costs")).read_text("ascii")
        self.assertIn("pause 0: too small",
                      self.refusal(re.sub(r"(?m)^pause .*", "pause 0", committed)))


if __name__ == "__main__":
    unittest.main()
