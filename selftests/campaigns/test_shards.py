# SPDX-License-Identifier: GPL-2.0
"""Campaigns on many machines: split, measured in parts, joined, and what is not joined."""

# pylint: disable=missing-function-docstring
import json
import os
import subprocess
import unittest
from unittest import mock

from campaign_case import CampaignCase
from lab.campaign.matrix import build_plan
from lab.campaign.shard import compared_cells, cut
from lab.errors import LabError
from lab.workload.cells import CONTROL, cell_id

ARGUMENTS = ("--overcommit", "1,2,4", "--locks", "pvticket,spinlock", "--repeats", "3",
             "--duration-ms", "10", "--warmup-ms", "0", "--seed", "7")
MACHINE = {"cpu": "C", "cpus": 2, "mem_mb": 1, "kernel": "6.1", "os": "D"}


def plan_of(matrix="quick", hosts=None):
    """A plan as a campaign has it."""
    return build_plan(matrix, {"host": hosts}, {}, 1, 2)


class CutTest(unittest.TestCase):
    """Which cells each job has."""

    def test_every_cell_once(self):
        for matrix, jobs in (("quick", 2), ("quick", 3), ("full", 5), ("full", 2), ("host", 2)):
            plan = plan_of(matrix)
            dealt = [cell_id(cell) for job in range(1, jobs + 1)
                     for cell in cut(plan, {"job": job, "of": jobs})["cells"]]
            self.assertEqual(sorted(dealt), sorted(map(cell_id, plan["cells"])))
            self.assertEqual(len(dealt), len(set(dealt)))

    def test_what_is_compared_stays_together(self):
        for matrix, hosts in (("full", None), ("quick", ["stock", "patched"])):
            plan = plan_of(matrix, hosts)
            parts = [cut(plan, {"job": job, "of": 3})["cells"] for job in (1, 2, 3)]
            for cells in compared_cells(plan):
                self.assertEqual(sum(cells[0] in part for part in parts), 1)
                self.assertTrue(any(all(cell in part for cell in cells) for part in parts))
                self.assertTrue(any(cell.get(CONTROL) for cell in cells))
                self.assertEqual({cell.get("host") for cell in cells}, set(hosts or [None]))

    def test_jobs_are_about_alike(self):
        plan = plan_of("full")
        sizes = [len(cut(plan, {"job": job, "of": 4})["cells"]) for job in range(1, 5)]
        self.assertLess(max(sizes), 2 * min(sizes), sizes)

    def test_more_jobs_than_places(self):
        with self.assertRaisesRegex(LabError, "at most 3"):
            cut(plan_of(), {"job": 1, "of": 4})


class ShardCase(CampaignCase):
    """Parts of a campaign, each measured by a fake lab."""

    def setUp(self):
        super().setUp()
        self.codes = []

    # pylint: disable-next=too-many-arguments # all that a part may differ in
    def part(self, name, shard=None, machine="a", more=(), manifest=None, lab=None):
        """Measure a part, or a whole campaign, on a machine; its directory."""
        lab = lab or self.lab()
        known = {"node": machine, "machine": MACHINE, **(manifest or {})}
        plain = lab.manifest
        path = os.path.join(self.scratch, "parts", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shards = ("--shard", shard) if shard else ()
        with mock.patch.object(lab, "manifest", lambda: {**plain(), **known}):
            code = self.campaign(*ARGUMENTS, *shards, *more, "--out", path, lab=lab)
        self.codes.append(code)
        return path

    def merge(self, *paths):
        return self.pvlab("merge", *paths, "--out", self.out)

    def refused(self, *paths, words=()):
        self.assertEqual(self.merge(*paths), 2, self.printed)
        for word in words:
            self.assertIn(word, self.messages)
        self.assertFalse(os.path.exists(self.out))


class MergeTest(ShardCase):
    """What becomes of the parts."""

    def test_parts_of_two_machines(self):
        self.part("job-1", "1/2", "a")
        self.part("job-2", "2/2", "b")
        self.assertEqual(self.merge(os.path.join(self.scratch, "parts")), 0, self.messages)
        document = self.document()
        self.assertEqual(document["status"], "complete")
        self.assertEqual(len(document["cells"]), 9)
        self.assertEqual(document["plan"]["axes"]["machine"], ["a", "b"])
        self.assertEqual(set(document["manifest"]["machines"]), {"a", "b"})
        self.assertEqual({cell["machine"] for cell in document["cells"]}, {"a", "b"})
        for cell in document["cells"]:
            self.assertEqual(len(cell["repeats"]), 3)
            if cell["lock"] == "pvticket":
                self.assertIsNotNone(cell["change"]["ops_per_s"]["change_pct"])
        self.assertEqual(self.pvlab("report", self.out), 0)

    def test_the_same_figures_as_in_one(self):
        """Joining changes no figure."""
        parts = [self.part(f"job-{job}", f"{job}/3") for job in (1, 2, 3)]
        records = {}
        for path in parts:
            with open(os.path.join(path, "runs.jsonl"), encoding="utf-8") as stream:
                records.update({(record["cell"], record["repeat"]): record["metrics"]
                                for record in map(json.loads, stream)})
        self.assertEqual(self.merge(*parts), 0, self.messages)
        joined = {(cell_id({axis: value for axis, value in record["axes"].items()
                            if axis != "machine"}), record["repeat"]): record["metrics"]
                  for record in self.records()}
        self.assertEqual(joined, records)

    def test_whole_campaigns_of_two_machines(self):
        parts = [self.part("a", machine="a"), self.part("b", machine="b", more=("--seed", "9"))]
        self.assertEqual(self.merge(*parts), 0, self.messages)
        document = self.document()
        self.assertEqual(len(document["cells"]), 18)
        groups = [floor["group"]["machine"] for floor in document["noise_floor"]]
        self.assertEqual(sorted(groups), ["a"] * 3 + ["b"] * 3)

    def test_hosts_that_are_compared(self):
        more = ("--host", "stock,patched")
        parts = [self.part(f"job-{job}", f"{job}/3", str(job), more) for job in (1, 2, 3)]
        self.assertEqual(self.merge(*parts), 0, self.messages)
        cells = [cell for cell in self.document()["cells"] if not cell.get("control")]
        self.assertEqual(len(cells), 12)
        for cell in cells:
            against = cell["change_along"]["host"]["against"]
            self.assertIn(f"machine={cell['machine']},", against)

    def test_machines_without_a_name(self):
        other = {"node": None, "machine": {**MACHINE, "mem_mb": 2}}
        parts = [self.part("a", "1/2", None), self.part("b", "2/2", manifest=other)]
        self.assertEqual(self.merge(*parts), 0, self.messages)
        self.assertEqual(self.document()["plan"]["axes"]["machine"],
                         ["C, 2 CPUs", "C, 2 CPUs #2"])

    def test_logs_come_along(self):
        lab = self.lab(faults={("pvticket", 4): "soft lockup"})
        parts = [self.part(f"job-{job}", f"{job}/2", lab=lab) for job in (1, 2)]
        self.assertEqual(self.merge(*parts), 0, self.messages)
        logs = [failure["log"] for cell in self.document()["cells"]
                for failure in cell["failures"]]
        self.assertTrue(logs)
        self.assertTrue(all(os.path.exists(self.path(log)) for log in logs))

    def test_partial(self):
        path = self.part("job-1", "1/2")
        self.refused(path, words=["nothing to join"])
        self.assertEqual(self.pvlab("merge", path, "--partial", "--out", self.out), 0)


class RefusalTest(ShardCase):
    """What does not belong together."""

    def pair(self, **second):
        """Two parts, the second of which differs."""
        return self.part("job-1", "1/2"), self.part("job-2", **{"shard": "2/2", **second})

    def test_control(self):
        """Nothing differs."""
        self.assertEqual(self.merge(*self.pair()), 0, self.messages)

    def test_missing_job(self):
        parts = self.part("job-1", "1/3"), self.part("job-2", "2/3")
        self.refused(*parts, words=["3 of 3 jobs missing"])

    def test_job_twice(self):
        self.refused(*self.pair(shard="1/2"), words=["1/2", "job-1", "job-2"])

    def test_other_number_of_jobs(self):
        self.refused(*self.pair(shard="2/3"), words=["2/3", "1/2"])

    def test_other_seed(self):
        self.refused(*self.pair(more=("--seed", "8")), words=["seed is 8, and 7"])

    def test_other_duration(self):
        self.refused(*self.pair(more=("--duration-ms", "20")), words=["duration_ms is 20"])

    def test_other_lab(self):
        self.refused(*self.pair(manifest={"label": "real"}), words=["label is real"])

    def test_other_kernel(self):
        self.refused(*self.pair(manifest={"kernel": "6.2"}), words=["kernel is 6.2"])

    def test_other_settings_of_one_machine(self):
        parts = [self.part(f"job-{job}", f"{job}/2", manifest={
            "settings": {"frequency": {"scaling_governor": governor}}})
                 for job, governor in ((1, "performance"), (2, "powersave"))]
        self.refused(*parts, words=["scaling_governor", "same machine"])

    def test_other_settings_of_another_machine(self):
        """Those are what the factor is for."""
        parts = [self.part(f"job-{job}", f"{job}/2", machine=governor, manifest={
            "settings": {"frequency": {"scaling_governor": governor}}})
                 for job, governor in ((1, "performance"), (2, "powersave"))]
        self.assertEqual(self.merge(*parts), 0, self.messages)

    def test_part_and_whole(self):
        self.refused(*self.pair(shard=None), words=["the other a whole one"])

    def test_whole_campaigns_of_one_machine(self):
        self.refused(self.part("a"), self.part("b"), words=["pvlab compare"])

    def test_joined_already(self):
        parts = self.pair()
        self.merge(*parts)
        joined, self.out = self.out, os.path.join(self.scratch, "again")
        self.refused(joined, parts[0], words=["joined already"])

    def test_interrupted_job(self):
        first = self.part("job-1", "1/2")
        second = self.part("job-2", "2/2", lab=self.lab(interrupt_after=2))
        self.assertEqual(self.codes, [0, 130])
        self.refused(first, second, words=["incomplete", "run the job again"])

    def test_no_results(self):
        self.refused(self.scratch, words=["no results there"])

    def test_resumed_as_another_part(self):
        path = self.part("job-1", "1/2")
        with self.assertRaisesRegex(LabError, "is part 1/2"):
            self.campaign("--resume", path, "--shard", "2/2")
        self.assertEqual(self.campaign("--resume", path, "--shard", "1/2"), 0)


class ShardTest(ShardCase):
    """The command that writes the jobs."""

    def shard(self, *arguments):
        return self.pvlab("shard", "--jobs", "3", "--into", self.out, *arguments)

    def test_scripts(self):
        self.assertEqual(self.shard("--lab", "process", "--repeats", "3"), 0, self.messages)
        with open(self.path("array.sbatch"), encoding="utf-8") as stream:
            self.assertIn("#SBATCH --array=1-3\n", stream.read())
        with open(self.path("job"), encoding="utf-8") as stream:
            text = stream.read()
        self.assertRegex(text, r"campaign --lab process --repeats 3 --seed \d+ --shard "
                               r'"\$1/3"')
        for script in ("job", "array.sbatch"):
            subprocess.run(["sh", "-n", self.path(script)], check=True)

    def test_refusals(self):
        for arguments, word in ((("--out", "x"), "--out"), (("--resume", "x"), "--resume"),
                                (("--lab", "all"), "--lab all"),
                                (("--overcommit", "1"), "at most 1")):
            self.assertEqual(self.shard(*arguments), 2)
            self.assertIn(word, self.messages)
            self.assertFalse(os.path.exists(self.out))
        self.assertEqual(self.shard(), 0)
        self.assertEqual(self.shard(), 2)
        self.assertIn("exists", self.messages)

    def test_numbers(self):
        for text in ("0/2", "3/2", "1", "a/2", "1/100000"):
            with self.assertRaises(SystemExit):
                self.pvlab("campaign", "--shard", text)


if __name__ == "__main__":
    unittest.main()
