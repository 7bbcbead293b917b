# SPDX-License-Identifier: GPL-2.0
"""The lab: guests under KVM, on this machine or inside an emulated host.

    with open_lab(LabOptions(), print) as lab:
        guest = lab.start_guest("four", vcpus=4)
        status, output = guest.run("uname -a")
"""

import argparse

from lab.errors import LabError
from lab.guest.kernel import GUEST_KERNELS, is_release
from lab.machines import machine
from lab.machines.bare import why_not_bare
from lab.machines.base import (HOST_KINDS, MAX_L1_MB, MAX_PCPUS, MIN_L1_MB, PLATFORMS, VMMS,
                               GuestSpec, LabOptions, whole_number)
from lab.machines.direct import DirectLab, why_no_guest
from lab.machines.nested import NestedLab
from lab.machines.xen import XenLab

__all__ = ["GuestSpec", "LabOptions", "add_arguments", "open_lab", "why_not_bare"]


def kernel_release(text):
    """An argparse type: the release of a kernel."""
    if not is_release(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not the release of a kernel, as "
                                         "6.12.117+deb12-cloud-amd64 is; see build/")
    return text


def guest_kernel_name(text):
    """An argparse type: what guests can run."""
    if text not in GUEST_KERNELS and not is_release(text):
        raise argparse.ArgumentTypeError(f"'{text}': give one of {', '.join(GUEST_KERNELS)}, or "
                                         "the release of a kernel that 'make lab-kernel' has got")
    return text


LABS = ("auto", "nested", "direct")


def add_arguments(parser, host=True, more_labs=None):
    """Add the options that all commands that open a lab share; see LabOptions.

    host=False leaves --host to a command for which it means something else; more_labs are
    those which only the command can use.
    """
    more_labs = more_labs or {}
    group = parser.add_argument_group("lab")
    group.add_argument("--platform", choices=PLATFORMS,
                       help="the hypervisor: KVM, or a Xen under QEMU TCG for each guest, which "
                            "is its dom0 (default: kvm)")
    group.add_argument("--lab", choices=(*LABS, *more_labs),
                       help="where guests run: directly under KVM, or in an emulated host "
                            "(default: directly where that works)"
                            + "".join(f"; {name}: {what}" for name, what in more_labs.items()))
    group.add_argument("--release", metavar="KREL",
                       help="kernel release (default: that of the installed headers)")
    group.add_argument("--pcpus", type=whole_number(1, MAX_PCPUS), metavar="N",
                       help="CPUs that all guests share (default: 2; Xen: 1)")
    group.add_argument("--l1-mem", dest="l1_mem_mb", metavar="MIB",
                       type=whole_number(MIN_L1_MB, MAX_L1_MB),
                       help="memory of the emulated host (default: 2048)")
    if host:
        group.add_argument("--host", choices=HOST_KINDS,
                           help="the emulated host: the distribution's, with the patched KVM "
                                "modules, or those in a kernel with KASAN and lockdep, see 'make "
                                "host-debug' (default: stock)")
    group.add_argument("--vmm", choices=VMMS,
                       help="what runs guests in the emulated host: QEMU, or the project's own "
                            "VMM, see 'make vmm' (default: pvmm)")
    group.add_argument("--l1-kernel", type=kernel_release, metavar="KREL",
                       help="release of the emulated host's kernel, see 'make lab-kernel' "
                            "(default: that of --release)")
    group.add_argument("--guest-kernel", type=guest_kernel_name, metavar="KERNEL",
                       help="what guests run: the stock kernel, one with KASAN, lockdep and other "
                            "checks (debug), one that looks for data races (kcsan), one whose "
                            "spinlocks are these locks (ticket), or spin as long as on hardware "
                            "(tuned), see 'make guest-kernel-debug'; or a release, see 'make "
                            "lab-kernel' (default: stock)")
    # Guests under TCG: a functional test of the direct lab on a machine without KVM.
    group.add_argument("--accel", choices=("kvm", "tcg"), help=argparse.SUPPRESS)


def why_not_direct(options):
    """The reason why guests cannot run directly under KVM; None if they can."""
    return machine.why_no_kvm() or why_no_guest(options)


def open_lab(options, progress=lambda line: None):
    """Choose the lab: guests run directly where they really run under KVM, else nested.

    progress is called with each line that tells the user what is going on.
    """
    if options.platform == "xen":
        return XenLab(options, progress)
    if options.lab == "nested" or options.host != "stock" or options.vmm == "pvmm" \
            or options.l1_kernel:
        return NestedLab(options, progress)
    if options.accel == "tcg":
        return DirectLab(options, progress)
    reason = why_not_direct(options)
    if not reason:
        return DirectLab(options, progress)
    if options.lab == "direct":
        raise LabError(f"--lab direct: guests cannot run under KVM here: {reason}; "
                       "use '--lab nested'")
    progress(f"guests cannot run directly under KVM: {reason}; using the nested lab")
    return NestedLab(options, progress)
