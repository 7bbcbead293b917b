# SPDX-License-Identifier: GPL-2.0
"""The process lab: a guest is a process, its vCPUs are threads, and this machine is the host."""

import shlex
import subprocess

from lab.errors import LabError
from lab.guest.kernel import NO_KERNEL
from lab.machines.direct import run_command
from lab.machines.without_kernel import GuestWithoutKernel, LabWithoutKernel
from lab.workload.threads import Threads

LABEL = "real CPUs: threads for vCPUs, futexes for halt and kick"


class ProcessGuest(GuestWithoutKernel):
    """A process that is started anew for each run."""

    def __init__(self, name, vcpus, programs, cpus):
        # What comes before a command that is to run on the lab's CPUs alone.
        self._confined = f"taskset --cpu-list {','.join(str(cpu) for cpu in cpus)}"
        self.programs = programs
        super().__init__(name, vcpus, NO_KERNEL,
                         f"{self._confined} {programs}/LOCK --threads {vcpus} OPTION...")

    def run(self, command, timeout=30):
        """Run a shell command on the lab's CPUs; return (exit code, output)."""
        return run_command(f"{self._confined} sh -c {shlex.quote(command)}", timeout)


class ProcessLab(LabWithoutKernel):
    """Processes on this machine."""

    label = LABEL
    kernel = NO_KERNEL
    workloads = {"lockbench": Threads}

    def __init__(self, options, progress):
        super().__init__(options, progress)
        self.programs = options.build / "process"

    def __enter__(self):
        if not (self.programs / "pvticket").exists():
            raise LabError(f"{self.programs}/pvticket: the benchmark of threads is not there; run "
                           "'make process' first")
        self.progress(f"vCPUs are threads of this machine, confined to the CPUs {self._cpus}")
        return self

    def start_guest(self, name, vcpus=1, kernel=NO_KERNEL):
        """A guest of so many vCPUs."""
        self.check_kernel(name, kernel)
        guest = ProcessGuest(name, vcpus, self.programs, self._cpus)
        self.guests.append(guest)
        return guest

    def measured_programs(self):
        return sorted(path for path in self.programs.iterdir()
                      if path.is_file() and not path.suffix)

    def manifest(self):
        return {**super().manifest(), "compiler": first_line(["cc", "--version"])}


def first_line(command):
    """The first line that a command prints; None if it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.partition("\n")[0]
