# SPDX-License-Identifier: GPL-2.0
"""Campaigns on vCPUs without an operating system: what is asked, and what is believed."""

# pylint: disable=missing-function-docstring
import json
import shutil
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

# pylint: disable=wrong-import-position
from lab.campaign.matrix import build_plan  # noqa: E402
from lab.errors import LabError  # noqa: E402
from lab.guest.kernel import BARE  # noqa: E402
from lab.machines import bare, machine  # noqa: E402
from lab.machines.base import LabOptions  # noqa: E402
from lab.machines.bare import BareLab, kvm_counters  # noqa: E402
from lab.workload.bare import Bare  # noqa: E402
from lab.workload.workload import RunFailure  # noqa: E402

RESULT = {"cpl": 3, "kick": "x2apic ipi", "cpl0_loops_per_us": 0.6, "cpl3_loops_per_us": 1900.0,
          "cpuid_kvm_features": "0x0", "tsc_khz": 1, "pause_ns": 20.0, "work_loop_ns": 0.3,
          "tsc_warp_ns": 0, "exclusion_ok": True, "ops": 20, "irqs_off": 0, "lock_count": 1,
          "random": 0, "began_ns": 7, "duration_ns": 10_000_000}

# pvmm, as far as the lab sees it: says what it was asked, and writes statistics.
PVMM = """#!{python}
import json, sys
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
asked = dict(word.split("=") for word in options["--append"].split())
with open(options["--stats"].partition(":")[2], "w") as stats:
    json.dump({{"vcpus": [{{"kvm": {{"halt_exits": 2, "hist": [1]}}}}] * int(options["--cpus"])}},
              stats)
result = json.loads({result!r})
result.update({{key: int(value) if value.isdigit() else value for key, value in asked.items()}})
result["threads"] = int(options["--cpus"])
result["thread_ops"] = [5] * result["threads"]
print(json.dumps(result) if {code} == 0 else "vCPU 0: exception 6")
sys.exit({code})
"""


class PlanTest(unittest.TestCase):
    """Matrices for vCPUs without an operating system."""

    def test_vcpus_are_preempted_on_command(self):
        plan = build_plan("lhp", {}, {}, 1, 2, BARE)
        self.assertEqual((plan["baseline"], plan["more_baselines"]),
                         ("pvticket", ["pv-qspinlock"]))
        self.assertIn("waiter", {cell["preempted"] for cell in plan["cells"]})

    def test_holds_may_vary(self):
        self.assertIn("rare", {cell["hold_is"] for cell in
                               build_plan("holds", {}, {}, 1, 2, BARE)["cells"]})

    def test_matrices_that_need_a_kernel_are_refused(self):
        for name in ("host", "workloads"):
            with self.assertRaisesRegex(LabError, f"--matrix {name}: it needs guests with"):
                build_plan(name, {}, {}, 1, 2, BARE)


class LabTest(unittest.TestCase):
    """The lab, with a VMM that is not one."""

    def setUp(self):
        self.build = Path(tempfile.mkdtemp(prefix="pvlab-test-"))
        self.addCleanup(shutil.rmtree, self.build)
        (self.build / "bare").mkdir()
        (self.build / "bare" / "bare").touch()
        (self.build / "vmm").mkdir()
        self.install()
        patch = mock.patch.object(machine, "describe_kvm", return_value=machine.KVM_WORKS)
        self.describe = patch.start()
        self.addCleanup(patch.stop)
        self.plan = build_plan("quick", {"lock": ["pvticket"], "overcommit": [2]},
                               {"duration_ms": 10}, 1, 2, BARE)

    def install(self, code=0, **changes):
        path = self.build / "vmm" / "pvmm"
        path.write_text(PVMM.format(python=sys.executable, code=code,
                                    result=json.dumps({**RESULT, **changes})), encoding="utf-8")
        path.chmod(0o755)

    def lab(self):
        return BareLab(LabOptions(lab="bare", build=self.build), lambda line: None)

    def open(self):
        """Open the lab, and close it again."""
        with self.lab():
            pass

    def measure(self, lab):
        """A run of the plan's only cell in a guest."""
        guest = lab.start_guest("four", vcpus=4)
        return guest, Bare().measure(guest, self.plan["cells"][0], self.plan)

    def test_label_and_manifest_name_level_and_kick(self):
        with self.lab() as lab:
            self.assertEqual(lab.label, "real CPUs: vCPUs without an operating system, at CPL 3, "
                                        "kicked by x2APIC interrupts")
            manifest = lab.manifest()
        self.assertEqual((manifest["cpl"], manifest["kick"]), (3, "x2apic ipi"))
        self.assertFalse(list(self.build.glob("pvlab-*")))

    def test_a_run_and_what_the_host_has_counted(self):
        with self.lab() as lab:
            guest, result = self.measure(lab)
            self.assertEqual(guest.counters(), {"halt_exits": 8})
            self.assertEqual((result["lock"], result["threads"]), ("pvticket", 4))
            # Since this machine was started, and no more since the guest was.
            self.assertGreater(result["began_ns"], 1_000_000_000)
            environment = Bare().prepare(guest, self.plan)
        self.assertEqual((environment["vcpus_are"], environment["cpl"]), ("bare", 3))

    def test_what_is_not_believed(self):
        for change, reason in (({"exclusion_ok": False}, "did not exclude"),
                               ({"tsc_warp_ns": 5000}, "clocks of the vCPUs differ by 5000 ns"),
                               ({"ops": 0}, "no operation")):
            with self.lab() as lab, self.subTest(reason=reason):
                self.install(**change)
                with self.assertRaisesRegex(RunFailure, reason):
                    self.measure(lab)
            self.install()

    def test_a_guest_that_fails_is_a_failed_run(self):
        with self.lab() as lab:
            self.install(code=1)
            with self.assertRaisesRegex(RunFailure, "exit code 1: vCPU 0: exception 6"):
                self.measure(lab)

    def test_machines_that_cannot(self):
        self.describe.return_value = "does not exist"
        with self.assertRaisesRegex(LabError, "/dev/kvm does not exist; use '--lab process'"):
            self.open()
        self.describe.return_value = machine.KVM_WORKS
        self.install(cpl3_loops_per_us=3.0)
        with self.assertRaisesRegex(LabError, "emulates guests at CPL 0 and at CPL 3"):
            self.open()
        self.install(code=3)
        with self.assertRaisesRegex(LabError, "a probe guest failed"):
            self.open()
        (self.build / "bare" / "bare").unlink()
        with self.assertRaisesRegex(LabError, "run 'make bare' first"):
            self.open()

    def test_options_of_guests_with_a_kernel_are_refused(self):
        with self.assertRaisesRegex(LabError, "--vmm qemu: there is no guest kernel"):
            LabOptions(lab="bare", vmm="qemu")

    def test_statistics_that_are_not_there(self):
        self.assertEqual(kvm_counters(self.build / "missing"), {})

    def test_parameters_of_kvm(self):
        path = self.build / "kvm" / "parameters"
        path.mkdir(parents=True)
        (path / "halt_poll_ns").write_text("200000\n", encoding="utf-8")
        self.assertEqual(bare.kvm_parameters(self.build),
                         {"kvm/parameters/halt_poll_ns": "200000"})
