# SPDX-License-Identifier: GPL-2.0
"""Durability: interruption, resuming, full disks, and directories in the way."""

# pylint: disable=missing-function-docstring
import errno
import os
import shutil
import signal
import subprocess
import sys
import unittest
from unittest import mock

from campaign_case import CampaignCase
from lab.campaign import command as campaign
from lab.errors import LabError
from lab.report.results import ResultsDirectory, link_latest, read_runs, write_atomically


class InterruptTest(CampaignCase):
    """Ctrl-C keeps what was measured."""

    def test_report_is_marked_incomplete(self):
        lab = self.lab(interrupt_after=20)
        self.assertEqual(self.campaign(lab=lab), 130)
        self.assertTrue(lab.closed)
        document = self.document()
        self.assertEqual((document["status"], document["status_reason"]),
                         ("incomplete", "interrupted"))
        self.assertEqual(len(self.records()), 20)
        self.assertEqual(sum(len(cell["repeats"]) for cell in document["cells"]), 20)
        with open(self.path("report.html"), encoding="utf-8") as stream:
            self.assertIn("This campaign is incomplete", stream.read())
        self.assertIn("incomplete (interrupted)", self.printed)
        self.assertIn(f"--resume {self.out}", self.messages)

    def test_nothing_measured_leaves_nothing(self):
        self.assertEqual(self.campaign(lab=self.lab(interrupt_after=0)), 130)
        self.assertFalse(os.path.exists(self.out))

    def test_sigterm_counts_as_interrupt(self):
        lab = self.lab()
        lab.together = mock.Mock(wait=lambda _seconds: os.kill(os.getpid(), signal.SIGTERM))
        before = signal.getsignal(signal.SIGTERM)
        self.assertEqual(self.campaign(lab=lab), 130)
        self.assertTrue(lab.closed)
        self.assertEqual(signal.getsignal(signal.SIGTERM), before)


class ResumeTest(CampaignCase):
    """A campaign that was interrupted goes on where it stopped."""

    def interrupted(self, *arguments, after=20):
        """Leave a campaign with some of its runs done."""
        self.campaign("--seed", "9", *arguments, lab=self.lab(interrupt_after=after))

    def test_only_missing_runs_are_run(self):
        whole = self.lab()
        self.campaign("--seed", "9", "--out", os.path.join(self.scratch, "whole"), lab=whole)
        self.interrupted()
        lab = self.lab()
        self.assertEqual(self.campaign("--resume", self.out, lab=lab), 0)
        self.assertEqual(lab.requests, whole.requests[20:])
        self.assertEqual(len(self.records()), 45)
        self.assertEqual(self.document()["status"], "complete")
        self.assertEqual(len(self.document()["manifest"]["sessions"]), 2)

    def test_failed_runs_are_tried_again(self):
        self.campaign(lab=self.lab(faults={("tas", 4): "timeout"}))
        lab = self.lab()
        self.assertEqual(self.campaign("--resume", self.out, lab=lab), 0)
        self.assertEqual(len(lab.requests), 3)
        self.assertEqual(self.cell("tas", 4)["status"], "ok")

    def test_complete_campaign_needs_no_lab(self):
        self.campaign()
        lab = self.lab()
        self.assertEqual(self.campaign("--resume", self.out, lab=lab), 0)
        self.assertEqual(lab.guests, [])

    def refused(self, text, *arguments, lab=None):
        """Resuming must be refused and change nothing."""
        before = self.contents()
        with self.assertRaisesRegex(LabError, text):
            self.campaign("--resume", self.out, *arguments, lab=lab)
        self.assertEqual(self.contents(), before)

    def contents(self):
        """All files of the results directory."""
        found = {}
        for name in os.listdir(self.out):
            with open(self.path(name), "rb") as stream:
                found[name] = stream.read()
        return found

    def test_mismatches_are_refused(self):
        self.interrupted()
        self.refused("seed differs: the campaign there has 9, now it is 10", "--seed", "10")
        self.refused("axes differs", "--locks", "tas")
        self.refused("axes differs", "--vcpus", "2")
        self.refused("repeats differs", "--repeats", "4")
        self.refused("duration_ms differs", "--duration-ms", "50")
        self.refused("pcpus differs", lab=self.lab(pcpus=4))
        self.refused("kernel was 6.1.0-fake and is now 6.12", lab=self.lab(kernel="6.12"))

    def test_same_options_are_accepted(self):
        self.interrupted("--repeats", "2")
        self.assertEqual(self.campaign("--resume", self.out, "--seed", "9", "--repeats", "2",
                                       "--vcpus", "2,4,8"), 0)

    def test_not_a_results_directory(self):
        with self.assertRaisesRegex(LabError, "campaign.json: cannot read: No such file"):
            self.campaign("--resume", self.scratch)

    def test_line_cut_short_by_a_crash(self):
        self.interrupted()
        with open(self.path("runs.jsonl"), "ab") as stream:
            stream.write(b'{"cell": "lock=t')
        self.assertEqual(len(read_runs(self.path("runs.jsonl"))), 20)
        self.assertEqual(self.campaign("--resume", self.out), 0)
        self.assertEqual(len(self.records()), 45)

    def test_damaged_line_is_named(self):
        self.interrupted()
        with open(self.path("runs.jsonl"), "ab") as stream:
            stream.write(b"garbage\n")
        self.refused("runs.jsonl: line 21: not valid JSON")

    def test_other_schema_is_refused(self):
        self.interrupted()
        write_atomically(self.path("campaign.json"), '{"schema_version": 99}')
        self.refused("schema version 99, this pvlab knows 1")


class DirectoryTest(CampaignCase):
    """Places that cannot take results."""

    def test_second_campaign_in_the_same_directory(self):
        self.campaign("--seed", "1", lab=self.lab(interrupt_after=5))
        first = ResultsDirectory.resume(self.out)
        with self.assertRaisesRegex(LabError, "another campaign is writing there"):
            self.campaign("--resume", self.out)
        first.close()
        self.assertEqual(self.campaign("--resume", self.out), 0)

    def test_parent_is_a_file(self):
        path = os.path.join(self.scratch, "file")
        write_atomically(path, "")
        with self.assertRaisesRegex(LabError, "cannot write: Not a directory; choose a path"):
            self.campaign("--out", os.path.join(path, "out"))

    def test_unwritable_parent(self):
        with mock.patch("os.makedirs", side_effect=OSError(errno.EACCES, "Permission denied")):
            with self.assertRaisesRegex(LabError, "Permission denied; choose a directory you may"):
                self.campaign()

    def test_nearly_full_disk_is_refused_at_the_start(self):
        usage = shutil.disk_usage(self.scratch)._replace(free=3 << 20)
        with mock.patch("shutil.disk_usage", return_value=usage):
            with self.assertRaisesRegex(LabError, "only 3 MiB free.*free some space"):
                self.campaign()
        self.assertFalse(os.path.exists(self.out))

    def test_latest_points_at_the_newest(self):
        for name in ("first", "second"):
            os.mkdir(os.path.join(self.scratch, name))
            link_latest(os.path.join(self.scratch, name))
            self.assertEqual(os.readlink(os.path.join(self.scratch, "latest")), name)

    def test_default_directory_gets_the_link(self):
        self.out = None
        with mock.patch.object(campaign, "RESULTS", self.scratch):
            self.assertEqual(self.campaign("--locks", "tas", "--overcommit", "1"), 0)
        latest = os.path.join(self.scratch, "latest")
        self.assertTrue(os.path.exists(os.path.join(latest, "results.json")))


class FullDiskTest(CampaignCase):
    """A disk that fills up in the middle of a campaign costs nothing that was measured."""

    def test_append_that_fails_leaves_whole_lines(self):
        self.campaign("--seed", "1", lab=self.lab(interrupt_after=5))
        results = ResultsDirectory.resume(self.out)
        with mock.patch("os.fsync", side_effect=OSError(errno.ENOSPC, "No space left on device")):
            with self.assertRaisesRegex(LabError, "runs.jsonl: cannot write: No space left on "
                                        "device; free some space, then continue with --resume"):
                results.append_run({"cell": "x", "repeat": 0})
        results.close()
        self.assertEqual(len(self.records()), 5)

    def test_campaign_stops_and_can_go_on(self):
        written = []
        append = ResultsDirectory.append_run

        def fill_up(results, record):
            written.append(record)
            if len(written) <= 7:
                append(results, record)
                return
            with mock.patch("os.fsync", side_effect=OSError(errno.ENOSPC, "No space left")):
                append(results, record)

        with mock.patch.object(ResultsDirectory, "append_run", fill_up):
            self.assertEqual(self.campaign("--seed", "2"), 2)
        self.assertIn("No space left", self.printed)
        self.assertEqual(len(self.records()), 7)
        self.assertEqual(self.campaign("--resume", self.out), 0)
        self.assertEqual(len(self.records()), 45)

    def test_figures_are_printed_when_no_report_can_be_written(self):
        error = LabError("results.json: cannot write: No space left; free some space")
        with mock.patch("lab.campaign.command.write_reports", side_effect=error):
            with self.assertRaisesRegex(LabError, "No space left"):
                self.campaign()
        self.assertIn("Throughput in", self.printed)
        self.assertEqual(len(self.records()), 45)

    def test_atomic_write_keeps_the_old_text(self):
        path = os.path.join(self.scratch, "document")
        write_atomically(path, "old")
        with mock.patch("os.fsync", side_effect=OSError(errno.ENOSPC, "No space left")):
            with self.assertRaisesRegex(LabError, "document: cannot write: No space left; free"):
                write_atomically(path, "new")
        with open(path, encoding="utf-8") as stream:
            self.assertEqual(stream.read(), "old")
        self.assertEqual(sorted(os.listdir(self.scratch)), ["document"])

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "needs a private tmpfs")
    def test_real_full_file_system(self):
        script = os.path.join(self.scratch, "fill.py")
        with open(script, "w", encoding="utf-8") as stream:
            stream.write(FILL)
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c",
             f"mount -t tmpfs -o size=64k tmpfs /mnt && exec {sys.executable} -B {script} "
             f"{os.path.dirname(os.path.abspath(__file__))}"],
            capture_output=True, text=True, timeout=60, check=False)
        if "permission denied" in done.stderr.lower():
            self.skipTest("may not mount a tmpfs here")
        self.assertEqual(done.stdout, "refused, whole lines: True\n", done.stderr)


FILL = """
import json, sys
sys.path.insert(0, sys.argv[1])
import fake_lab
from lab.report import results
results.BYTES_NEEDED = 0
directory = results.ResultsDirectory.create("/mnt/out", {"schema_version": 1, "plan": {"a": 1}})
count = 0
try:
    while count < 100000:
        directory.append_run({"cell": "x" * 500, "repeat": count})
        count += 1
except results.LabError as error:
    assert "No space left on device; free some space" in str(error), error
    whole = [json.loads(line) for line in open("/mnt/out/runs.jsonl")]
    print("refused, whole lines:", len(whole) == count > 10)
"""


if __name__ == "__main__":
    unittest.main()
