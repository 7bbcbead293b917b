# SPDX-License-Identifier: GPL-2.0
"""Campaigns with guests that compete, and with more guests than fit into the lab."""

# pylint: disable=missing-function-docstring
import threading
import unittest
from unittest import mock

from campaign_case import CampaignCase
from lab.campaign import matrix

SMALL = ("--overcommit", "2", "--locks", "pvticket,spinlock,spinlock-tuned")


def competing(**axes):
    """The quick matrix with two guests in every cell."""
    quick = matrix.MATRICES["quick"]
    both = {**quick, "axes": {**quick["axes"], "guests": [2], **axes},
            "facets": quick["facets"] + ["guests"]}
    return mock.patch.dict(matrix.MATRICES, {"quick": both})


class CompetitionTest(CampaignCase):
    """Two guests in every cell."""

    def test_both_run_the_same_at_the_same_time(self):
        lab = self.lab()
        lab.together = threading.Barrier(2)
        with competing():
            self.assertEqual(self.campaign(*SMALL, lab=lab), 0)
        self.assertEqual([guest.name for guest in lab.guests],
                         ["campaign-4", "campaign-4-guest2", "campaign-4-tuned",
                          "campaign-4-tuned-guest2"])
        pairs = list(zip(lab.requests[::2], lab.requests[1::2]))
        self.assertEqual(len(pairs), 4 * 3)
        for one, other in pairs:
            self.assertNotEqual(one.pop("guest"), other.pop("guest"))
            self.assertEqual(one, other)
            self.assertEqual((one["warmup_ms"], one["cooldown_ms"]), ("1200", "1000"))

    def test_results_of_both(self):
        with competing():
            self.campaign(*SMALL)
        cell = self.cell("pvticket", 4)
        repeat = cell["repeats"][0]
        self.assertEqual(repeat["other"]["result"]["lock"], "pvticket")
        self.assertEqual(repeat["other"]["host_counters"]["halt_exits"], 1000)
        self.assertEqual(repeat["metrics"]["other_ops_per_s"],
                         repeat["other"]["result"]["ops_per_s"])
        self.assertAlmostEqual(cell["guests_jain"], 1, delta=0.01)
        self.assertIn("2 guests that compete", self.printed)
        self.assertRegex(self.printed, r"(?m)^Each of the guests: .*2 guests that compete")
        self.assertRegex(self.printed, r"4 \(2x\)  pvticket +2\d\dk +2\d\dk +1\.000 ")

    def test_single_guests_have_no_second_result(self):
        self.campaign(*SMALL)
        cell = self.cell("pvticket", 4)
        self.assertIsNone(cell["other_ops_per_s"])
        self.assertNotIn("other", cell["repeats"][0])
        self.assertNotIn("Each of the guests", self.printed)

    def test_runs_that_were_apart_fail(self):
        # The clocks are read one after the other, which takes its time on a busy machine.
        for apart, code, status in ((800, 0, "ok"), (1200, 1, "failed")):
            self.out = f"{self.scratch}/{apart}"
            lab = self.lab()
            lab.apart_ms = apart
            with competing():
                self.assertEqual(self.campaign(*SMALL, lab=lab), code)
            self.assertEqual(self.cell("pvticket", 4)["status"], status)
        self.assertRegex(self.printed, r"the guests were measured 1[12]\d\d ms apart")

    def test_both_guests_are_replaced_if_one_fails(self):
        lab = self.lab(faults={("pvticket", 4): "timeout"})
        with competing():
            self.assertEqual(self.campaign("--overcommit", "2", "--locks", "pvticket,spinlock",
                                           lab=lab), 1)
        names = [guest.name for guest in lab.guests]
        # The first two, and two more for each of the two failures.
        self.assertEqual(names, ["campaign-4", "campaign-4-guest2"] * 3)
        self.assertEqual([guest.alive for guest in lab.guests], [False] * 4 + [True] * 2)


class GuestLimitTest(CampaignCase):
    """More guests than there is room for."""

    def test_the_one_unused_for_longest_makes_room(self):
        lab = self.lab()
        lab.guest_limit = 2
        self.assertEqual(self.campaign("--overcommit", "1,2,4", "--locks", "pvticket,spinlock",
                                       lab=lab), 0)
        self.assertGreater(len(lab.guests), 3)
        self.assertEqual(lab.most_alive(), 2)
        self.assertEqual(set(self.document()["manifest"]["guests"]), {"2", "4", "8"})

    def test_a_guest_of_the_cell_never_makes_room(self):
        lab = self.lab()
        lab.guest_limit = 2
        lab.together = threading.Barrier(2)
        with competing():
            self.assertEqual(self.campaign("--overcommit", "1,2", "--locks", "pvticket,spinlock",
                                           lab=lab), 0)
        self.assertEqual(lab.most_alive(), 2)

    def test_room_for_all_means_one_boot_each(self):
        lab = self.lab()
        lab.guest_limit = 3
        self.campaign("--overcommit", "1,2,4", "--locks", "pvticket,spinlock", lab=lab)
        self.assertEqual([guest.vcpus for guest in lab.guests], [2, 4, 8])

    def test_full_matrix_boots_each_guest_about_once(self):
        lab = self.lab()
        lab.guest_limit = 6
        self.assertEqual(self.campaign("--matrix", "full", "--repeats", "2", lab=lab), 0)
        self.assertEqual(lab.most_alive(), 6)
        # Six sizes with two kernels, three of them twice: 18 guests. Six are booted first.
        self.assertLessEqual(len(lab.guests), 18 + 6)


if __name__ == "__main__":
    unittest.main()
