# SPDX-License-Identifier: GPL-2.0
"""Two campaigns compared: known answers, what is refused, and what CI is told."""

# pylint: disable=missing-function-docstring
import csv
import io
import json
import os
import random
import re
import shutil
import tempfile
import unittest

from campaign_case import CommandCase
from lab.report import stats

LOCKS = {"spinlock": (90, 95, 100, 105, 110), "pvticket": (180, 190, 200, 210, 220)}
MANIFEST = {"label": "real CPUs", "emulated": False, "git_revision": "1111",
            "machine": {"cpu": "C", "cpus": 2, "kernel": "6.1"}, "pcpus": 2}
PLAN = {"matrix": "quick", "seed": 1, "pcpus": 2, "workload": "lockbench", "series": "lock",
        "x": "overcommit", "facets": ["hold_ns"], "repeats": 5, "duration_ms": 100,
        "warmup_ms": 10, "baseline": "spinlock",
        "axes": {"hold_ns": [1000], "overcommit": [2], "lock": list(LOCKS)}}


def axes_of(lock, **more):
    """A cell before it is measured."""
    return {"hold_ns": 1000, "overcommit": 2, "lock": lock, "vcpus": 4, "pcpus": 2, **more}


class CompareCase(CommandCase):
    """Campaigns of two locks, written as 'pvlab campaign' does."""

    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix="pvlab-test-")
        self.addCleanup(shutil.rmtree, self.scratch)

    def write(self, name, gain=1, plan=None, manifest=None, change=None):
        """A campaign in which pvticket has so many times the throughput."""
        path = os.path.join(self.scratch, name)
        os.makedirs(path)
        samples = {lock: list(values) for lock, values in LOCKS.items()}
        samples["pvticket"] = [gain * value for value in samples["pvticket"]]
        cells = {lock: axes_of(lock) for lock in LOCKS}
        cells["control"] = axes_of("spinlock", control=True)
        samples["control"] = samples["spinlock"]
        if change:
            change(cells, samples)
        runs = [self.record(cells[key], repeat, value) for key, values in samples.items()
                for repeat, value in enumerate(values)]
        session = {"started": "2026-01-01", "ended_by": None, "guests": {}, "duration_s": 1,
                   "manifest": {**MANIFEST, **(manifest or {})}}
        campaign = {"schema_version": 1, "sessions": [session],
                    "plan": {**PLAN, **(plan or {}), "cells": list(cells.values())}}
        with open(os.path.join(path, "campaign.json"), "w", encoding="utf-8") as stream:
            json.dump(campaign, stream)
        with open(os.path.join(path, "runs.jsonl"), "w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(run) + "\n" for run in runs)
        return path

    @staticmethod
    def record(cell, repeat, value):
        """One run; without a value, a failed one."""
        name = ",".join(f"{axis}={cell[axis]}" for axis in sorted(cell))
        if value is None:
            return {"cell": name, "repeat": repeat, "status": "failed", "reason": "panic",
                    "metrics": {}, "sources": {}, "result": {}}
        return {"cell": name, "repeat": repeat, "status": "ok", "result": {}, "sources": {},
                "metrics": {"ops_per_s": value, "wait_max_ns": 1e9 / value}}

    def compare(self, before, after, *arguments):
        return self.pvlab("compare", before, after, *arguments)

    def rows(self, before, after, *arguments):
        """The comparison as CSV, by lock or by what a mean is of."""
        self.assertEqual(self.compare(before, after, "--format", "csv", *arguments), 0)
        return {f"mean of {row['mean_of']}" if row["mean_of"] else row["lock"] + row["control"]: row
                for row in csv.DictReader(io.StringIO(self.printed))}


class IntervalTest(unittest.TestCase):
    """Confidence intervals and effect sizes of known samples."""

    def test_known_interval(self):
        # Of 252 choices, those with U <= 2 are 4, 4 / 252 <= 0.025: the third ratio is the bound.
        values, baseline = [20, 22, 24, 26, 28], [10, 11, 12, 13, 14]
        ratios = sorted(value / each for value in values for each in baseline)
        self.assertEqual(stats.ratio_interval(values, baseline), (ratios[2], ratios[22]))

    def test_interval_agrees_with_the_rank_test(self):
        dealer = random.Random(5)
        for _ in range(300):
            size = dealer.randrange(4, 8)
            left = [dealer.uniform(90, 115) for _ in range(size)]
            right = [dealer.uniform(95, 120) for _ in range(5)]
            low, high = stats.ratio_interval(left, right)
            self.assertEqual(not low <= 1 <= high, stats.rank_test(left, right) <= 0.05)

    def test_too_few_or_no_ratio(self):
        self.assertIsNone(stats.ratio_interval([1, 2, 3], [4, 5, 6]))
        self.assertIsNone(stats.ratio_interval([0, 2, 3, 4, 5], [4, 5, 6, 7, 8]))

    def test_effect_size(self):
        self.assertEqual(stats.superiority([4, 5], [1, 2]), 1)
        self.assertEqual(stats.superiority([1, 2], [4, 5]), -1)
        self.assertEqual(stats.superiority([1, 2], [1, 2]), 0)
        self.assertEqual(stats.superiority([2, 2], [1, 2]), 0.5)

    def test_mean_of_ratios(self):
        pairs = [([8], [1]), ([1], [2])]
        self.assertAlmostEqual(stats.mean_ratio(pairs), 2)
        self.assertIsNone(stats.mean_ratio([]))
        self.assertIsNone(stats.mean_ratio_interval(pairs))

    def test_interval_of_the_mean(self):
        low, high = stats.mean_ratio_interval([([4] * 5, [2] * 5), ([1] * 5, [2] * 5)])
        self.assertAlmostEqual(low, 1)
        self.assertAlmostEqual(high, 1)
        dealer = random.Random(7)
        pairs = [[[dealer.gauss(middle, middle / 25) for _ in range(5)] for middle in (150, 100)]
                 for _ in range(8)]
        low, high = stats.mean_ratio_interval(pairs)
        self.assertTrue(1.4 < low < 1.5 < high < 1.6, (low, high))


class AnswerTest(CompareCase):
    """What is said of campaigns that are known."""

    def test_known_change(self):
        rows = self.rows(self.write("a"), self.write("b", gain=0.5))
        row = rows["pvticket"]
        self.assertEqual((float(row["ratio"]), row["verdict"]), (0.5, "worse"))
        self.assertAlmostEqual(float(row["p_value"]), 2 / 252)
        self.assertEqual(float(row["effect"]), -1)
        self.assertTrue(float(row["ratio_low"]) < 0.5 < float(row["ratio_high"]) < 1)
        self.assertEqual(rows["spinlock"]["verdict"], "not significant")
        # Two cells, without the A/A one: the root of 0.5.
        self.assertAlmostEqual(float(rows["mean of all"]["ratio"]), 0.5 ** 0.5)

    def test_less_is_better(self):
        row = self.rows(self.write("a"), self.write("b", gain=2), "--metric",
                        "wait_max_ns")["pvticket"]
        self.assertEqual((float(row["ratio"]), row["verdict"]), (0.5, "better"))

    def test_noise_floor_of_either_counts(self):
        def noisy(_, samples):
            samples["control"] = samples["spinlock"] = [40, 50, 100, 200, 250]
        for first, second in ((None, noisy), (noisy, None)):
            name = "noisy-first" if first else "noisy-second"
            row = self.rows(self.write(f"{name}-a", change=first),
                            self.write(f"{name}-b", gain=1.5, change=second))["pvticket"]
            self.assertEqual(row["verdict"], "not significant")
            self.assertLess(float(row["p_value"]), 0.05)

    def test_three_repeats_are_too_few(self):
        def short(_, samples):
            samples["pvticket"] = samples["pvticket"][:3]
        rows = self.rows(self.write("a", change=short), self.write("b", gain=9, change=short))
        self.assertEqual(rows["pvticket"]["verdict"], "too few repeats")

    def test_text_names_what_differs(self):
        before = self.write("a")
        after = self.write("b", gain=2, manifest={"git_revision": "2222"})
        self.assertEqual(self.compare(before, after), 0)
        self.assertIn("git_revision: 1111 -> 2222", self.printed)
        self.assertRegex(self.printed, r"pvticket +200 .* 2x .* better")
        self.assertRegex(self.printed, r"throughput +all +1.41x")

    def test_settings_of_the_host(self):
        powersave = {"settings": {"frequency": {"scaling_governor": "powersave"}}}
        performance = {"settings": {"frequency": {"scaling_governor": "performance"}}}
        before, after = self.write("a", manifest=powersave), self.write("b", manifest=performance)
        self.compare(before, after)
        self.assertIn("scaling_governor: powersave -> performance", self.printed)
        self.compare(self.write("earlier"), after)
        self.assertNotIn("governor", self.printed)

    def test_results_json_alone(self):
        before, after = self.write("a"), self.write("b")
        self.pvlab("report", after)
        os.remove(os.path.join(after, "campaign.json"))
        for path in (after, os.path.join(after, "results.json")):
            self.assertEqual(self.compare(before, path), 0, self.messages)

    def test_benchstat(self):
        after = self.write("b", gain=2, manifest={"git_revision": "2222"})
        self.compare(self.write("a"), after, "--format", "benchstat")
        lines = self.printed.splitlines()
        # benchstat makes a table for each of what differs, but for the key of its columns.
        keys = [line.partition(": ")[::2] for line in lines if re.match("[a-z]+: ", line)]
        self.assertEqual({key for key, value in keys if keys.count((key, value)) == 1},
                         {"campaign"})
        self.assertIn("Unit ops/s better=higher", lines)
        bench = "BenchmarkLockbench/lock=pvticket/hold_ns=1000/overcommit=2 1"
        self.assertIn(f"{bench} 180 ops/s", lines)
        self.assertEqual(sum(line.startswith(bench) for line in lines), 10)
        second = lines.index(f"campaign: {os.path.join(self.scratch, 'b')}")
        self.assertGreater(lines.index(f"{bench} 440 ops/s"), second)


class RefusalTest(CompareCase):
    """What does not belong together is named, with the reason."""

    def refused(self, after, *words, before=None, arguments=()):
        self.assertEqual(self.compare(before or self.write("a"), after, *arguments), 2)
        self.assertEqual(self.printed, "")
        for word in words:
            self.assertIn(word, self.messages)

    def test_other_lab(self):
        self.refused(self.write("b", manifest={"label": "emulated"}), "lab", "emulated",
                     "real CPUs")

    def test_other_machine(self):
        self.refused(self.write("b", manifest={"machine": {"cpu": "D", "cpus": 2}}),
                     "CPU model", "'D'", "'C'")

    def test_other_duration(self):
        self.refused(self.write("b", plan={"duration_ms": 200}), "duration_ms", "200", "100")

    def test_other_workload(self):
        self.refused(self.write("b", plan={"workload": "programs"}), "workload", "programs")

    def test_no_cell_in_common(self):
        def other(cells, _):
            for cell in cells.values():
                cell["hold_ns"] = 7
        self.refused(self.write("b", change=other), "no cell", "hold_ns=7")

    def test_itself(self):
        path = self.write("b")
        self.refused(os.path.join(path, "."), "same campaign", before=path)

    def test_series(self):
        path = os.path.join(self.scratch, "series")
        os.makedirs(path)
        with open(os.path.join(path, "results.json"), "w", encoding="utf-8") as stream:
            json.dump({"schema_version": 1, "labs": {}}, stream)
        self.refused(path, "several labs")

    def test_not_there(self):
        self.refused(os.path.join(self.scratch, "none"), "cannot read", "none")

    def test_not_measured(self):
        self.refused(self.write("b"), "jain", "pvlab report", arguments=("--metric", "jain"))


class GateTest(CompareCase):
    """--fail-worse: an exit code for CI."""

    def gate(self, before, after, percent=5, more=()):
        return self.compare(before, after, "--fail-worse", str(percent), *more)

    def test_equal_passes(self):
        self.assertEqual(self.gate(self.write("a"), self.write("b")), 0, self.messages)
        self.assertIn("nothing is worse", self.messages)

    def test_better_passes(self):
        self.assertEqual(self.gate(self.write("a"), self.write("b", gain=3)), 0, self.messages)

    def test_worse_fails(self):
        self.assertEqual(self.gate(self.write("a"), self.write("b", gain=0.6)), 1)
        self.assertIn("lock=pvticket", self.messages)
        self.assertNotIn("lock=spinlock", self.messages)

    def test_worse_within_the_bound_passes(self):
        self.assertEqual(self.gate(self.write("a"), self.write("b", gain=0.6), 45), 0,
                         self.messages)

    def test_the_aa_cell_alone_is_not_judged(self):
        def slow(_, samples):
            samples["control"] = [value * 0.6 for value in samples["control"]]
            samples["spinlock"] = [0.99 * value for value in samples["spinlock"]]
        self.assertEqual(self.gate(self.write("a"), self.write("b", change=slow)), 0,
                         self.messages)

    def test_longer_waits_fail(self):
        self.assertEqual(self.gate(self.write("a"), self.write("b", gain=0.6),
                                   more=("--metric", "wait_max_ns")), 1)

    def test_newly_failed_cell_fails(self):
        def failing(_, samples):
            samples["pvticket"] = [None] * 5
        before, after = self.write("a"), self.write("b", change=failing)
        self.assertEqual(self.gate(before, after), 1)
        self.assertIn("failed", self.messages)

    def test_too_few_repeats_are_no_pass(self):
        def short(_, samples):
            samples["pvticket"] = samples["pvticket"][:2]
        self.assertEqual(self.gate(self.write("a"), self.write("b", change=short)), 2)
        self.assertIn("too few", self.messages)

    def test_missing_cells_are_no_pass(self):
        def without(cells, samples):
            del cells["pvticket"], samples["pvticket"]
        self.assertEqual(self.gate(self.write("a"), self.write("b", change=without)), 2)
        self.assertIn("lacks 1 cells", self.messages)

    def test_noise_is_told(self):
        self.assertEqual(self.gate(self.write("a"), self.write("b"), 1), 0)
        self.assertIn("noise floor above 1 %", self.messages)

    def test_percent(self):
        for text in ("-1", "100", "nan", "x"):
            with self.assertRaises(SystemExit):
                self.pvlab("compare", "a", "b", f"--fail-worse={text}")


if __name__ == "__main__":
    unittest.main()
