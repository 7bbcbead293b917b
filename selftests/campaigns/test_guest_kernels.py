# SPDX-License-Identifier: GPL-2.0
"""Guests with other kernels than their host, and locks that are measured in them."""

# pylint: disable=missing-function-docstring,protected-access,consider-using-with
import contextlib
import io
import os
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from campaign_case import CampaignCase
from lab.campaign.matrix import build_plan
from lab.errors import GuestFailure, GuestReset, LabError
from lab.guest import kernel
from lab.machines.base import GuestSpec, Lab, LabOptions
from lab.report.facts import guest_texts
from lab.testing import kselftest
from lab.testing.controls import CONTROLS, HANGS_ATTEMPTS, SOUND, run_control
from lab.workload.locks import KNOWN_LOCKS, kernel_of, lockbench_name, named_for


def make_kernel(build, release):
    """What scripts/setup or guest/kernel/build leaves behind."""
    image = Path(build) / release / "image"
    for path in (f"boot/vmlinuz-{release}", f"lib/modules/{release}/modules.dep"):
        (image / path).parent.mkdir(parents=True)
        (image / path).write_text("", encoding="ascii")


def make_variant(build, variant, release):
    """A guest kernel's build tree and image."""
    tree = Path(build) / "guest-kernel" / variant / "include" / "config"
    tree.mkdir(parents=True)
    (tree / "kernel.release").write_text(release + "\n", encoding="ascii")
    make_kernel(build, release)


class NameTest(unittest.TestCase):
    """Locks, what lockbench.ko calls them, and their kernels."""

    def test_tuned_spinlock(self):
        self.assertEqual(lockbench_name("spinlock-tuned"), "spinlock")
        self.assertEqual(kernel_of("spinlock-tuned", "stock"), "tuned")

    def test_all_others(self):
        self.assertEqual((lockbench_name("spinlock-ticket"), kernel_of("spinlock-ticket", "any")),
                         ("spinlock", "ticket"))
        for name in set(KNOWN_LOCKS) - {"spinlock-tuned", "spinlock-ticket"}:
            self.assertEqual((lockbench_name(name), kernel_of(name, "any")), (name, "any"))

    def test_named_for(self):
        self.assertEqual(named_for("tuned", ["pvticket", "spinlock"]),
                         ["pvticket", "spinlock-tuned"])
        self.assertEqual(named_for("tuned", ["spinlock", "spinlock-tuned"]), ["spinlock-tuned"])
        self.assertEqual(named_for("stock", ["spinlock", "tas"]), ["spinlock", "tas"])


class PlanTest(unittest.TestCase):
    """What a plan says about kernels."""

    def test_tuned(self):
        plan = build_plan("quick", {}, {}, 1, 2, "tuned")
        self.assertEqual((plan["guest_kernel"], plan["baseline"]), ("tuned", "spinlock-tuned"))
        self.assertEqual(plan["more_baselines"], [])
        self.assertNotIn("spinlock", {cell["lock"] for cell in plan["cells"]})

    def test_both(self):
        plan = build_plan("quick", {"lock": ["spinlock", "spinlock-tuned"]}, {}, 1, 2)
        self.assertEqual((plan["baseline"], plan["more_baselines"]),
                         ("spinlock", ["spinlock-tuned"]))


class CampaignTest(CampaignCase):
    """Campaigns in the fake lab."""

    def run_in(self, lab):
        """Which lock of lockbench.ko ran in which kernel."""
        return {(request["lock"], request["kernel"]) for request in lab.requests}

    def test_both_in_one(self):
        lab = self.lab()
        self.assertEqual(self.campaign("--locks", "pvticket,spinlock,spinlock-tuned", lab=lab), 0)
        self.assertEqual(self.run_in(lab), {("pvticket", "stock"), ("spinlock", "stock"),
                                            ("spinlock", "tuned")})
        self.assertEqual(self.opened.more_guest_kernels, ("tuned",))
        self.assertEqual(set(self.document()["manifest"]["guests"]),
                         {"2", "4", "8", "2-tuned", "4-tuned", "8-tuned"})
        self.assertIn("ops_per_s", self.cell("spinlock-tuned", 4)["change"])
        self.assertIn("Multiples of spinlock-tuned", self.printed)
        ratio = self.cell("pvticket", 4)["ratio"]["spinlock-tuned"]["ops_per_s"]
        self.assertAlmostEqual(ratio, self.cell("pvticket", 4)["ops_per_s"]
                               / self.cell("spinlock-tuned", 4)["ops_per_s"])
        self.assertEqual(self.cell("spinlock-tuned", 4)["ratio"], {})
        self.assertIn("guest with 8 vCPUs and the tuned kernel is up", self.messages)

    def test_tuned_for_all(self):
        lab = self.lab()
        self.assertEqual(self.campaign("--guest-kernel", "tuned", lab=lab), 0)
        self.assertEqual({kernel for _, kernel in self.run_in(lab)}, {"tuned"})
        self.assertEqual(self.opened.more_guest_kernels, ())
        locks = {cell["lock"] for cell in self.document()["cells"]}
        self.assertEqual(locks, {"pvticket", "ticket", "spinlock-tuned", "tas"})
        self.assertIsNotNone(self.cell("spinlock-tuned", 4, control=True))

    def test_a_wrong_answer_fails_the_cell(self):
        lab = self.lab(faults={("spinlock", 4): {"lock": "spinlock-tuned"}})
        self.assertEqual(self.campaign("--locks", "spinlock-tuned", "--vcpus", "4", lab=lab), 1)
        self.assertIn("asked for lock=spinlock, but", self.messages)

    def test_debug_is_refused(self):
        with self.assertRaisesRegex(LabError, "--guest-kernel debug: .*give stock or tuned"):
            self.campaign("--guest-kernel", "debug")
        self.assertFalse(os.path.exists(self.out))

    def test_resume_keeps_the_kernel(self):
        lab = self.lab(interrupt_after=3)
        self.campaign("--guest-kernel", "tuned", lab=lab)
        lab = self.lab()
        self.assertEqual(self.campaign("--resume", self.out, lab=lab), 0)
        self.assertEqual({kernel for _, kernel in self.run_in(lab)}, {"tuned"})
        self.assertEqual(self.opened.guest_kernel, "tuned")

    def test_resume_with_another_kernel(self):
        self.campaign("--guest-kernel", "tuned", lab=self.lab(interrupt_after=3))
        with self.assertRaisesRegex(LabError, "guest_kernel differs|axes differs"):
            self.campaign("--resume", self.out, "--guest-kernel", "stock")

    def test_report_tells_kernels_apart(self):
        texts = guest_texts({"4": {"vcpus": 4, "kernel": "6.1.0-cloud"},
                             "4-tuned": {"vcpus": 4, "kernel": "6.1.9-pvlab-tuned"}})
        self.assertEqual([text.split(",")[0] for text in texts],
                         ["4 vCPUs: kernel 6.1.0-cloud", "4 vCPUs: kernel 6.1.9-pvlab-tuned"])


class LabTest(unittest.TestCase):
    """Kernels of a real lab, none of which is booted."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="pvlab-test-")
        self.addCleanup(directory.cleanup)
        self.build = Path(directory.name)
        make_kernel(self.build, "6.1.0-stock")

    def lab(self, *more, guest_kernel="stock"):
        return Lab(LabOptions(release="6.1.0-stock", build=self.build, guest_kernel=guest_kernel,
                              more_guest_kernels=more), lambda line: None)

    def test_not_built(self):
        for variant in ("debug", "tuned"):
            with self.assertRaisesRegex(LabError, "'" + variant + "' has not been built; run "
                                                  "'make guest-kernel-" + variant + "'"):
                self.lab(guest_kernel=variant)

    def test_built_but_image_gone(self):
        make_variant(self.build, "debug", "6.1.9-pvlab-debug")
        os.unlink(self.build / "6.1.9-pvlab-debug/image/boot/vmlinuz-6.1.9-pvlab-debug")
        with self.assertRaisesRegex(LabError, "is missing; run 'make guest-kernel-debug'"):
            self.lab(guest_kernel="debug")

    def test_manifest(self):
        make_variant(self.build, "tuned", "6.1.9-pvlab-tuned")
        manifest = self.lab("tuned").manifest()
        self.assertEqual(manifest["kernel"], "6.1.0-stock")
        self.assertEqual(manifest["guest_kernels"],
                         {"stock": "6.1.0-stock", "tuned": "6.1.9-pvlab-tuned"})

    def test_guests(self):
        make_variant(self.build, "debug", "6.1.9-pvlab-debug")
        lab = self.lab("debug")
        self.assertEqual(lab._complete(GuestSpec("a")).kernel, "stock")
        debug = lab._complete(GuestSpec("b", kernel="debug", mem_mb=128))
        self.assertEqual((debug.kernel, debug.mem_mb), ("debug", 512))
        with self.assertRaisesRegex(LabError, "guest c: .*'tuned', only with stock, debug"):
            lab._complete(GuestSpec("c", kernel="tuned"))

    def test_modules_are_those_of_the_kernel(self):
        make_variant(self.build, "tuned", "6.1.9-pvlab-tuned")
        for release in ("6.1.0-stock", "6.1.9-pvlab-tuned"):
            for part in ("guest", "mutants/no-loop"):
                directory = self.build / release / part
                directory.mkdir(parents=True)
                (directory / "pvticketlock.ko").write_bytes(b"")
        tuned = kernel.guest_kernel("tuned", None, self.build)
        self.assertEqual(tuned.extra_modules(),
                         [self.build / "6.1.9-pvlab-tuned/guest/pvticketlock.ko"])
        self.assertEqual(tuned.mutant_modules(),
                         [self.build / "6.1.9-pvlab-tuned/mutants/no-loop/pvticketlock.ko"])


class ControlGuest:
    """A guest in which a control does what it is told."""

    def __init__(self, sign, dies=True, status=0, end=None):
        self.sign = sign
        self.dies = dies
        self.status = status
        self.end = end

    def run(self, command, timeout):
        """Run the control's command."""
        if not command or not timeout:
            raise AssertionError("nothing to run")
        if self.end:
            raise self.end
        if self.sign and self.dies:
            raise GuestFailure(self.sign, None)
        return self.status, "insmod: no such file"

    def failure(self):
        """What the log has."""
        return self.sign

    def stop(self):
        """End the guest."""


class ControlTest(unittest.TestCase):
    """A control passes only if the kernel has reported what it is about."""

    def judge(self, *arguments, **more):
        control = next(each for each in CONTROLS["debug"] if each.name == "kasan-late-unlock")
        return run_control(control, ControlGuest(*arguments, **more), 10)

    def test_reported(self):
        self.assertIsNone(self.judge("KASAN: use-after-free in drop+0x1/0x2"))
        self.assertIsNone(self.judge("KASAN: use-after-free in drop+0x1/0x2", dies=False))

    def test_silence(self):
        self.assertIn("KASAN: use-after-free was expected, but the log has nothing",
                      self.judge(None))

    def test_command_failed(self):
        self.assertIn("status 1: insmod: no such file", self.judge(None, status=1))

    def test_another_report(self):
        self.assertIn("but the log has soft lockup", self.judge("soft lockup: CPU#1"))


class HangingControlTest(unittest.TestCase):
    """A control that must not end, and does without the fault."""

    def judge(self, *results):
        """What is said of these results, one for each run."""
        control = next(each for each in CONTROLS["stock"] if each.name == "lost-wakeup")
        guest = mock.Mock()
        guest.run.side_effect = results
        problem = run_control(control, guest, 10)
        self.assertEqual([SOUND in call.args[0] for call in guest.run.call_args_list],
                         [True] + [False] * (len(results) - 1))
        return problem

    def test_hangs(self):
        self.assertIsNone(self.judge((0, ""), GuestFailure("no answer", None)))

    def test_hangs_at_last(self):
        self.assertIsNone(self.judge((0, ""), (0, ""), GuestFailure("no answer", None)))

    def test_ends_all_the_same(self):
        self.assertIn(f"it has ended {HANGS_ATTEMPTS} times, with status 0",
                      self.judge(*[(0, "")] * (1 + HANGS_ATTEMPTS)))

    def test_fails_without_the_fault(self):
        self.assertIn("without the fault, the test fails with status 1: oh",
                      self.judge((1, "oh")))

    def test_reset(self):
        with self.assertRaises(GuestReset):
            self.judge((0, ""), GuestReset("its QEMU ended by itself", None))


class RunControlsTest(unittest.TestCase):
    """Controls as part of 'pvlab test'."""

    def run_in(self, *guests, emulated=True):
        """Run one control, with one guest after another; return the counts."""
        lab = SimpleNamespace(emulated=emulated, pcpus=2,
                              start_guest=mock.Mock(side_effect=guests))
        options = SimpleNamespace(vcpus=0, timeout=10)
        with contextlib.redirect_stdout(io.StringIO()):
            tests = kselftest.TestRun(io.StringIO(), 1, 10)
            kselftest.run_controls(lab, kselftest.find_controls("debug", "kasan-late*"),
                                   options, tests)
        self.assertEqual(lab.start_guest.call_count, len(guests))
        return str(tests.counts)

    def test_reported(self):
        self.assertEqual(self.run_in(ControlGuest("KASAN: use-after-free in x")),
                         "1 passed (1 of them negative controls), 0 failed, 0 skipped")

    def test_silence_fails(self):
        self.assertEqual(self.run_in(ControlGuest(None)), "0 passed, 1 failed, 0 skipped")

    def test_emulated_reset(self):
        reset = ControlGuest(None, end=GuestReset("its QEMU ended by itself", None))
        self.assertEqual(self.run_in(reset, ControlGuest("KASAN: use-after-free in x")),
                         "1 passed (1 of them negative controls), 0 failed, 0 skipped")
        self.assertEqual(self.run_in(*[reset] * (1 + kselftest.RESETS_TOLERATED)),
                         "0 passed, 1 failed, 0 skipped")

    def test_reset_on_real_kvm_fails(self):
        reset = ControlGuest(None, end=GuestReset("its QEMU ended by itself", None))
        self.assertEqual(self.run_in(reset, emulated=False), "0 passed, 1 failed, 0 skipped")

    def test_which(self):
        self.assertEqual(kselftest.find_controls("tuned", "*"), [])
        self.assertEqual(len(kselftest.find_controls("debug", "*")), 3)
        self.assertEqual(len(kselftest.find_controls("debug", "kasan*")), 2)


class BootImageTest(unittest.TestCase):
    """What QEMU is given to boot."""

    def boot(self, inside):
        """The name of the file that is booted if this is inside vmlinuz."""
        directory = tempfile.TemporaryDirectory(prefix="pvlab-test-")
        self.addCleanup(directory.cleanup)
        make_kernel(directory.name, "x")
        with mock.patch.object(kernel, "unpack", return_value=inside):
            return kernel.Kernel("x", directory.name).boot_image().name

    def test_pvh(self):
        self.assertEqual(self.boot(b"\x7fELF.." + kernel.PVH_NOTE + b".."), "vmlinux-x")

    def test_without_pvh(self):
        self.assertEqual(self.boot(b"\x7fELF...."), "vmlinuz-x")

    def test_not_unpacked(self):
        self.assertEqual(self.boot(None), "vmlinuz-x")
