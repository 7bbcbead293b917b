# SPDX-License-Identifier: GPL-2.0
"""The same campaign in several labs, and the report that shows them side by side."""

# pylint: disable=missing-function-docstring
import contextlib
import io
import json
import os
import unittest
from types import SimpleNamespace
from unittest import mock

from campaign_case import CampaignCase
from fake_lab import FakeLab, parse
from lab.campaign import series
from lab.errors import LabError
from lab.guest.kernel import BARE, NO_KERNEL, STOCK
from lab.report.command import load_series

REAL = "real CPUs: threads for vCPUs, fake"
KERNELS = {"process": NO_KERNEL, "bare": BARE}
SMALL = ("--overcommit", "1,2", "--locks", "pvticket,tas", "--repeats", "1")


class SeriesTest(CampaignCase):
    """Campaigns in fake labs, one of which pretends to have real CPUs."""

    def open_lab(self, options, _progress):
        """The fake lab of a name."""
        self.order.append(options.lab)
        lab = FakeLab(self.scratch, interrupt_after=self.interrupt_after)
        if options.lab == "process":
            lab.label, lab.emulated = REAL, False
        return lab.open(options)

    def options(self, lab, arguments):
        options = super().options(lab, arguments)
        options.lab = arguments.lab
        options.guest_kernel = KERNELS.get(options.lab, STOCK)
        return options

    def series(self, *arguments, direct=False, bare=False, interrupt_after=None):
        """Run a series; its exit code."""
        self.order = []     # pylint: disable=attribute-defined-outside-init
        self.interrupt_after = interrupt_after  # pylint: disable=attribute-defined-outside-init
        args = parse("--lab", "all", "--out", self.out, *SMALL, *arguments)

        def from_arguments(args):
            options = SimpleNamespace(pcpus=2, lab=args.lab, host="stock", platform="kvm", vmm="",
                                      kvm_modules=lambda: None,
                                      guest_kernel=KERNELS.get(args.lab, STOCK))
            return options
        messages, printed = io.StringIO(), io.StringIO()
        with mock.patch.object(series, "laboratory", SimpleNamespace(
                LabOptions=SimpleNamespace(from_arguments=from_arguments),
                why_not_bare=lambda options: None if bare else "no fake /dev/kvm",
                why_not_direct=lambda options: None if direct else "no fake KVM")), \
                mock.patch.object(series, "open_any_lab", self.open_lab), \
                contextlib.redirect_stderr(messages), contextlib.redirect_stdout(printed):
            code = series.main(args)
        self.messages, self.printed = messages.getvalue(), printed.getvalue()
        return code

    def page(self):
        """The page on all labs."""
        with open(self.path("report.html"), encoding="utf-8") as stream:
            return stream.read()

    def test_real_cpus_come_first(self):
        self.assertEqual(self.series(), 0)
        self.assertEqual(self.order, ["process", "nested"])
        self.assertEqual([document["emulated"] for document in load_series(self.out)],
                         [False, True])
        page = self.page()
        self.assertLess(page.index(f"<h1>{REAL}"), page.index("<h1>emulated: fake lab"))
        self.assertIn("The labs", page)
        self.assertIn("no exits", page)
        for text in (REAL, "emulated: fake lab", "tas in short"):
            self.assertIn(text, self.printed)
        with open(self.path("results.json"), encoding="utf-8") as stream:
            self.assertEqual(list(json.load(stream)["labs"]), [REAL, "emulated: fake lab"])

    def test_guests_on_real_cpus_come_before_all(self):
        self.assertEqual(self.series(direct=True), 0)
        self.assertEqual(self.order, ["direct", "process"])

    def test_vcpus_without_an_operating_system_are_part_of_it(self):
        self.assertEqual(self.series(bare=True), 0)
        self.assertEqual(self.order, ["process", "bare", "nested"])
        self.assertEqual(self.series("--out", self.path("direct"), direct=True, bare=True), 0)
        self.assertEqual(self.order, ["direct", "bare", "process"])

    def test_what_was_measured_is_kept(self):
        self.assertEqual(self.series(interrupt_after=2), 130)
        self.assertEqual(self.order, ["process"])
        self.assertIn("This campaign is incomplete", self.page())

    def test_directories_and_matrices_are_refused(self):
        with self.assertRaisesRegex(LabError, "--matrix lhp: not all labs"):
            self.series("--matrix", "lhp")
        self.assertFalse(os.path.exists(self.out))
        os.mkdir(self.out)
        with self.assertRaisesRegex(LabError, "results directory exists"):
            self.series()


if __name__ == "__main__":
    unittest.main()
