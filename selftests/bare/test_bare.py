# SPDX-License-Identifier: GPL-2.0
"""The guest without an operating system, under the KVM of this machine.

BARE_BOOTS and BARE_HALTS in the environment: how often to boot, and how many halts to
look for a lost kick in.
"""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
PVMM = BUILD / "vmm" / "pvmm"
IMAGE = BUILD / "bare" / "bare"
BOOTS = int(os.environ.get("BARE_BOOTS", "40"))
HALTS = int(os.environ.get("BARE_HALTS", "20000"))

# Each wait ends in a halt, and each release is a kick.
HALTING = "lock=pvticket spin_ns=0 overtake=0 hold_ns=0 think_ns=0"


def build(output, *flags):
    """Build an image."""
    subprocess.run(["make", "-s", "-C", TOP / "guest" / "bare", f"OUTPUT={output}", *flags],
                   check=True)


def run(arguments, vcpus=2, image=IMAGE, options=(), timeout=60):
    """Boot an image; the exit code, its output and messages of the VMM."""
    command = [PVMM, "--bare", image, "--cpus", str(vcpus), "--timeout", str(timeout),
               "--append", arguments, *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout + 30, check=False)
    return done.returncode, done.stdout, done.stderr


class BareCase(unittest.TestCase):
    """Tests that boot the image."""

    @classmethod
    def setUpClass(cls):
        if not os.access("/dev/kvm", os.R_OK | os.W_OK):
            raise unittest.SkipTest("/dev/kvm cannot be opened")
        subprocess.run(["make", "-s", "vmm"], cwd=TOP, check=True)
        build(IMAGE.parent)

    def result(self, arguments, vcpus=2, **what):
        """The result of a run that has to succeed."""
        code, output, messages = run(arguments, vcpus, **what)
        self.assertEqual(code, 0, output + messages)
        return json.loads(output)

    def refused(self, arguments, reason, vcpus=2):
        """A run that has to fail, and to say why."""
        code, output, messages = run(arguments, vcpus)
        self.assertEqual(code, 1, output + messages)
        self.assertIn(reason, output)


class BootTest(BareCase):
    """From the first instruction to a result."""

    def test_boots(self):
        """Often, with 1, 2, 4 and 8 vCPUs."""
        for boot in range(BOOTS):
            vcpus = (1, 2, 4, 8)[boot % 4]
            with self.subTest(boot=boot, vcpus=vcpus):
                result = self.result("lock=pvticket duration_ms=10 warmup_ms=0", vcpus)
                self.assertEqual(result["threads"], vcpus)
                self.assertTrue(result["exclusion_ok"])

    def test_levels(self):
        """It works at both privilege levels, and takes one that is native."""
        chosen = self.result("lock=pvticket duration_ms=20")
        speed = {0: chosen["cpl0_loops_per_us"], 3: chosen["cpl3_loops_per_us"]}
        self.assertGreater(4 * speed[chosen["cpl"]], max(speed.values()))
        for level in (0, 3):
            with self.subTest(cpl=level):
                result = self.result(f"lock=pvticket duration_ms=100 cpl={level}", 4)
                self.assertEqual(result["cpl"], level)
                self.assertTrue(result["exclusion_ok"])
                self.assertGreater(result["ops"], 0)

    def test_clock(self):
        """What is asked for is what is measured, by a clock that all vCPUs share."""
        result = self.result("lock=tas duration_ms=50", 4)
        self.assertAlmostEqual(result["duration_ns"], 50e6, delta=1000)
        self.assertEqual(result["tsc_warp_ns"], 0)


class LockTest(BareCase):
    """What the benchmark says."""

    def test_locks(self):
        """All locks exclude; who does not is found out."""
        for lock in ("pvticket", "ticket", "tas", "pv-qspinlock", "pv-qspinlock-tuned",
                     "qspinlock"):
            with self.subTest(lock=lock):
                result = self.result(f"lock={lock} duration_ms=200", 2)
                self.assertEqual(result["lock"], lock)
                self.assertTrue(result["exclusion_ok"])
                self.assertEqual(sum(result["thread_ops"]), result["ops"])
                self.assertEqual(result["windows"], 4)
                self.assertEqual(sum(count for _, count in result["wait_histogram"]),
                                 result["ops"])
        result = self.result("lock=busted hold_ns=5000 think_ns=0 duration_ms=500", 4)
        self.assertFalse(result["exclusion_ok"])

    def test_several_locks(self):
        """Each operation takes one of several."""
        result = self.result("lock=pvticket lock_count=4 random=1 duration_ms=100", 4)
        self.assertTrue(result["exclusion_ok"])
        self.assertEqual(result["lock_count"], 4)

    def test_refusals(self):
        """What is wrong is told."""
        self.refused("", "lock is missing")
        self.refused("lock=none", "there are pvticket")
        self.refused("lock=tas threads=3", "there are 2 vCPUs")
        self.refused("lock=tas hold_ns=x", "must be a number from")
        self.refused("lock=tas kick=pigeon", "must be one of auto ipi hypercall")
        self.refused("lock=tas size=1", "no such key")
        self.refused("lock=tas ring=waiter", "cannot say who that is")

    def test_wrong_options(self):
        """An image and a kernel exclude each other, and what is no image is refused."""
        for image, options, reason in ((IMAGE, ("--kernel", "x"), "--bare with"),
                                       (Path(__file__), (), "neither a bzImage nor an ELF"),
                                       (TOP / "missing", (), "No such file")):
            with self.subTest(reason=reason):
                code, output, messages = run("lock=tas", image=image, options=options)
                self.assertIn(code, (2, 3))
                self.assertEqual(output, "")
                self.assertIn(reason, messages)

    def test_preemption(self):
        """Holders that the VMM preempts on command."""
        result = self.result("lock=pvticket ring=holder ring_us=20000 duration_ms=500", 2,
                             options=("--inject", "holder:1,for=5ms"))
        self.assertGreater(result["rings"], 5)
        self.assertEqual(result["rings"], result["doorbell_rings"])
        self.assertEqual(result["preempt_done"], result["rings"])
        self.assertGreaterEqual(result["preempt_held_us"], 5000 * result["rings"])


class KickTest(BareCase):
    """No kick is lost."""

    def test_no_kick_is_lost(self):
        """In as many halts as were asked for; a vCPU that is left halted fails its run."""
        halts = 0
        while halts < HALTS:
            result = self.result(f"{HALTING} duration_ms=2000", 8)
            self.assertTrue(result["exclusion_ok"])
            # Those who halt or are kicked at one end of what is measured.
            self.assertLessEqual(abs(result["halts"] - result["kicks"]), 16)
            self.assertGreater(result["hlt_executed"], 0)
            self.assertGreater(result["kick_to_run_p50_ns"], 0)
            halts += result["halts"]
        print(f"# {halts} halts", flush=True)

    def test_kernels_lock(self):
        """The kernel's own lock halts, is kicked and is stolen as in a guest."""
        result = self.result("lock=pv-qspinlock-tuned duration_ms=2000 hold_ns=10000", 8)
        self.assertTrue(result["exclusion_ok"])
        for count in ("halts", "kicks", "overtakes", "hlt_executed"):
            self.assertGreater(result[count], 0, count)

    def test_costs(self):
        """What halts and kicks cost is measured; a halt and its kick take more than no halt."""
        costs = self.result("costs=1", 2)
        for name, cost in costs.items():
            self.assertGreaterEqual(cost["median_ns"], cost["least_ns"], name)
        self.assertGreater(costs["halt_and_kick_both_ways"]["least_ns"],
                           costs["halt_with_token"]["least_ns"])
        self.refused("costs=1", "takes two vCPUs", vcpus=1)

    def test_statistics(self):
        """The host has seen the halts that the guest has counted."""
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "stats"
            result = self.result(f"{HALTING} duration_ms=500", 4,
                                 options=("--stats", f"json:{path}"))
            vcpus = json.loads(path.read_text(encoding="utf-8"))["vcpus"]
        self.assertEqual(len(vcpus), 4)
        if not vcpus[0]["kvm"]:
            self.skipTest("KVM has no KVM_CAP_BINARY_STATS_FD")
        seen = sum(vcpu["kvm"]["halt_exits"] for vcpu in vcpus)
        self.assertGreaterEqual(seen, result["hlt_executed"])

    def test_lost_kick_is_caught(self):
        """A mutant that loses one in a thousand."""
        with tempfile.TemporaryDirectory() as directory:
            build(directory, "FLAGS=-DLOSE_ONE_KICK_IN=1000")
            # On a busy machine, there may be less than a thousand in a run.
            for _ in range(5):
                code, output, _ = run(f"{HALTING} duration_ms=3000", 8,
                                      image=Path(directory) / "bare")
                if code:
                    break
        self.assertEqual(code, 1)
        self.assertIn("halted, not kicked", output)


class CampaignTest(BareCase):
    """A campaign in the lab, from the command line to its results."""

    def test_campaign(self):
        """Levels and kicks are named, and KVM's counters recorded."""
        with tempfile.TemporaryDirectory() as directory:
            out = Path(directory) / "out"
            done = subprocess.run(
                ["scripts/pvlab", "campaign", "--lab", "bare", "--locks", "pvticket,spinlock",
                 "--overcommit", "2", "--repeats", "1", "--duration-ms", "100",
                 "--warmup-ms", "50", "--out", out], cwd=TOP, capture_output=True, text=True,
                timeout=120, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            results = json.loads((out / "results.json").read_text(encoding="utf-8"))
            record = json.loads((out / "runs.jsonl").read_text(encoding="utf-8").splitlines()[0])
        self.assertRegex(results["label"], "^real CPUs: vCPUs without an operating system, at CPL "
                                           "[03], kicked by ")
        self.assertEqual({cell["lock"] for cell in results["cells"]},
                         {"pvticket", "pv-qspinlock"})
        if record["host_counters"]:
            self.assertGreater(record["host_counters"]["exits"], 0)
