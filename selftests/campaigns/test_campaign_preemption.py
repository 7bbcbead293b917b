# SPDX-License-Identifier: GPL-2.0
"""Campaigns with preemption on command: what is asked for, believed, refused and shown."""

# pylint: disable=missing-function-docstring
import unittest

from campaign_case import CampaignCase
from lab.campaign.matrix import build_plan
from lab.errors import LabError
from lab.workload.preemption import held_share, rules

SMALL = ("--matrix", "lhp", "--overcommit", "2", "--seed", "5", "--repeats", "2")


def lhp(**axes):
    """A plan of the matrix."""
    return build_plan("lhp", axes, {}, 1, 2)


class PlanTest(unittest.TestCase):
    """The matrix and the plan for pvmm."""

    def test_only_ticket_locks_have_a_next_in_line(self):
        found = {(cell["preempted"], cell["lock"]) for cell in lhp()["cells"]}
        self.assertEqual(found, {("holder", lock) for lock in ("pvticket", "ticket", "spinlock",
                                                               "tas")}
                         | {("waiter", "pvticket"), ("waiter", "ticket")})

    def test_each_place_has_runs_without_preemptions_and_a_twin(self):
        plan = lhp()
        places = {(cell["preempted"], cell["overcommit"], cell["preempt_ms"])
                  for cell in plan["cells"]}
        self.assertEqual(len(places), 2 * 2 * 4)
        self.assertIn(("waiter", 2, 0), places)
        twins = {(cell["preempted"], cell["overcommit"], cell["preempt_ms"])
                 for cell in plan["cells"] if cell.get("control")}
        self.assertEqual(twins, places)

    def test_rules_have_a_number_for_each_time_but_none_for_zero(self):
        self.assertEqual(rules(lhp(preempt_ms=[0, 0.5, 20])),
                         "holder:2,for=500us,jitter=20;holder:3,for=20000us,jitter=20;"
                         "waiter:2,for=500us,jitter=20;waiter:3,for=20000us,jitter=20")

    def test_other_locks_alone_have_no_waiters(self):
        plan = lhp(lock=["spinlock"], preempt_ms=[1])
        self.assertEqual(rules(plan), "holder:1,for=1000us,jitter=20")
        self.assertEqual(plan["baseline"], "spinlock")

    def test_spinlock_is_a_second_baseline(self):
        self.assertEqual(lhp()["baseline"], "pvticket")
        self.assertEqual(lhp()["more_baselines"], ["spinlock"])

    def test_times_need_a_matrix_that_preempts(self):
        with self.assertRaisesRegex(LabError, "--preempt-ms: .*--matrix lhp"):
            build_plan("quick", {"preempt_ms": [5]}, {}, 1, 2)
        with self.assertRaisesRegex(LabError, "--preempt-ms 0: .*give a time"):
            lhp(preempt_ms=[0])
        self.assertNotIn("ring_us", build_plan("quick", {}, {}, 1, 2))


class PreemptionCase(CampaignCase):
    """Campaigns in a lab with pvmm."""

    def setUp(self):
        super().setUp()
        self.vmm = "pvmm"

    def place(self, lock, who, milliseconds):
        """A cell of the results document."""
        return next(cell for cell in self.document()["cells"] if not cell.get("control")
                    and (cell["lock"], cell["preempted"], cell["preempt_ms"])
                    == (lock, who, milliseconds))


class RunTest(PreemptionCase):
    """Whole campaigns."""

    def test_what_is_asked_for(self):
        lab = self.lab()
        self.assertEqual(self.campaign(*SMALL, lab=lab), 0)
        self.assertEqual([guest.vcpus for guest in lab.guests], [4])
        self.assertEqual(lab.seeds, {5})
        self.assertIn("waiter:4,for=20000us,jitter=20", lab.guests[0].inject)
        asked = {(each["ring"], each["ring_lock"]) for each in lab.requests}
        self.assertEqual(asked, {(who, str(number)) for who in ("holder", "waiter")
                                 for number in (1, 2, 3, 4)})
        self.assertEqual({each["ring_us"] for each in lab.requests}, {"50000"})

    def test_planned_and_observed_counts(self):
        self.campaign(*SMALL)
        cell = self.place("pvticket", "waiter", 5)
        self.assertEqual([cell[name] for name in ("rings", "preempt_planned", "preempt_done",
                                                  "preempt_seen", "preempt_each_ns")],
                         [40, 40, 40, 40, 5e6])
        cell = self.place("tas", "holder", 0)
        self.assertEqual([cell[name] for name in ("rings", "preempt_planned", "preempt_done",
                                                  "preempt_seen", "preempt_each_ns")],
                         [40, 0, 0, 0, None])
        self.assertRegex(self.printed, r"(?m)^Preemptions: the waiter preempted, 2x")
        self.assertRegex(self.printed,
                         r"(?m)^ *5 ms +pvticket +40 +40 +40 +40 +5 ms *$")
        self.assertIn("of 0 ms", self.printed)
        self.assertIn("Multiples of spinlock: the holder preempted", self.printed)

    def test_time_left(self):
        self.campaign(*SMALL)
        plan = self.document()["plan"]
        self.assertAlmostEqual(held_share(self.place("tas", "holder", 20), plan), 0.8 / 2.2)
        self.assertEqual(held_share(self.place("tas", "holder", 0), plan), 0)
        self.assertIsNone(held_share({"preempt_done": None}, plan))

    def test_other_campaigns_ring_nothing(self):
        lab = self.lab()
        self.assertEqual(self.campaign("--overcommit", "2", lab=lab), 0)
        self.assertEqual({guest.inject for guest in lab.guests}, {""})
        self.assertNotIn("ring", lab.requests[0])
        self.assertNotIn("Preemptions", self.printed)
        self.assertIsNone(self.cell("tas", 4)["rings"])

    def test_a_campaign_is_resumed(self):
        lab = self.lab(interrupt_after=20)
        self.assertEqual(self.campaign(*SMALL, lab=lab), 130)
        self.assertEqual(self.campaign("--resume", self.out), 0)
        document = self.document()
        self.assertEqual(document["status"], "complete")
        self.assertEqual(document["plan"]["seed"], 5)
        with self.assertRaisesRegex(LabError, "axes differs"):
            self.campaign("--resume", self.out, "--preempt-ms", "3")


class BeliefTest(PreemptionCase):
    """Runs in which pvmm did not what it was to do fail."""

    def fails(self, fault, message):
        """A campaign in which the doorbell tells something else of one lock."""
        lab = self.lab(faults={("tas", 4): fault})
        self.assertEqual(self.campaign(*SMALL, "--preempt-ms", "5", lab=lab), 1)
        self.assertEqual(self.place("tas", "holder", 5)["status"], "failed")
        self.assertEqual(self.place("ticket", "holder", 5)["status"], "ok")
        self.assertRegex(self.printed, message)

    def test_rings_that_were_lost(self):
        self.fails({"doorbell_rings": 39}, "doorbell_rings=39 instead of 40")

    def test_rings_without_an_answer(self):
        self.fails({"preempt_planned": 20}, "preempt_planned=20 instead of 40")

    def test_preemptions_that_did_not_last(self):
        self.fails({"preempt_done": 0}, "preempt_done=0 instead of 40")

    def test_another_mode(self):
        self.fails({"preempt_modes": 2}, "preempt_modes=2 instead of 1")

    def test_another_lock_number(self):
        self.fails({"ring_lock": 9}, "asked for ring_lock=1, but the result has 9")

    def test_preemptions_that_nobody_asked_for(self):
        lab = self.lab(faults={("tas", 4): {"preempt_planned": 1}})
        self.assertEqual(self.campaign(*SMALL, "--preempt-ms", "0,5", lab=lab), 1)
        self.assertEqual(self.place("tas", "holder", 0)["status"], "failed")
        self.assertIn("preempt_planned=1 instead of 0", self.printed)


class RefusalTest(PreemptionCase):
    """Labs that cannot preempt on command."""

    def test_the_lab_is_asked_for_pvmm(self):
        self.vmm = ""
        self.assertEqual(self.campaign(*SMALL), 0)

    def test_qemu(self):
        self.vmm = "qemu"
        with self.assertRaisesRegex(LabError, "only pvmm preempts on command.*leave '--vmm' out"):
            self.campaign(*SMALL)
        self.assertEqual(self.campaign("--overcommit", "1"), 0)

    def test_xen(self):
        with self.assertRaisesRegex(LabError, "leave Xen out"):
            self.campaign(*SMALL, "--host", "stock,xen")

    def test_a_resumed_campaign(self):
        self.campaign(*SMALL)
        self.vmm = "qemu"
        with self.assertRaisesRegex(LabError, "only pvmm preempts"):
            self.campaign("--resume", self.out)


if __name__ == "__main__":
    unittest.main()
