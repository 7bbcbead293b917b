#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Real programs in guests: their figures, the switch of the locks, and the means."""

import argparse
import json
import unittest

import fake_lab  # noqa: F401 # pylint: disable=unused-import # makes the package known
from lab.campaign.matrix import build_plan
from lab.campaign.options import programs
from lab.errors import LabError
from lab.report.means import mean_rows
from lab.workload import programs as workloads
from lab.workload.workload import RunFailure

OUTPUTS = {
    "hackbench": ("Running in process mode with 1 groups\nTime: 2.000\n", 4, 2.0),
    "sysbench-threads": ("General statistics:\n    total time:              2.0000s\n"
                         "    total number of events:  14708\n", 4, 7354),
    "perf-sched": ("0.500\n", 4, 0.5),
    "perf-futex": ("Run summary [PID 6953]: 2 threads\n\n"
                   "Averaged 1127 operations/sec (+- 0.04%), total secs = 1\n", 4, 1127),
    "sem-sysv": ("stress-ng: metrc: [1] stressor       bogo ops real time\n"
                 "stress-ng: metrc: [7049] sem-sysv         724122      1.02      0.10"
                 "      0.36    712665.63     1554116.64\n", 4, 712665.63),
    "flock": ("stress-ng: metrc: [1] flock  1200  2.00  0.10  0.30  600.50  3000.00\n"
              "stress-ng: metrc: [1] flock  2287.90 nanosecs per flock unlock call\n", 4, 600.5),
}


def expected(name, vcpus, figure):
    """What a figure of OUTPUTS stands for; of some programs it is a time."""
    loops = workloads.PROGRAMS[name].loops
    return loops * vcpus / figure if loops else figure


class RateTest(unittest.TestCase):
    """Figures in what the programs really print."""

    def test_every_kind_of_output(self):
        for name, (output, vcpus, figure) in OUTPUTS.items():
            with self.subTest(name):
                rate = workloads.rate_of(workloads.PROGRAMS[name], {"vcpus": vcpus}, output)
                self.assertAlmostEqual(rate, expected(name, vcpus, figure))

    def test_no_figure_is_a_failed_run(self):
        for output in ("", "stress-ng: fail: [1] no memory\n", "Time: 0.000\n"):
            with self.assertRaises(RunFailure):
                workloads.rate_of(workloads.PROGRAMS["hackbench"], {"vcpus": 4}, output)

    def test_commands_have_all_they_need(self):
        plan = {"duration_ms": 3000}
        for name, program in workloads.PROGRAMS.items():
            with self.subTest(name):
                command = workloads.command_of(program, {"vcpus": 2}, plan)
                self.assertNotRegex(command, "[{}]")


class SwitchedGuest:
    """A guest whose locks are switched; it counts halts while they are taken over."""

    vcpus = 4

    def __init__(self, obeys=True):
        self.obeys = obeys
        self.switches = 0
        self.taken_over = False
        self.halts = 0

    def run(self, command, timeout):
        """Answer one shell command."""
        assert timeout > 0
        if command.startswith("hackbench"):
            self.switches += command.count("> " + workloads.TAKEOVER) * self.obeys
            return 0, ""
        if command.startswith("sed "):
            return 0, f"{self.switches}\n"
        if command.startswith("echo "):
            wanted = command.startswith("echo 1")
            if self.obeys:
                self.taken_over = wanted
            return int(self.taken_over != wanted), ""
        if command.startswith("cd "):
            return 0, "\n".join([str(self.halts)] + ["0"] * (len(workloads.COUNTERS) - 1))
        self.halts += 10 * self.taken_over
        return 0, OUTPUTS["sem-sysv"][0]


class MeasureTest(unittest.TestCase):
    """One run in a guest."""

    def setUp(self):
        self.plan = {"duration_ms": 1000, "timeout_s": 60}
        self.workload = workloads.Programs()

    def cell(self, lock):
        """A cell with one of the two locks."""
        return {"program": "sem-sysv", "vcpus": 4, "lock": lock}

    def test_halts_are_the_modules_only_when_it_has_the_locks(self):
        guest = SwitchedGuest()
        for lock, halts in (("takeover", 10), ("spinlock", None), ("takeover", 10)):
            result = self.workload.measure(guest, self.cell(lock), self.plan)
            metrics = self.workload.evaluate(json.loads(json.dumps(result)), {}).metrics
            self.assertEqual(metrics["halts"], halts)
            self.assertAlmostEqual(metrics["ops_per_s"], 712665.63)

    def test_a_switch_without_effect_is_a_failed_run(self):
        with self.assertRaisesRegex(RunFailure, "has no effect"):
            self.workload.measure(SwitchedGuest(obeys=False), self.cell("takeover"), self.plan)

    def test_halts_of_the_module_while_the_kernel_has_its_locks_are_an_error(self):
        guest = SwitchedGuest(obeys=False)
        guest.run = lambda command, timeout: (
            (0, "") if command.startswith("echo") else SwitchedGuest.run(guest, command, timeout))
        guest.taken_over = True
        with self.assertRaisesRegex(RunFailure, "not the kernel's own"):
            self.workload.measure(guest, self.cell("spinlock"), self.plan)


class SwitchOftenTest(unittest.TestCase):
    """A guest with a past."""

    def test_as_often_as_was_asked(self):
        for count in (0, 1, 20, 45):
            with self.subTest(count):
                self.assertEqual(workloads.switch_often(SwitchedGuest(), count), count)

    def test_switches_without_effect_are_noticed(self):
        with self.assertRaisesRegex(RunFailure, "switched 0 times, not 3"):
            workloads.switch_often(SwitchedGuest(obeys=False), 3)

    def test_only_where_the_kernels_locks_are_measured(self):
        with self.assertRaisesRegex(LabError, "--matrix workloads"):
            build_plan("quick", {}, {"switches": 10}, 1, 2)
        plan = build_plan("workloads", {}, {"switches": 10}, 1, 2)
        self.assertEqual(plan["switches"], 10)


class ProgramsTest(unittest.TestCase):
    """The programs that are asked for."""

    def test_some_of_them(self):
        plan = build_plan("workloads", {"program": ["fork", "flock"]}, {}, 1, 2)
        self.assertEqual({cell["program"] for cell in plan["cells"]}, {"fork", "flock"})

    def test_unknown_or_named_twice(self):
        for text in ("vi", "fork,vi", "fork,fork", ""):
            with self.assertRaises(argparse.ArgumentTypeError):
                programs(text)

    def test_only_where_there_are_programs(self):
        with self.assertRaisesRegex(LabError, "--matrix workloads"):
            build_plan("quick", {"program": ["fork"]}, {}, 1, 2)


class MeanTest(unittest.TestCase):
    """The geometric mean over the programs."""

    def test_mean_worst_and_best(self):
        plan = build_plan("workloads", {"overcommit": [4]}, {}, 1, 2)
        ratios = dict(zip(workloads.PROGRAMS, (4.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5)))
        cells = [{**cell, "ops_per_s": 100.0 * (ratios.get(cell["program"], 1.0)
                                                if cell["lock"] == "takeover" else 1)}
                 for cell in plan["cells"]]
        rows = mean_rows(plan, cells)
        taken = next(row for row in rows if row[1] == "takeover")
        count = len(workloads.PROGRAMS)
        self.assertEqual(taken, ["8 (4x)", "takeover", f"{2 ** (1 / count):.3f}x", "0.500x",
                                 "4.000x", str(count)])
        again = next(row for row in rows if row[1] == "spinlock (A/A)")
        self.assertEqual(again[2], "1.000x")


if __name__ == "__main__":
    unittest.main()
