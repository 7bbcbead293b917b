# SPDX-License-Identifier: GPL-2.0
"""Campaigns with threads for vCPUs: what a program is asked, and what is believed of it."""

# pylint: disable=missing-function-docstring
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from lab.campaign.matrix import MATRICES, build_plan
from lab.errors import LabError
from lab.guest.kernel import NO_KERNEL
from lab.machines.base import LabOptions
from lab.machines.process import ProcessLab
from lab.report.facts import busy_repeats
from lab.workload.threads import ATTEMPTS, Threads, line
from lab.workload.workload import RunFailure

# What a program prints, with its arguments added; it counts its runs beside itself.
PROGRAM = """#!{python}
import json, pathlib, sys
log = pathlib.Path(sys.argv[0] + ".log")
log.write_text(log.read_text() + "x" if log.exists() else "x")
asked = dict(zip(sys.argv[1::2], sys.argv[2::2]))
result = json.loads({result!r})
result.update(lock=pathlib.Path(sys.argv[0]).name, threads=int(asked["--threads"]),
              hold_ns=int(asked["--hold"]), think_ns=int(asked["--think"]))
result["thread_ops"] = [5] * result["threads"]
if len(log.read_text()) < {settles}:
    result["work_drift"] = 0.9
print(json.dumps(result))
"""


def cells(matrix, **axes):
    """The cells of a plan without a kernel."""
    return build_plan(matrix, axes, {}, 1, 2, NO_KERNEL)["cells"]


class PlanTest(unittest.TestCase):
    """Matrices where there is no kernel."""

    def test_locks_stand_for_those_of_a_kernel(self):
        locks = {cell["lock"] for cell in cells("quick")}
        self.assertEqual(locks, {"pvticket", "ticket", "tas", "pv-qspinlock",
                                 "pv-qspinlock-tuned"})
        plan = build_plan("quick", {}, {}, 1, 2, NO_KERNEL)
        self.assertEqual((plan["baseline"], plan["more_baselines"]),
                         ("pv-qspinlock", ["pv-qspinlock-tuned"]))

    def test_no_interrupts_are_asked_for(self):
        full = cells("full")
        self.assertFalse(any("irqs_off" in cell for cell in full))
        self.assertEqual({cell["guests"] for cell in full}, {1, 2})

    def test_matrices_that_need_a_kernel_are_refused(self):
        for name in ("host", "lhp", "workloads"):
            with self.assertRaisesRegex(LabError, f"--matrix {name}: it needs guests with"):
                cells(name)

    def test_times_that_vary_need_threads(self):
        with self.assertRaisesRegex(LabError, "lockbench.ko has no holding times"):
            build_plan("holds", {}, {}, 1, 2)
        self.assertEqual({cell["hold_is"] for cell in cells("holds")},
                         {"fixed", "exponential", "rare"})

    def test_each_cell_says_all_it_wants(self):
        plan = build_plan("holds", {}, {}, 1, 2, NO_KERNEL)
        asked = {line(cell, plan) for cell in plan["cells"] if cell["lock"] == "tas"}
        self.assertEqual(len(asked), len({json.dumps(cell) for cell in plan["cells"]
                                          if cell["lock"] == "tas"}))
        self.assertIn("--threads 8 --hold 1000 --think 2000 --locks 1 --random 0 --hold-is rare "
                      "--duration 700 --warmup 100 --cooldown 0", asked)

    def test_matrices_name_known_axes(self):
        self.assertIn("hold_is", MATRICES["holds"]["axes"])


class LabTest(unittest.TestCase):
    """The lab, with a program that is none."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(scratch.cleanup)
        self.build = Path(scratch.name)
        self.options = LabOptions(lab="process", build=self.build, pcpus=1)
        self.plan = build_plan("quick", {"lock": ["pvticket"], "overcommit": [2]}, {}, 1, 1,
                               NO_KERNEL)

    def program(self, settles=0, **result):
        """Put a program there; its CPU's speed changes in the first runs."""
        result = {"exclusion_ok": True, "ops": 10, "duration_ns": 700_000_000,
                  "work_drift": 1.0, "others_share": 0, "ops_per_s": 14, **result}
        path = self.build / "process" / "pvticket"
        path.parent.mkdir(exist_ok=True)
        path.write_text(PROGRAM.format(python=sys.executable, result=json.dumps(result),
                                       settles=settles), encoding="utf-8")
        path.chmod(0o755)
        return path

    def measure(self):
        """One run of the only cell."""
        with ProcessLab(self.options, lambda text: None) as lab:
            guest = lab.start_guest("one", vcpus=2)
            workload = Threads()
            workload.prepare(guest, self.plan)
            return workload.evaluate(workload.measure(guest, self.plan["cells"][0], self.plan), {})

    def test_a_result(self):
        self.program(starved_share=0.25)
        metrics = self.measure().metrics
        self.assertEqual((metrics["ops_per_s"], metrics["starved_share"], metrics["steal_ns"]),
                         (14, 0.25, None))

    def test_again_if_the_speed_changed(self):
        log = Path(str(self.program(settles=3)) + ".log")
        self.measure()
        self.assertEqual(log.read_text(encoding="utf-8"), "xxx")

    def test_not_for_ever(self):
        log = Path(str(self.program(settles=99)) + ".log")
        with self.assertRaisesRegex(RunFailure, "speed changed in each of 4 runs.*-10.0%"):
            self.measure()
        self.assertEqual(log.read_text(encoding="utf-8"), "x" * ATTEMPTS)

    def test_again_if_others_used_the_cpus(self):
        log = Path(str(self.program(others_share=0.5)) + ".log")
        result = self.measure()
        self.assertEqual(log.read_text(encoding="utf-8"), "x" * ATTEMPTS)
        self.assertEqual((result.result["attempts"], result.metrics["others_share"]), (1, 0.5))

    def test_what_others_used_is_told(self):
        self.program()
        cell = {"repeats": [{"status": "ok", "metrics": {"others_share": share}}
                            for share in (0, 0.5)] + [{"status": "failed"}]}
        self.assertEqual(busy_repeats({"cells": [cell]}), [
            "in 1 of 2 runs others used more than 4% of the lab's CPUs, at most 50%, although such "
            "runs were repeated"])
        self.assertEqual(busy_repeats({"cells": []}), [])

    def test_a_lock_that_does_not_exclude(self):
        self.program(exclusion_ok=False, exclusion_violations=7)
        with self.assertRaisesRegex(RunFailure, "did not exclude: 7 violations"):
            self.measure()

    def test_a_program_that_fails(self):
        self.program().write_text("#!/bin/sh\necho no memory >&2\nexit 1\n", encoding="utf-8")
        with self.assertRaisesRegex(RunFailure, "exit code 1: no memory"):
            self.measure()

    def test_no_programs(self):
        with self.assertRaisesRegex(LabError, "run 'make process'"):
            self.measure()

    def test_a_lock_without_a_program(self):
        self.program()
        self.plan["cells"][0]["lock"] = "pv-qspinlock-6.12"
        with self.assertRaisesRegex(RunFailure, "RELEASES"):
            self.measure()

    def test_what_needs_a_kernel_is_refused(self):
        for option in ({"platform": "xen"}, {"vmm": "pvmm"}, {"host": "patched"},
                       {"guest_kernel": "tuned"}, {"release": "6.1"}):
            with self.assertRaisesRegex(LabError, "no guest kernel in the process lab"):
                LabOptions(lab="process", build=self.build, **option)

    def test_needs_no_kernel_headers(self):
        with mock.patch("lab.machines.base.default_release", side_effect=LabError("none")):
            options = LabOptions(lab="process", build=self.build, pcpus=1)
            self.assertRaises(LabError, LabOptions, build=self.build, pcpus=1)
        self.assertEqual(options.guest_kernel, NO_KERNEL)


if __name__ == "__main__":
    unittest.main()
