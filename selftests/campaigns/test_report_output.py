# SPDX-License-Identifier: GPL-2.0
"""Reports: what they must show, of complete, failed, and unfinished campaigns."""

# pylint: disable=missing-function-docstring
import argparse
import base64
import contextlib
import html.parser
import importlib.util
import io
import os
import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree
from unittest import mock

from campaign_case import CampaignCase
from fake_lab import make_result
from lab.errors import LabError
from lab.report import command as report
from lab.report.html import render_html
from lab.report.results import read_json
from lab.report.simulator import simulator_figures
from lab.report.summary import summarize
from lab.report.tables import percent_text
from lab.report.text import render_text
from lab.workload.metrics import METRICS, format_metric

HAVE_MATPLOTLIB = importlib.util.find_spec("matplotlib") is not None


class Page(html.parser.HTMLParser):
    """Collects what a page refers to."""

    def __init__(self, text):
        super().__init__()
        self.references = []
        self.open_tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.references += [value for name, value in attrs if name in ("src", "href", "data")]
        if tag not in ("meta", "img"):
            self.open_tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open_tags.pop() == tag, tag


class ReportCase(CampaignCase):
    """Campaigns and the report command, without the simulator's figures."""

    def setUp(self):
        super().setUp()
        patch = mock.patch("lab.report.html.simulator_figures", lambda: [])
        patch.start()
        self.addCleanup(patch.stop)

    def report(self):
        """Run 'pvlab report' on the results; its output."""
        printed, messages = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(messages):
            self.assertEqual(report.main(argparse.Namespace(directory=self.out)), 0)
        self.messages = messages.getvalue()
        return printed.getvalue()

    def page(self):
        """The text of report.html."""
        with open(self.path("report.html"), encoding="utf-8") as stream:
            return stream.read()


class TextTest(ReportCase):
    """The report on the terminal."""

    def test_every_table_is_labelled(self):
        self.campaign("--seed", "4")
        for title in ("Throughput in", "Waiting time", "Progress, halts and kicks"):
            self.assertRegex(self.printed, rf"(?m)^{title}.*\[emulated: fake lab\]$")
        self.assertIn("only ratios", self.printed)

    def test_rows_show_change_and_noise(self):
        self.campaign("--seed", "4")
        self.assertRegex(self.printed, r"4 \(2x\)  ticket +2\.\d+k +± \d+% +0\.005\d*x +"
                                       r"-99\.\d% +0\.00\d+x  significant")
        self.assertRegex(self.printed, r"4 \(2x\)  spinlock \(A/A\) .* ~[-+]\d\.\d% .*noise floor")
        self.assertRegex(self.printed, r"2 \(1x\)  spinlock .* 1k \(h\) +500 \(h\)")

    def test_digest_comes_first(self):
        self.campaign("--seed", "4", "--locks", "pvticket,ticket,spinlock,spinlock-tuned")
        self.assertLess(self.printed.index("pvticket in short"),
                        self.printed.index("Throughput in"))
        cell = self.cell("pvticket", 4)
        ratio = 1 + cell["change"]["ops_per_s"]["change_pct"] / 100
        own = cell["ops_per_s"] / self.cell("pvticket", 2)["ops_per_s"]
        tuned = cell["ratio"]["spinlock-tuned"]["ops_per_s"]
        self.assertRegex(self.printed, rf"(?m)^base +4 \(2x\) +{own:.3g}x +0\.99\d+ +"
                                       rf"{ratio:.3g}x .*{tuned:.3g}x ")
        self.assertIn("<h2>In short</h2>", self.page())

    def test_no_digest_of_baselines_alone(self):
        self.campaign("--locks", "spinlock")
        self.assertNotIn("in short", self.printed)

    def test_environment_is_named(self):
        self.campaign("--seed", "4")
        self.assertIn("2, 4, 8 vCPUs: kernel 6.1.0-fake, hypervisor KVMKVMKVM, CPUID features "
                      "0x01007efb (pv_unhalt), spinlock is PV qspinlock, PAUSE takes 202 ns",
                      " ".join(self.printed.split()))

    def test_hardware_is_not_called_emulated(self):
        lab = self.lab()
        lab.label, lab.emulated = "hardware: KVM", False
        self.campaign(lab=lab)
        self.assertIn("[hardware: KVM]", self.printed)
        self.assertNotIn("only ratios", self.printed)

    def test_load_before_campaigns_without_readings_is_told(self):
        self.campaign()
        document = self.document()
        for load, told in ((0.3, False), (7.4, True)):
            document["manifest"]["load_before"] = load
            self.assertEqual("busy: load average 7.4 on 2 CPUs" in render_text(document), told)

    def test_too_few_repeats(self):
        self.campaign("--repeats", "2")
        self.assertIn("too few repeats", self.printed)
        self.assertNotRegex(self.printed, r"x  significant")

    def test_failed_cells_stand_out(self):
        self.campaign(lab=self.lab(faults={("tas", 4): "timeout"}))
        self.assertRegex(self.printed, r"4 \(2x\)  tas +- .*FAILED: 0 of 2 runs passed")
        self.assertIn("no answer within 60 s", self.printed)

    def test_no_line_is_wider_than_the_page(self):
        reason = {"lock": "something else, and " + "very " * 40 + "long"}
        self.campaign(lab=self.lab(faults={("tas", 4): reason}))
        self.assertIn("very very", self.printed)
        self.assertLessEqual(max(map(len, self.printed.splitlines())), 100)

    def test_changes(self):
        for percent, text in ((3.44, "+3.4%"), (-99.83, "-99.8%"), (899, "+899.0%"),
                              (900, "x10"), (3352902, "x33.5k")):
            self.assertEqual(percent_text(percent), text)

    def test_formats(self):
        for name, value, text in (("ops_per_s", 645_123, "645k"), ("ops_per_s", 999.9, "1.00k"),
                                  ("ops_per_s", 2432, "2.43k"), ("wait_max_ns", 58_200_000,
                                                                 "58.2 ms"),
                                  ("wait_p50_ns", 498, "498 ns"), ("jain", 0.99871, "0.999"),
                                  ("halts", 0, "0"), ("halts", None, "-")):
            self.assertEqual(format_metric(name, value), text)


class RegenerateTest(ReportCase):
    """The report command."""

    def test_same_text_again(self):
        self.campaign("--seed", "4")
        document = self.document()
        os.unlink(self.path("results.json"))
        os.unlink(self.path("report.html"))
        self.assertEqual(self.report().strip(), self.printed.strip())
        self.assertEqual(self.document(), document)

    def test_from_results_json_alone(self):
        self.campaign("--seed", "4")
        for name in ("campaign.json", "runs.jsonl", "report.html"):
            os.unlink(self.path(name))
        self.assertEqual(self.report().strip(), self.printed.strip())
        self.assertIn("<h2>Tables</h2>", self.page())

    def test_incomplete_campaign(self):
        self.campaign("--seed", "4", lab=self.lab(interrupt_after=3))
        text = self.report()
        self.assertIn("incomplete (interrupted)", text)
        self.assertRegex(text, "INCOMPLETE: 0 of 0 runs passed")

    def test_killed_campaign(self):
        self.campaign("--seed", "4", lab=self.lab(interrupt_after=30))
        plain = read_json(self.path("campaign.json"))
        plain["sessions"][0].update(ended=None, ended_by=None)
        plain["sessions"][0].pop("duration_s")
        document = summarize(plain, self.records())
        self.assertEqual(document["status"], "incomplete")
        self.assertIn("15 of 15 cells lack repeats", document["status_reason"])

    def test_directory_without_results(self):
        with self.assertRaisesRegex(LabError, "results.json: cannot read: No such file.*results "
                                    "directory"):
            self.out = self.scratch
            self.report()


class PageTest(ReportCase):
    """The self-contained page."""

    def test_nothing_is_fetched(self):
        self.campaign("--seed", "4")
        page = Page(self.page())
        self.assertEqual(page.open_tags, [])
        self.assertTrue(all(each.startswith("data:") for each in page.references))

    def test_text_from_guests_is_escaped(self):
        self.campaign(lab=self.lab(faults={("tas", 4): {"lock": "<script>alert(1)</script>"}}))
        self.assertNotIn("<script", self.page())
        self.assertIn("&lt;script&gt;", self.page())

    def test_without_matplotlib_the_tables_remain(self):
        notices = []
        self.campaign("--seed", "4")
        sys.modules.pop("lab.report.plots")
        with mock.patch.dict(sys.modules, {"matplotlib": None}):
            page = render_html(self.document(), notices.append)
        self.assertRegex(notices[0], "no matplotlib. Install the package python3-matplotlib")
        self.assertIn("python3-matplotlib", page)
        self.assertIn("Throughput in", page)
        self.assertNotIn("<img", page)


class SimulatorTest(CampaignCase):
    """The simulator's curves in the page."""

    def page(self):
        """The text of report.html."""
        with open(self.path("report.html"), encoding="utf-8") as stream:
            return stream.read()

    def test_all_curves_are_there_and_labelled(self):
        self.campaign("--seed", "4")
        self.assertEqual(self.page().count("<img"), 3)
        self.assertIn("<h2>Simulated at scale</h2>", self.page())
        self.assertIn("Not measured in this campaign", self.page())
        for title, _, svg in simulator_figures():
            self.assertIn("simulated", title)
            xml.etree.ElementTree.fromstring(svg)

    def test_without_curves_there_is_no_section(self):
        self.assertEqual(simulator_figures(pathlib.Path(self.scratch)), [])
        with mock.patch("lab.report.html.simulator_figures", lambda: []):
            self.campaign("--seed", "4")
        self.assertNotIn("Simulated at scale", self.page())


@unittest.skipUnless(HAVE_MATPLOTLIB, "needs python3-matplotlib")
class PlotTest(ReportCase):
    """The plots, really drawn."""

    def setUp(self):
        super().setUp()
        sys.modules.pop("lab.report.plots")

    def svgs(self):
        """The decoded plots of the page, which must be well-formed."""
        found = re.findall(r"data:image/svg\+xml;base64,([^\"]+)", self.page())
        texts = [base64.b64decode(each).decode() for each in found]
        for text in texts:
            xml.etree.ElementTree.fromstring(text)
        return texts

    def test_five_plots(self):
        self.campaign("--seed", "4")
        self.assertEqual(len(self.svgs()), 5)
        for title in ("Throughput against overcommit", "Distribution of waiting times",
                      "Rare waits, and the longest", "Progress of each thread", "Halts and kicks"):
            self.assertIn(title, self.page())

    def test_preemptions_have_one_more(self):
        self.vmm = "pvmm"
        self.assertEqual(self.campaign("--matrix", "lhp", "--overcommit", "2"), 0)
        self.assertEqual(len(self.svgs()), 2 * 6)
        for title in ("Throughput against the time of each preemption",
                      "What preemptions leave of the throughput"):
            self.assertEqual(self.page().count(f"<h3>{title}</h3>"), 2)
        self.assertTrue(any("<!-- time left -->" in text for text in self.svgs()))

    def test_every_plot_is_labelled(self):
        self.campaign("--seed", "4")
        for text in self.svgs():
            self.assertIn("<!-- emulated: fake lab (ratios only) -->", text)

    def test_unfinished_and_failed_campaigns_are_drawn(self):
        self.campaign("--seed", "4", lab=self.lab(interrupt_after=2))
        self.assertGreater(len(self.svgs()), 0)
        self.out += "-failed"
        self.assertEqual(self.campaign("--locks", "busted"), 1)
        self.assertEqual(self.svgs(), [])


class OtherAxesTest(ReportCase):
    """A matrix of other axes needs no other statistics, tables or plots."""

    @staticmethod
    def document_of_workloads():
        """A results document that compares takeover on and off for two programs."""
        cells = [{"workload": workload, "overcommit": factor, "takeover": takeover, **control}
                 for workload in ("hackbench", "sysbench") for factor in (1, 2)
                 for takeover, control in (("on", {}), ("off", {}), ("off", {"control": True}))]
        plan = {"matrix": "workloads", "seed": 1, "pcpus": 2, "series": "takeover",
                "baseline": "off", "x": "overcommit", "facets": ["workload"], "repeats": 3,
                "duration_ms": 1000, "warmup_ms": 0, "cells": cells}
        records = []
        for cell in cells:
            for repeat in range(3):
                rate = (200 if cell["takeover"] == "on" else 100) + repeat
                metrics = {name: None for name in METRICS} | {"ops_per_s": rate}
                records.append({
                    "cell": ",".join(f"{axis}={cell[axis]}" for axis in sorted(cell)),
                    "repeat": repeat, "status": "ok", "result": {}, "metrics": metrics,
                    "sources": {"ops_per_s": "guest"}})
        return summarize({"plan": plan, "sessions": []}, records)

    def test_text(self):
        text = render_text(self.document_of_workloads())
        self.assertIn("Throughput in operations per second: workload sysbench", text)
        self.assertRegex(text, r"2x +on +201 +± 0% +1x +\+99\.0% +1\.99x  significant")
        self.assertNotIn("Waiting time", text)

    @unittest.skipUnless(HAVE_MATPLOTLIB, "needs python3-matplotlib")
    def test_page(self):
        sys.modules.pop("lab.report.plots")
        page = render_html(self.document_of_workloads(), self.fail)
        self.assertEqual(page.count("<img"), 2)


class FakeResultTest(unittest.TestCase):
    """The generator must not be kinder than lockbench."""

    def test_histogram_has_all_operations(self):
        noise = mock.Mock(uniform=lambda low, high: 1)
        result = make_result({"lock": "tas", "threads": "4", "hold_ns": "1", "think_ns": "1",
                              "duration_ms": "1000"}, noise)
        self.assertEqual(sum(count for _, count in result["wait_histogram"]), result["ops"])


if __name__ == "__main__":
    unittest.main()
