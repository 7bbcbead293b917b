# SPDX-License-Identifier: GPL-2.0
"""The process lab: a guest is a process, its vCPUs are threads, and this machine is the host."""

import hashlib
import shlex
import subprocess

from lab.errors import LabError
from lab.guest import qemu
from lab.guest.kernel import NO_KERNEL
from lab.machines import machine
from lab.machines.direct import run_command
from lab.workload.threads import Threads

LABEL = "real CPUs: threads for vCPUs, futexes for halt and kick"


class ProcessGuest:
    """A process that is started anew for each run; what a campaign asks of a guest."""

    def __init__(self, name, vcpus, programs, cpus):
        self.name = name
        self.vcpus = vcpus
        self.kernel = NO_KERNEL
        self.programs = programs
        self.log_path = None
        self._cpus = cpus
        self.command_line = f"{self.confined()} {programs}/LOCK --threads {vcpus} OPTION..."

    def confined(self):
        """What comes before a command that is to run on the lab's CPUs alone."""
        return f"taskset --cpu-list {','.join(str(cpu) for cpu in self._cpus)}"

    def run(self, command, timeout=30):
        """Run a shell command on the lab's CPUs; return (exit code, output)."""
        return run_command(f"{self.confined()} sh -c {shlex.quote(command)}", timeout)

    def failure(self):
        """A process leaves no log."""
        return None

    def counters(self):
        """There is no hypervisor that counts."""
        return {}

    def stop(self):
        """Nothing is left of a run."""


class ProcessLab:
    """Processes on this machine, all confined to the same few CPUs."""

    label = LABEL
    emulated = False
    guest_limit = None
    workloads = {"lockbench": Threads}

    def __init__(self, options, progress):
        self.options = options
        self.progress = progress
        self.pcpus = options.pcpus
        self.guests = []
        self.programs = options.build / "process"
        self._cpus = qemu.available_cpus()[:options.pcpus]

    def __enter__(self):
        if not (self.programs / "pvticket").exists():
            raise LabError(f"{self.programs}/pvticket: the benchmark of threads is not there; run "
                           "'make process' first")
        self.progress(f"vCPUs are threads of this machine, confined to the CPUs {self._cpus}")
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """All that ran has ended."""

    def start_guest(self, name, vcpus=1, kernel=NO_KERNEL):
        """A guest of so many vCPUs."""
        if kernel != NO_KERNEL:
            raise LabError(f"guest {name}: a process has no kernel")
        guest = ProcessGuest(name, vcpus, self.programs, self._cpus)
        self.guests.append(guest)
        return guest

    def manifest(self):
        """What was measured with, for the record."""
        return {
            "label": self.label,
            "emulated": self.emulated,
            "nesting": "none",
            "pcpus": self.pcpus,
            "cpus": self._cpus,
            "machine": machine.summary(),
            "compiler": first_line(["cc", "--version"]),
            "programs": {path.name: digest(path) for path in sorted(self.programs.iterdir())
                         if path.is_file() and not path.suffix},
        }


def digest(path):
    """What identifies the content of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def first_line(command):
    """The first line that a command prints; None if it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.partition("\n")[0]
