# SPDX-License-Identifier: GPL-2.0
"""pvlab doctor: what this machine can do, and why."""

import os
import shutil
import time

from lab.errors import LabError
from lab.guest import qemu
from lab.guest.kernel import Kernel, default_release
from lab.machines import advice, machine
from lab.machines.base import BUILD, LabOptions
from lab.machines.direct import why_no_guest
from lab.machines.lab import add_arguments as add_lab_arguments
from lab.machines.load import Meter
from lab.machines.settings import settings

MIN_MEMORY_MB = 3072
MIN_DISK_MB = 2048
# How long it is looked what else runs.
LOOK_S = 1
TOOLS = (
    ("qemu-system-x86_64", "boot hosts and guests"),
    ("busybox", "their user space"),
    ("cpio", "their images"),
    ("lz4", "unpacked kernels, which boot faster"),
    ("setpriv", "no QEMU outlives its lab"),
    ("taskset", "guests on few CPUs"),
    ("gcc", "modules"),
    ("make", "modules"),
)


def add_arguments(parser):
    """Options of 'pvlab doctor'."""
    add_lab_arguments(parser)


def show(good, what, detail):
    """Print one finding; return whether it is good."""
    mark = {True: "ok", False: "MISSING", None: "-"}[good]
    print(f"{mark:>8}  {what}: {detail}")
    return good is not False


def check_machine():
    """CPU, memory and disk."""
    known = machine.summary()
    show(None, "machine", f"{known['os']}, kernel {known['kernel']}")
    show(None, "CPU", f"{known['cpu']}, {len(qemu.available_cpus())} of {known['cpus']} usable")
    enough = show(known["mem_mb"] >= MIN_MEMORY_MB, "memory",
                  f"{known['mem_mb']} MiB (the nested lab wants {MIN_MEMORY_MB})")
    free = machine.free_mb(".")
    return show(free >= MIN_DISK_MB, "disk", f"{free} MiB free here "
                f"(set-up and images want {MIN_DISK_MB})") and enough


def check_tools():
    """Programs, kernel headers and kernel image."""
    good = True
    for tool, purpose in TOOLS:
        path = shutil.which(tool)
        good &= show(bool(path), tool, f"{path or 'run scripts/setup campaign'} ({purpose})")
    if shutil.which(qemu.PROGRAM):
        show(None, "QEMU", qemu.version(qemu.PROGRAM))
    return good


def check_kernel(options):
    """The kernel that L1 and the guests are to run."""
    try:
        release = options.release or default_release()
        headers = f"/lib/modules/{release}/build"
        good = show(os.path.isdir(headers), "kernel headers",
                    headers if os.path.isdir(headers)
                    else f"{headers} does not exist; install linux-headers-{release}")
        kernel = Kernel(release, BUILD)
        return show(True, "kernel image", kernel.vmlinuz) and good
    except LabError as error:
        return show(False, "kernel", error)


def check_kvm(options):
    """Whether guests run directly; return the label of the lab that will be used."""
    flag = machine.virtualization_flag()
    show(None, "virtualization", f"{flag or 'neither vmx nor svm'} in {machine.CPUINFO}")
    show(None, "/dev/kvm", machine.describe_kvm())
    reason = machine.why_no_kvm()
    if not reason:
        print("          booting a probe guest under KVM ...", flush=True)
        reason = why_no_guest(LabOptions.from_arguments(options))
    if reason:
        show(None, "direct lab", f"no: {reason}")
        show(None, "nested lab", "yes: KVM in an emulated host; results are labelled as such")
        return
    show(None, "direct lab", "yes: a probe guest booted under KVM")


def check_settings():
    """What of this machine spoils a measurement, and what else has to be known of it."""
    print("\nWhat makes a difference to measurements (every campaign records all settings):",
          flush=True)
    meter = Meter()
    time.sleep(LOOK_S)
    found = settings()
    told = [*advice.neighbours(meter.read()), *advice.advice(found), *advice.beneath(),
            *advice.unknown(found)]
    for each in sorted(told, key=lambda each: not each.spoils):
        print(f"{'SPOILS' if each.spoils else '-':>8}  {each.what}: {each.why}")
        if each.remedy:
            print(f"{'':>10}{each.remedy}")
    spoiling = sum(each.spoils for each in told)
    print(f"{spoiling} of them spoil measurements." if spoiling
          else "Nothing that is known here spoils measurements.")


def main(options):
    """Run the command."""
    good = check_machine()
    good &= check_tools()
    good &= check_kernel(options)
    if good:
        check_kvm(options)
    print("This machine can run campaigns." if good
          else "Something is missing: run 'scripts/setup campaign' or see above.")
    check_settings()
    return 0 if good else 1
