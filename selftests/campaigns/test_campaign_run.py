# SPDX-License-Identifier: GPL-2.0
"""Whole campaigns in a fake lab: results, failing cells, verification of settings."""

# pylint: disable=missing-function-docstring
import io
import os
import unittest
from unittest import mock

from campaign_case import CampaignCase
from lab.campaign.progress import Progress
from lab.errors import LabError


class QuickTest(CampaignCase):
    """The quick matrix as a whole."""

    def test_results_document(self):
        lab = self.lab()
        self.assertEqual(self.campaign("--seed", "5", lab=lab), 0)
        self.assertTrue(lab.closed)
        document = self.document()
        self.assertEqual(document["status"], "complete")
        self.assertEqual(len(document["cells"]), 15)
        self.assertEqual(document["manifest"]["seed"], 5)
        self.assertTrue(document["emulated"])
        for cell in document["cells"]:
            self.assertEqual(len(cell["repeats"]), 3)
            for name in ("lock", "implementation", "vcpus", "pcpus", "overcommit", "hold_ns",
                         "think_ns", "ops_per_s", "wait_p50_ns", "wait_p99_ns", "wait_p999_ns",
                         "wait_max_ns", "jain", "halts", "kicks", "steal_ns"):
                self.assertIsNotNone(cell[name], name)

    def test_medians_are_of_the_raw_repeats(self):
        self.campaign()
        cell = self.cell("pvticket", 4)
        raw = sorted(each["result"]["ops_per_s"] for each in cell["repeats"])
        self.assertEqual(cell["ops_per_s"], raw[1])

    def test_pathology_is_significant_and_aa_is_not(self):
        self.campaign()
        self.assertEqual(self.cell("ticket", 4)["change"]["ops_per_s"]["verdict"], "significant")
        self.assertLess(self.cell("ticket", 4)["change"]["ops_per_s"]["change_pct"], -90)
        self.assertEqual(self.cell("spinlock", 4, control=True)["change"]["ops_per_s"]["verdict"],
                         "not significant")
        self.assertEqual(len(self.document()["noise_floor"]), 3)

    def test_host_counts_where_the_lock_cannot(self):
        self.campaign()
        spinlock, pvticket = self.cell("spinlock", 2), self.cell("pvticket", 2)
        self.assertEqual((spinlock["halts"], spinlock["kicks"]), (1000, 500))
        self.assertEqual(spinlock["sources"]["halts"], "host")
        self.assertEqual(pvticket["sources"]["halts"], "guest")
        self.assertEqual(pvticket["repeats"][0]["metrics"]["halts_host"], 1000)
        self.assertIsNone(spinlock["spurious"])

    def test_overtakes_are_counted_by_locks_that_can(self):
        self.campaign()
        self.assertGreater(self.cell("pvticket", 4)["overtakes"], 0)
        self.assertEqual(self.cell("tas", 4)["overtakes"], 0)
        self.assertIsNone(self.cell("spinlock", 4)["overtakes"])
        self.assertRegex(self.printed, "spurious +overtakes +steal time")

    def test_guests_are_booted_once(self):
        lab = self.lab()
        self.campaign(lab=lab)
        self.assertEqual([guest.vcpus for guest in lab.guests], [2, 4, 8])

    def test_order_follows_the_seed(self):
        orders = []
        for seed in ("1", "1", "2"):
            lab = self.lab()
            self.campaign("--seed", seed, "--out",
                          os.path.join(self.scratch, f"{seed}-{len(orders)}"), lab=lab)
            orders.append(lab.requests)
        self.assertEqual(orders[0], orders[1])
        self.assertNotEqual(orders[0], orders[2])

    def test_progress_names_cell_and_eta(self):
        self.campaign()
        self.assertRegex(self.messages, r"\[45/45\] .* repeat 3/3  ETA \d+:\d\d")
        self.assertRegex(self.messages, r"seed \d+")


class ProgressTest(unittest.TestCase):
    """The progress line on a terminal."""

    def setUp(self):
        self.stream = io.StringIO()
        self.stream.isatty = lambda: True
        self.seconds = iter((0, 30))
        self.progress = Progress(self.stream, lambda: next(self.seconds))
        self.progress.start(3, 5)

    def test_line_is_rewritten_with_an_eta(self):
        self.progress.step("first")
        self.progress.step_done()
        self.progress.step("second")
        lines = self.stream.getvalue().split("\r")
        self.assertEqual(lines[1], "[1/3] first  ETA 0:15\x1b[K")
        self.assertEqual(lines[2], "[2/3] second  ETA 1:00\x1b[K")
        self.assertNotIn("\n", self.stream.getvalue())

    def test_messages_stay_above_the_line(self):
        self.progress.step("first")
        self.progress("a message")
        self.progress.close()
        self.assertTrue(self.stream.getvalue().endswith("\r\x1b[Ka message\n"))

    def test_line_fits_the_terminal(self):
        with mock.patch.dict(os.environ, {"COLUMNS": "20"}):
            self.progress.step("a long text " * 10)
        self.assertEqual(len(self.stream.getvalue()), len("\r" + "\x1b[K") + 19)


class FailingCellTest(CampaignCase):
    """A cell that goes wrong fails alone."""

    def fails(self, fault, lock="tas", vcpus=8):
        """Run the quick campaign with a fault in one cell; return that cell."""
        lab = self.lab(faults={(lock, vcpus): fault})
        self.assertEqual(self.campaign(lab=lab), 1)
        self.assertTrue(lab.closed)
        failed = [cell for cell in self.document()["cells"] if cell["status"] == "failed"]
        self.assertEqual([(cell["lock"], cell["vcpus"]) for cell in failed], [(lock, vcpus)])
        self.assertIsNone(failed[0]["ops_per_s"])
        self.assertEqual(self.document()["status"], "complete")
        return failed[0], lab

    def test_soft_lockup_keeps_log_and_restarts_the_guest(self):
        cell, lab = self.fails("soft lockup")
        self.assertIn("soft lockup", cell["failures"][0]["reason"])
        with open(self.path(cell["failures"][0]["log"]), encoding="utf-8") as log:
            self.assertEqual(log.read(), "booted\nthe last words\n")
        self.assertEqual([guest.vcpus for guest in lab.guests], [2, 4, 8, 8, 8])
        self.assertIn("FAILED: tas", self.messages)
        self.assertIn("Failed runs", self.printed)

    def test_timeout(self):
        cell, lab = self.fails("timeout")
        self.assertIn("no answer within 60 s", cell["failures"][0]["reason"])
        self.assertEqual(len(lab.guests), 5)

    def test_warning_at_boot_fails_no_run_but_is_recorded(self):
        lab = self.lab(faults={("tas", 8): "soft lockup"})
        lab.boot_warning = "WARNING: CPU: 0 PID: 0 at fpu/xstate.c:606"
        self.assertEqual(self.campaign(lab=lab), 1)
        failed = [cell["id"] for cell in self.document()["cells"] if cell["status"] != "ok"]
        self.assertEqual(failed, [self.cell("tas", 8)["id"]])
        self.assertIn("WARNING", self.document()["manifest"]["guests"]["2"]["boot_warning"])

    def test_cell_is_given_up_after_two_failures(self):
        cell, _ = self.fails("timeout")
        self.assertEqual(len(cell["failures"]), 2)

    def test_refused_run_tells_the_kernel_log(self):
        cell, lab = self.fails("refused")
        self.assertIn("lockbench: unknown lock", cell["failures"][0]["reason"])
        self.assertEqual(len(lab.guests), 3)

    def test_garbage(self):
        self.assertIn("not valid JSON", self.fails("garbage")[0]["failures"][0]["reason"])

    def test_settings_are_verified(self):
        for fault, text in (({"lock": "ticket"}, "asked for lock=tas"),
                            ({"threads": 1}, "asked for threads=8, but the result has 1"),
                            ({"thread_ops": [1, 2]}, "but 2 report shares"),
                            ({"hold_ns": 7}, "asked for hold_ns=1000"),
                            ({"think_ns": None}, "asked for think_ns=2000"),
                            ({"duration_ns": 400_000_000}, "asked for a duration"),
                            ({"duration_ns": 9_000_000_000}, "asked for a duration"),
                            ({"duration_ns": None}, "asked for a duration"),
                            ({"ops": 0}, "no operation was completed"),
                            ({"exclusion_ok": False}, "did not exclude"),
                            ({"exclusion_ok": None}, "did not exclude")):
            with self.subTest(text):
                self.out = os.path.join(self.scratch, str(abs(hash(str(fault)))))
                cell, _ = self.fails(fault)
                self.assertIn(text, cell["failures"][0]["reason"])

    def test_busted_lock_is_caught(self):
        self.assertEqual(self.campaign("--locks", "busted", "--overcommit", "2"), 1)
        self.assertIn("'busted' did not exclude: 7 violations",
                      self.cell("busted", 4)["failures"][0]["reason"])

    def test_guest_that_never_boots(self):
        lab = self.lab(faults={("boot", 8): True})
        self.assertEqual(self.campaign(lab=lab), 1)
        statuses = {cell["vcpus"]: set() for cell in self.document()["cells"]}
        for cell in self.document()["cells"]:
            statuses[cell["vcpus"]].add(cell["status"])
        self.assertEqual(statuses, {2: {"ok"}, 4: {"ok"}, 8: {"failed"}})
        self.assertIn("given up after 2 failed boots", self.messages)

    def test_lab_that_dies_keeps_what_was_measured(self):
        lab = self.lab(faults={("tas", 8): "lab dies"})
        self.assertEqual(self.campaign("--seed", "3", lab=lab), 2)
        self.assertEqual(self.document()["status"], "incomplete")
        self.assertIn("killed by signal 9", self.document()["status_reason"])
        self.assertGreater(len(self.records()), 0)


class SetupErrorTest(CampaignCase):
    """What is refused before anything runs, with nothing left behind."""

    def refused(self, text, *arguments, lab=None):
        """The campaign must be refused with the text, and leave no directory."""
        with self.assertRaisesRegex(LabError, text):
            self.campaign(*arguments, lab=lab)
        self.assertFalse(os.path.exists(self.out))

    def test_unknown_lock(self):
        self.refused("unknown lock 'mcs'; known locks are: pvticket", "--locks", "mcs")

    def test_unknown_matrix(self):
        self.refused("unknown matrix 'huge'; known matrices are: quick", "--matrix", "huge")

    def test_partial_vcpu(self):
        self.refused("whole number", "--overcommit", "1.3")

    def test_lab_that_does_not_open(self):
        class ClosedLab:
            """Fails to open."""
            pcpus = 2

            def open(self, _options):
                """Any host will do."""
                return self

            def __enter__(self):
                raise LabError("no disk space")

            def __exit__(self, *_unused):
                pass
        self.refused("no disk space", lab=ClosedLab())

    def test_no_guest_boots(self):
        self.refused("no guest can be used; the last was the guest with 8 vCPUs: no answer",
                     lab=self.lab(faults={("boot", size): True for size in (2, 4, 8)}))

    def test_lockbench_without_the_lock(self):
        self.refused("no guest can be used.*has no lock 'tas', only ticket", "--locks", "tas",
                     lab=self.lab(locks=("ticket",)))

    def test_modules_cannot_be_loaded(self):
        lab = self.lab()
        lab.modprobe = 1, "modprobe: module lockbench not found in modules.dep\n"
        self.refused("lockbench cannot be loaded in the guest: modprobe: module lockbench not "
                     "found in modules.dep; build them with 'make modules'", lab=lab)

    def test_existing_directory(self):
        os.mkdir(self.out)
        with self.assertRaisesRegex(LabError, "results directory exists; .*--resume"):
            self.campaign()
        self.assertEqual(os.listdir(self.out), [])


if __name__ == "__main__":
    unittest.main()
