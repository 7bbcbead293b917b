# SPDX-License-Identifier: GPL-2.0
"""Common ground of the tests that run whole campaigns in the fake lab."""

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
import unittest
from types import SimpleNamespace
from unittest import mock

from fake_lab import FakeLab, parse
from lab import cli
from lab.campaign import command as campaign
from lab.guest.kernel import STOCK
from lab.machines import load


class CommandCase(unittest.TestCase):
    """Commands of pvlab, and what they print."""

    printed = messages = ""

    def pvlab(self, *arguments):
        """Run a command; return its exit code."""
        printed, messages = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(messages):
            code = cli.main(arguments)
        self.printed, self.messages = printed.getvalue(), messages.getvalue()
        return code


class CampaignCase(CommandCase):
    """A scratch directory, and campaigns in it."""

    def setUp(self):
        # Every run is synced to disk; in memory that costs nothing.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.scratch = tempfile.mkdtemp(prefix="pvlab-test-", dir=memory)
        self.addCleanup(shutil.rmtree, self.scratch)
        self.out = os.path.join(self.scratch, "out")
        self.opened = None
        self.lab_kind = "auto"
        self.vmm = "qemu"
        self.kvm_modules = lambda: None
        # What this machine does is no part of the tests.
        self.machine = {"others_cpus": 0.0, "steal_cpus": 0.0, "pressure_pct": 1.0,
                        "load": [0.5, 0.5], "mhz": [2000, 2000]}
        meter = mock.patch.object(load, "Meter", lambda: mock.Mock(read=lambda: self.machine))
        meter.start()
        self.addCleanup(meter.stop)
        # Plots take most of a report's time; the tests of the report draw them.
        patch = mock.patch.dict(sys.modules, {"lab.report.plots": mock.Mock(
            report_plots=lambda document: [])})
        patch.start()
        self.addCleanup(patch.stop)

    def campaign(self, *arguments, lab=None):
        """Run a campaign; return its exit code. Results go to self.out, if set."""
        lab = lab or self.lab()
        messages, printed = io.StringIO(), io.StringIO()
        if self.out and "--resume" not in arguments and "--out" not in arguments:
            arguments += ("--out", self.out)
        try:
            with contextlib.redirect_stderr(messages), contextlib.redirect_stdout(printed):
                self.opened = self.options(lab, arguments)
                command = campaign.Campaign(parse(*arguments), self.opened,
                                            lambda options, progress: lab.open(options), messages)
                command.prepare()
                return command.run()
        finally:
            self.messages, self.printed = messages.getvalue(), printed.getvalue()

    def options(self, lab, arguments):
        """What the command line says about the lab."""
        kernel = parse(*arguments).guest_kernel or STOCK
        options = SimpleNamespace(pcpus=lab.pcpus, guest_kernel=kernel, lab=self.lab_kind,
                                  host="stock", kvm_modules=self.kvm_modules, platform="kvm",
                                  vmm=self.vmm)
        on_xen = SimpleNamespace(**{**vars(options), "platform": "xen"})
        options.on_xen = lambda: on_xen
        return options

    def lab(self, **options):
        """A fake lab that keeps its logs in the scratch directory."""
        return FakeLab(self.scratch, **options)

    def path(self, *names):
        """A path in the results directory."""
        return os.path.join(self.out, *names)

    def document(self):
        """The results document that the last campaign wrote."""
        with open(self.path("results.json"), encoding="utf-8") as stream:
            return json.load(stream)

    def records(self):
        """The durable records of the last campaign."""
        with open(self.path("runs.jsonl"), encoding="utf-8") as stream:
            return [json.loads(line) for line in stream]

    def cell(self, lock, vcpus, control=False):
        """One cell of the results document."""
        found = [cell for cell in self.document()["cells"] if cell["lock"] == lock
                 and cell["vcpus"] == vcpus and bool(cell.get("control")) == control]
        self.assertEqual(len(found), 1)
        return found[0]
