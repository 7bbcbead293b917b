# SPDX-License-Identifier: GPL-2.0
"""What the labs have in common whose guests have no kernel: they run on this machine's CPUs."""

import hashlib
import platform

from lab.errors import LabError
from lab.guest import qemu
from lab.machines import machine
from lab.machines.settings import settings


class GuestWithoutKernel:
    """Something that is started anew for each run; what a campaign asks of a guest."""

    log_path = None

    def __init__(self, name, vcpus, kernel, command_line):
        self.name = name
        self.vcpus = vcpus
        self.kernel = kernel
        self.command_line = command_line

    def failure(self):
        """It leaves no log: what went wrong is in what a run returns."""
        return None

    def counters(self):
        """No hypervisor counts."""
        return {}

    def stop(self):
        """Nothing is left of a run."""


class LabWithoutKernel:
    """Guests that are all confined to the same few CPUs of this machine.

    A lab has a label, its kernel (what it has instead), and its workloads.
    """

    label = ""
    kernel = ""
    emulated = False
    guest_limit = None
    workloads = {}

    def __init__(self, options, progress):
        self.options = options
        self.progress = progress
        self.pcpus = options.pcpus
        self.guests = []
        self._cpus = qemu.available_cpus()[:options.pcpus]

    def __exit__(self, *_):
        self.close()

    def close(self):
        """All that ran has ended."""

    def check_kernel(self, name, kernel):
        """Refuse a guest with a kernel."""
        if kernel != self.kernel:
            raise LabError(f"guest {name}: it has no kernel, and so not '{kernel}'")

    def manifest(self):
        """What was measured with, for the record."""
        return {
            "label": self.label,
            "emulated": self.emulated,
            "nesting": "none",
            "pcpus": self.pcpus,
            "cpus": self._cpus,
            "machine": machine.summary(),
            "node": platform.node(),
            "settings": settings(),
            "programs": {path.name: digest(path) for path in self.measured_programs()},
        }

    def measured_programs(self):
        """The files whose content makes a difference."""
        raise NotImplementedError


def digest(path):
    """What identifies the content of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
