# SPDX-License-Identifier: GPL-2.0
"""The Xen lab: each guest is the first domain (dom0) of a Xen of its own, under QEMU TCG."""

import gzip
from pathlib import Path

from lab.errors import LabError
from lab.guest import qemu
from lab.guest.kernel import STOCK
from lab.machines.direct import DirectLab

# Where scripts/setup unpacks Debian's packages of Xen, below the build directory.
PACKAGES = "xen"
# The serial port of dom0 that may be connected with the console of another domain.
PORT = "domain"
# One thread for all CPUs: with several, the time that one of them waits for another says nothing.
ACCEL = "tcg,thread=single"
# With SMAP, dom0 dies as it starts. With XSAVE, its programs are corrupted now and then.
CPU = "max,-smap,-xsave"
# What Xen needs for itself, MiB.
XEN_MB = 320
# Everything that its emulated serial port prints takes time.
XEN_ARGUMENTS = "com1=115200,8n1 console=com1 loglvl=warning guest_loglvl=warning noreboot"
KERNEL_ARGUMENTS = f"console=hvc0 loglevel=5 panic=-1 cryptomgr.notests {qemu.PATIENT}"


def hypervisor(build):
    """The compressed hypervisor that scripts/setup has unpacked."""
    images = sorted(Path(build, PACKAGES, "boot").glob("xen-*-amd64.gz"))
    if not images:
        raise LabError(f"{build}/{PACKAGES}/boot: there is no hypervisor; run 'scripts/setup xen'")
    return images[-1]


def kernel_arguments(spec):
    """The kernel command line of dom0. QEMU separates the files of -initrd by commas."""
    append = f"{KERNEL_ARGUMENTS} {spec.append}".strip()
    if "," in append:
        raise LabError(f"guest {spec.name}: kernel arguments '{append}': QEMU cannot pass commas "
                       "on to the kernel of dom0; leave them out")
    return append


class XenLab(DirectLab):
    """Each guest is a dom0 with more vCPUs than its Xen has CPUs, or with one pinned to each."""

    label = "emulated: QEMU TCG, dom0 of Xen"
    emulated = True
    # Memory for other domains, MiB.
    others_mb = 0

    def __init__(self, options, progress):
        super().__init__(options, progress)
        if options.guest_kernel != STOCK or options.more_guest_kernels:
            raise LabError(f"--platform xen: --guest-kernel {options.guest_kernel} is not built "
                           "for Xen; leave it out")
        if options.interactive:
            raise LabError("--platform xen: there is no shell; use 'pvlab test' or KVM's lab")
        version = hypervisor(options.build).name.split("-")[1]
        self.label = f"emulated: QEMU TCG, dom0 of Xen {version}"
        self._hypervisor = None

    def _open(self):
        super()._open()
        self._hypervisor = self.images / "xen-hypervisor"
        with gzip.open(hypervisor(self.options.build)) as packed:
            self._hypervisor.write_bytes(packed.read())

    def _machine_command(self, spec):
        pcpus = spec.pcpus or self.pcpus
        vcpus = f"dom0_max_vcpus={spec.vcpus}"
        if spec.vcpus <= pcpus:
            vcpus += " dom0_vcpus_pin"
        modules = (f"{self.kernel.vmlinuz} {kernel_arguments(spec)},"
                   f"{self._images[spec.kernel]}")
        return [self._program, "-name", f"pvlab-{spec.name}", "-M", "pc", "-accel", ACCEL,
                "-cpu", CPU, "-smp", str(pcpus),
                "-m", str(spec.mem_mb + XEN_MB + self.others_mb),
                "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                "-kernel", str(self._hypervisor),
                "-append", f"{XEN_ARGUMENTS} dom0_mem={spec.mem_mb}M {vcpus}",
                "-initrd", modules] \
            + qemu.serial_bus(2) \
            + qemu.serial_port(qemu.socket_chardev(self.sockets / f"{spec.name}.{PORT}"), PORT)

    def manifest(self):
        manifest = super().manifest()
        manifest["nesting"] = "none: guests are dom0 of Xen, which runs under QEMU TCG"
        manifest["hypervisor"] = str(hypervisor(self.options.build).name)
        return manifest
