# SPDX-License-Identifier: GPL-2.0
"""A busy machine is seen, said and waited for; what no lab can have is refused at once."""

import os
import subprocess
import sys
import unittest
from unittest import mock

from campaign_case import CampaignCase
from lab.errors import LabError
from lab.machines import load

QUIET = {"others_cpus": 0.1, "steal_cpus": 0.0, "pressure_pct": 2.0, "load": [1, 1],
         "mhz": [None, None]}
BUSY = {**QUIET, "others_cpus": 1.9, "steal_cpus": 0.3, "pressure_pct": 55.0, "load": [1, 7.5]}


class BusyTest(CampaignCase):
    """Campaigns of the fake lab, on machines of which a meter says this or that."""

    def test_quiet(self):
        self.assertEqual(self.campaign(), 0)
        self.assertNotIn("the machine was busy", self.printed)
        self.assertTrue(all(record["machine"] == self.machine for record in self.records()))

    def test_busy(self):
        self.machine = BUSY
        self.assertEqual(self.campaign(), 0)
        said = " ".join(self.printed.split())
        self.assertIn("the machine was busy in 45 of 45 runs, of rounds 1, 2, 3; at worst, others "
                      "use 1.9 CPUs, the host takes 0.3, load 7.5, CPU pressure 55 %", said)

    def test_no_ratio_without_noise(self):
        self.assertEqual(self.campaign(), 0)
        head = self.printed[self.printed.index("in short"):].splitlines()[2]
        self.assertTrue(head.endswith("noise"), head)

    def test_too_many_vcpus(self):
        with self.assertRaisesRegex(LabError, r"--vcpus 288 .* has at most 255; give fewer"):
            self.campaign("--vcpus", "4,288")
        self.assertFalse(os.path.exists(self.out))


class PatienceTest(unittest.TestCase):
    """Waiting for a quiet machine."""

    def wait(self, seconds, readings):
        """How long it waits, and what is said."""
        slept, said = [], []
        with mock.patch.object(load, "Meter", lambda: mock.Mock(read=lambda: readings.pop(0))):
            load.Patience(seconds, said.append, slept.append).wait()
        return len(slept), said

    def test_not_asked_for(self):
        self.assertEqual(self.wait(0, []), (0, []))

    def test_until_quiet(self):
        slept, said = self.wait(9, [BUSY, BUSY, QUIET])
        self.assertEqual((slept, len(said)), (3, 1))

    def test_in_vain(self):
        slept, said = self.wait(2, [BUSY] * 2)
        self.assertEqual((slept, said[-1]), (2, "the machine is still busy; going on"))


class MeterTest(unittest.TestCase):
    """The real meter: what we do ourselves is nobody else's."""

    def test_own_work_is_not_of_others(self):
        meter = load.Meter()
        subprocess.run([sys.executable, "-c", "for i in range(3000000): pass"], check=True)
        own = load.own_seconds()
        reading = meter.read()
        self.assertGreater(own, 0)
        self.assertGreaterEqual(reading["others_cpus"], 0)
        self.assertLessEqual(reading["others_cpus"], os.cpu_count() + 0.5)


if __name__ == "__main__":
    unittest.main()
