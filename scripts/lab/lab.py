# SPDX-License-Identifier: GPL-2.0
"""The lab: guests under KVM, on this machine or inside an emulated host.

    with open_lab(LabOptions(), print) as lab:
        guest = lab.start_guest("four", vcpus=4)
        status, output = guest.run("uname -a")
"""

from . import machine
from .base import GuestSpec, LabOptions
from .direct import DirectLab, why_no_guest
from .errors import LabError
from .nested import NestedLab

__all__ = ["GuestSpec", "LabOptions", "open_lab"]


def open_lab(options, progress=lambda line: None):
    """Choose the lab: guests run directly where they really run under KVM, else nested.

    progress is called with each line that tells the user what is going on.
    """
    if options.lab == "nested":
        return NestedLab(options, progress)
    if options.accel == "tcg":
        return DirectLab(options, progress)
    reason = machine.why_no_kvm() or why_no_guest(options)
    if not reason:
        return DirectLab(options, progress)
    if options.lab == "direct":
        raise LabError(f"--lab direct: guests cannot run under KVM here: {reason}; "
                       "use '--lab nested'")
    progress(f"guests cannot run directly under KVM: {reason}; using the nested lab")
    return NestedLab(options, progress)
