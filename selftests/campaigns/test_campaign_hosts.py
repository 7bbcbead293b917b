# SPDX-License-Identifier: GPL-2.0
"""Campaigns that compare hosts: blocks of runs, a boot for each, what the report says."""

# pylint: disable=missing-function-docstring
import contextlib
import io
import unittest

from campaign_case import CampaignCase
from fake_lab import parse
from lab.campaign.matrix import build_plan
from lab.campaign.schedule import blocks, run_order
from lab.errors import LabError
from lab.workload.cells import HOST

BOTH = ("--host", "stock,patched")
SMALL = ("--overcommit", "2", "--locks", "pvticket,spinlock")


class BlocksTest(unittest.TestCase):
    """The order of runs with several hosts."""

    def setUp(self):
        self.plan = build_plan("host", {}, {"repeats": 3}, 1, 2)

    def test_hosts_alternate_and_no_round_has_the_order_of_the_one_before(self):
        found = [(host, {repeat for _, repeat in runs})
                 for host, runs in blocks(self.plan, run_order(self.plan))]
        self.assertEqual(found, [("stock", {0}), ("patched", {0}), ("patched", {1}),
                                 ("stock", {1}), ("stock", {2}), ("patched", {2})])

    def test_every_block_has_each_cell_of_its_host_once(self):
        for host, runs in blocks(self.plan, run_order(self.plan)):
            wanted = [cell for cell in self.plan["cells"] if cell[HOST] == host]
            self.assertEqual(len(runs), len(wanted))
            self.assertTrue(all(cell in wanted for cell, _ in runs))

    def test_one_host_or_none_is_one_block(self):
        for axes, host in (({}, None), ({HOST: ["patched"]}, "patched")):
            plan = build_plan("quick", axes, {}, 1, 2)
            self.assertEqual(blocks(plan, run_order(plan)), [(host, run_order(plan))])

    def test_patched_alone_is_its_own_baseline(self):
        plan = build_plan("quick", {HOST: ["patched"]}, {}, 1, 2)
        self.assertEqual(plan["also_compared"], {"axis": HOST, "baseline": "patched"})

    def test_hosts_apply_to_all_blocks_of_a_matrix(self):
        one = build_plan("full", {}, {}, 1, 2)
        both = build_plan("full", {HOST: ["stock", "patched"]}, {}, 1, 2)
        self.assertEqual(len(both["cells"]), 2 * len(one["cells"]))
        self.assertEqual(both["facets"], one["facets"] + [HOST])

    def test_a_plan_without_hosts_is_as_before(self):
        plan = build_plan("quick", {}, {}, 1, 2)
        self.assertNotIn("also_compared", plan)
        self.assertTrue(all(HOST not in cell for cell in plan["cells"]))


class HostCampaignTest(CampaignCase):
    """Whole campaigns in the fake lab."""

    def cell_on(self, host, lock, control=False):
        """One cell of the results document."""
        return next(cell for cell in self.document()["cells"] if cell["lock"] == lock
                    and cell[HOST] == host and bool(cell.get("control")) == control)

    def compared(self, lock, metric="ops_per_s"):
        """What the patched host changes for a lock."""
        return self.cell_on("patched", lock)["change_along"][HOST]["change"][metric]

    def test_a_boot_for_each_block(self):
        lab = self.lab()
        self.assertEqual(self.campaign(*BOTH, *SMALL, lab=lab), 0)
        self.assertEqual(lab.boots, [("nested", host) for host in
                                     ("stock", "patched", "patched", "stock", "stock", "patched")])
        sessions = self.document()["manifest"]["sessions"]
        self.assertEqual([session[HOST] for session in sessions],
                         [host for _, host in lab.boots])
        self.assertTrue(all(session["ended"] for session in sessions))

    def test_change_of_the_host_is_seen_where_there_is_one(self):
        self.campaign(*BOTH, *SMALL)
        self.assertEqual(self.compared("pvticket")["verdict"], "significant")
        self.assertAlmostEqual(self.compared("pvticket")["change_pct"], 50, delta=8)
        self.assertNotEqual(self.compared("spinlock")["verdict"], "significant")
        self.assertEqual(self.cell_on("patched", "pvticket")["change_along"][HOST]["against"],
                         self.cell_on("stock", "pvticket")["id"])
        self.assertEqual(self.cell_on("stock", "pvticket")["change_along"][HOST]["change"], {})
        self.assertNotIn("change_along", self.cell_on("patched", "spinlock", control=True))

    def test_locks_are_compared_on_the_same_host(self):
        self.campaign(*BOTH, *SMALL)
        gains = [self.cell_on(host, "pvticket")["change"]["ops_per_s"]["change_pct"]
                 for host in ("stock", "patched")]
        self.assertGreater(gains[1], gains[0] + 20)
        self.assertEqual(len(self.document()["noise_floor"]), 2)

    def test_report_and_manifest(self):
        self.campaign(*BOTH, *SMALL)
        for text in ("patched host", "stock host", "throughput: hold 1 us",
                     "4 vCPUs on stock: kernel", "4 vCPUs on patched: kernel"):
            self.assertIn(text, " ".join(self.printed.split()))
        manifest = self.document()["manifest"]
        self.assertEqual(manifest["hosts"]["patched"]["modules"], {"kvm.ko": "5678"})
        self.assertEqual(set(manifest["guests"]), {"4 on stock", "4 on patched"})

    def test_guests_with_several_kernels(self):
        self.campaign(*BOTH, "--overcommit", "2", "--locks", "pvticket,spinlock,spinlock-tuned")
        self.assertEqual(set(self.document()["manifest"]["guests"]),
                         {"4 on stock", "4 on patched", "4-tuned on stock", "4-tuned on patched"})
        for host in ("stock", "patched"):
            self.assertIn("spinlock-tuned", self.cell_on(host, "pvticket")["ratio"])
        # The fake kernels have the same name, so there is a line for each host only.
        self.assertIn("4, 4 vCPUs on patched: kernel", " ".join(self.printed.split()))

    def test_one_host_is_booted_once_and_compared_with_none(self):
        lab = self.lab()
        self.campaign("--host", "patched", *SMALL, lab=lab)
        self.assertEqual(lab.boots, [("nested", "patched")])
        self.assertEqual(self.compared_hosts(), [{}])
        self.assertIn("patched host", self.printed)

    def compared_hosts(self):
        """The changes along the axis of hosts, without repetition."""
        found = [cell["change_along"][HOST]["change"] for cell in self.document()["cells"]
                 if "change_along" in cell]
        return [each for index, each in enumerate(found) if each not in found[:index]]

    def test_stock_alone_leaves_the_choice_of_the_lab(self):
        lab = self.lab()
        self.campaign("--host", "stock", *SMALL, lab=lab)
        self.assertEqual(lab.boots, [("auto", "stock")])

    def test_interrupted_and_resumed(self):
        lab = self.lab(interrupt_after=4)
        self.assertEqual(self.campaign(*BOTH, *SMALL, lab=lab), 130)
        self.assertEqual(self.document()["status"], "incomplete")
        lab = self.lab()
        self.assertEqual(self.campaign("--resume", self.out, lab=lab), 0)
        self.assertEqual([host for _, host in lab.boots],
                         ["patched", "patched", "stock", "stock", "patched"])
        self.assertEqual(self.document()["status"], "complete")
        self.assertEqual(self.compared("pvticket")["verdict"], "significant")

    def test_resume_with_other_kvm_modules_is_refused(self):
        self.campaign(*BOTH, *SMALL, lab=self.lab(interrupt_after=4))
        lab = self.lab()
        lab.kvm["patched"] = "9abc"
        with self.assertRaisesRegex(LabError, "host was .*5678.* is now .*9abc"):
            self.campaign("--resume", self.out, lab=lab)

    def test_resume_with_other_hosts_is_refused(self):
        self.campaign(*BOTH, *SMALL, lab=self.lab(interrupt_after=4))
        with self.assertRaisesRegex(LabError, "axes differs"):
            self.campaign("--resume", self.out, "--host", "stock")

    def test_failures_count_over_all_blocks(self):
        lab = self.lab(faults={("pvticket", 4): "refused"})
        self.assertEqual(self.campaign("--host", "patched,stock", *SMALL, lab=lab), 1)
        self.assertEqual(len(self.cell_on("stock", "pvticket")["failures"]), 2)
        self.assertIn("not measured", self.printed)

    def test_missing_modules_are_noticed_before_anything_boots(self):
        def missing():
            raise LabError("kvm-amd.ko: the patched KVM modules are not there")
        self.kvm_modules = missing
        lab = self.lab()
        with self.assertRaisesRegex(LabError, "patched KVM modules are not there"):
            self.campaign(*BOTH, lab=lab)
        self.assertEqual(lab.boots, [])

    def test_xen_beside_kvm(self):
        self.assertEqual(self.campaign("--host", "stock,xen", *SMALL), 0)
        self.assertEqual(self.document()["labels"],
                         {"stock": "emulated: fake lab", "xen": "emulated: fake Xen"})
        self.assertRegex(self.printed, r"stock host  \[emulated: fake lab\]")
        self.assertRegex(self.printed, r"xen host  \[emulated: fake Xen\]")
        self.assertRegex(self.printed, "stock KVM and Xen, each booted anew")
        # Other CPUs, another host of the guests: nothing to compare them with.
        self.assertNotIn("change_along", self.cell_on("xen", "pvticket"))

    def test_direct_lab_has_no_other_host(self):
        self.lab_kind = "direct"
        with self.assertRaisesRegex(LabError, "--lab direct: the host of the guests is this"):
            self.campaign(*BOTH)
        self.assertEqual(self.campaign("--host", "stock", *SMALL), 0)


class HostOptionTest(unittest.TestCase):
    """Values of --host."""

    def refused(self, value):
        """The message with which a value is refused."""
        stream = io.StringIO()
        with contextlib.redirect_stderr(stream), self.assertRaises(SystemExit):
            parse("--host", value)
        return stream.getvalue()

    def test_values(self):
        self.assertEqual(parse(*BOTH).hosts, ["stock", "patched"])
        self.assertIn("'new' is not one of stock, patched", self.refused("stock,new"))
        self.assertIn("names a host twice", self.refused("stock,stock"))


if __name__ == "__main__":
    unittest.main()
