# SPDX-License-Identifier: GPL-2.0
"""The bare lab: guests without an operating system, under the KVM of this machine.

A guest is booted anew for each run, in milliseconds; see Documentation/bare.rst.
"""

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from lab.errors import LabError
from lab.guest import pvmm
from lab.guest.kernel import BARE, STOCK
from lab.machines import machine
from lab.machines.base import new_run_directory
from lab.machines.direct import run_command
from lab.machines.without_kernel import GuestWithoutKernel, LabWithoutKernel
from lab.workload.bare import Bare

LABEL = "real CPUs: vCPUs without an operating system"
KICKS = {"hypercall": "kicked by KVM_HC_KICK_CPU", "x2apic ipi": "kicked by x2APIC interrupts"}

PROBE = "lock=pvticket duration_ms=10 warmup_ms=0"
# Halts, kicks and ports, which cost more where CPL 0 is emulated.
COSTS = "costs=1"
PROBE_SECONDS = 20
# Iterations per microsecond; where they are emulated, there is less than one.
LEAST_SPEED = 50
# What a VMM that was told to end its guest may take besides.
EXTRA_SECONDS = 10

# What of KVM makes a difference to halts and to spinning.
PARAMETERS = ("kvm/parameters/halt_poll_ns", "kvm_intel/parameters/ple_gap",
              "kvm_intel/parameters/ple_window", "kvm_amd/parameters/pause_filter_count",
              "kvm_amd/parameters/pause_filter_thresh")


class Boot(NamedTuple):
    """What has become of a guest."""

    code: int
    output: str         # the guest's, followed by messages of the VMM
    counters: dict      # KVM's, of all vCPUs together


class BareGuest(GuestWithoutKernel):
    """vCPUs that are there for a run."""

    def __init__(self, name, vcpus, command, statistics):
        super().__init__(name, vcpus, BARE, shlex.join(command))
        self._command = command
        self._statistics = statistics
        self._counters = {}

    def boot(self, line, timeout):
        """Boot the image with a command line, and wait until it has ended."""
        self._statistics.unlink(missing_ok=True)
        command = [*self._command, "--timeout", str(timeout), "--append", line,
                   "--stats", f"json:{self._statistics}"]
        code, output = run_command(f"exec {shlex.join(command)}", timeout + EXTRA_SECONDS)
        boot = Boot(code, output, kvm_counters(self._statistics))
        for name, value in boot.counters.items():
            self._counters[name] = self._counters.get(name, 0) + value
        return boot

    def run(self, command, timeout=30):
        """Run a shell command on the host of the guest; return (exit code, output)."""
        return run_command(command, timeout)

    def counters(self):
        """KVM's counters, summed up over all boots; none where KVM does not tell."""
        return dict(self._counters)


def kvm_counters(path):
    """What KVM has counted, summed up over the vCPUs."""
    try:
        vcpus = json.loads(path.read_text(encoding="utf-8"))["vcpus"]
    except (OSError, ValueError):
        return {}
    counters = {}
    for vcpu in vcpus:
        for name, value in vcpu["kvm"].items():
            if isinstance(value, int):
                counters[name] = counters.get(name, 0) + value
    return counters


class BareLab(LabWithoutKernel):
    """Guests without an operating system, under KVM."""

    label = LABEL
    kernel = BARE
    workloads = {"lockbench": Bare}

    def __init__(self, options, progress):
        super().__init__(options, progress)
        self.image = options.build / "bare" / "bare"
        self.probe = {}
        self.costs = {}
        self._program = pvmm.find_program(options.build)
        self._directory = None

    def __enter__(self):
        if not self.image.exists():
            raise LabError(f"{self.image}: the image is not there; run 'make bare' first")
        self._directory = new_run_directory(self.options.build)
        try:
            self.probe = self._probe()
            self.costs = self._boot_probe(2, COSTS)
        except BaseException:
            self.close()
            raise
        cpl = self.probe["cpl"]
        self.label = f"{LABEL}, at CPL {cpl}, {KICKS[self.probe['kick']]}"
        self.progress(f"guests run at CPL {cpl}: {self.probe['cpl0_loops_per_us']:.1f} loops/us "
                      f"at CPL 0, {self.probe['cpl3_loops_per_us']:.1f} at CPL 3; they share CPUs "
                      f"{self._cpus}")
        return self

    def close(self):
        """Remove all temporary files; all that ran has ended."""
        if self._directory:
            for path in self._directory.iterdir():
                path.unlink()
            self._directory.rmdir()
            self._directory = None

    def _probe(self):
        """Boot a guest, and see at which privilege level it runs natively."""
        reason = machine.describe_kvm()
        if reason != machine.KVM_WORKS:
            raise LabError(f"--lab bare: {machine.KVM} {reason}; use '--lab process'")
        result = self._boot_probe(1, PROBE)
        fastest = max(result["cpl0_loops_per_us"], result["cpl3_loops_per_us"])
        if fastest < LEAST_SPEED:
            raise LabError(f"--lab bare: this KVM emulates guests at CPL 0 and at CPL 3 "
                           f"({fastest:.1f} loops/us); use '--lab process'")
        return result

    def _boot_probe(self, vcpus, line):
        """What a guest says that is no part of the campaign."""
        boot = self.start_guest("probe", vcpus=vcpus).boot(line, PROBE_SECONDS)
        self.guests.clear()
        if boot.code:
            raise LabError(f"--lab bare: a probe guest failed: {boot.output.strip()}; "
                           "use '--lab process'")
        return json.loads(boot.output)

    # pylint: disable-next=too-many-arguments # as other labs have it
    def start_guest(self, name, vcpus=1, kernel=BARE, inject="", seed=0):
        """A guest of so many vCPUs."""
        self.check_kernel(name, kernel)
        command = [str(self._program), "--bare", str(self.image), "--cpus", str(vcpus),
                   "--affinity", ",".join(str(cpu) for cpu in self._cpus)]
        if inject:
            command += ["--inject", inject, "--seed", str(seed)]
        guest = BareGuest(name, vcpus, command, self._directory / f"{name}.stats")
        self.guests.append(guest)
        return guest

    def measured_programs(self):
        return self.image, self._program

    def manifest(self):
        return {
            **super().manifest(),
            "vmm": "pvmm",
            "cpl": self.probe["cpl"],
            "kick": self.probe["kick"],
            "cpl0_loops_per_us": self.probe["cpl0_loops_per_us"],
            "cpl3_loops_per_us": self.probe["cpl3_loops_per_us"],
            "costs": self.costs,
            "kvm_parameters": kvm_parameters(),
        }


def why_not_bare(options):
    """None if this machine has such a lab, else the reason why not."""
    options = replace(options, lab="bare", release="", vmm="", host="stock", guest_kernel=STOCK)
    try:
        with BareLab(options, lambda line: None):
            return None
    except LabError as error:
        return str(error)


def kvm_parameters(modules=Path("/sys/module")):
    """How the host's KVM is set, as far as it tells."""
    return {name: (modules / name).read_text(encoding="utf-8").strip()
            for name in PARAMETERS if (modules / name).exists()}
