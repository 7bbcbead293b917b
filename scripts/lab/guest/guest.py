# SPDX-License-Identifier: GPL-2.0
"""A running guest."""

import re

from lab.errors import CommandTimeout, GuestFailure, GuestReset, GuestStall, LabError
from lab.guest.agent import AgentLine, LineClosed, LineReset, LineTimeout, MalformedAnswer
from lab.guest.serial_log import DIES, HANGS

COUNTER = re.compile(r"(?:\./)?(\w+):(-?\d+)")
# Statistics of one VM, as KVM shows them in debugfs; the pid of its QEMU is filled in.
COUNTERS_COMMAND = "cd /sys/kernel/debug/kvm/{pid}-* && grep -s . * 2>/dev/null"


def parse_counters(text):
    """Turn "name:value" lines into a dict."""
    return {name: int(value) for name, value in COUNTER.findall(text)}


class Guest:
    """A guest whose agent answers. Labs make these; see lab.start_guest().

    The lab hands in a control object: command_line, check() raises if the guest's QEMU or
    its host is lost, counters() returns KVM's statistics, stop() ends QEMU.
    """

    def __init__(self, spec, control, line, watch):
        self.name = spec.name
        self.vcpus = spec.vcpus
        self.mem_mb = spec.mem_mb
        self.kernel = spec.kernel
        self.command_line = control.command_line
        self.log_path = watch.path
        self.running = True
        self.lost = None    # the HostLost, if its host is lost
        self.slowness = 1.0     # by how much longer than on a quiet machine commands may take
        self.control = control
        self._agent = AgentLine(line, self.check)
        self._watch = watch

    def check(self):
        """Raise if the guest is known to be lost."""
        self.control.check()
        if self._watch.sign(HANGS):
            raise self._trouble()

    def poll(self):
        """Raise if the guest has ended or is lost."""
        self._call(self._agent.poll)

    def wait_ready(self, timeout):
        """Wait for the agent, and verify that the guest has the CPUs it was given."""
        self._call(self._agent.wait_ready, timeout)
        _, output = self.run("nproc", timeout=30)
        if output.strip() != str(self.vcpus):
            raise GuestFailure(f"guest {self.name}: asked for {self.vcpus} vCPUs, "
                               f"got {output.strip()}", self.log_path)

    def run(self, command, timeout=30, on_output=None):
        """Run a shell command; return (exit code, output).

        The limit is for a quiet machine. Raises GuestFailure if the guest panics, locks up or
        dies, and CommandTimeout, after which the guest can still be used, if the command had to
        be killed.
        """
        timeout *= self.slowness
        status, output, timed_out = self._call(self._agent.run, command, timeout, on_output)
        if timed_out:
            raise CommandTimeout(f"guest {self.name}: command killed after {timeout:g} s: "
                                 f"{command}", self.log_path)
        return status, output

    def _call(self, function, *arguments):
        if self.lost:
            kind = GuestReset if isinstance(self.lost, GuestReset) else GuestFailure
            raise kind(f"guest {self.name}: {self.lost.reason}", self.log_path)
        if not self.running:
            raise LabError(f"guest {self.name}: already stopped; start it again")
        try:
            return function(*arguments)
        except (LineTimeout, LineClosed, MalformedAnswer) as error:
            if self._watch.sign(HANGS):
                raise self._trouble() from error
            kind = GuestReset if isinstance(error, LineReset) else GuestFailure
            raise kind(f"guest {self.name}: {error}", self.log_path) from error

    def _trouble(self):
        """The exception for what the serial log tells, once the kernel has told all of it."""
        self._watch.settle()
        stalls = not self._watch.sign(DIES) and not self._watch.blames_us()
        kind = GuestStall if stalls else GuestFailure
        return kind(f"guest {self.name}: {self._watch.sign(HANGS)}", self.log_path)

    def failure(self):
        """The first sign of trouble in the serial log, or None."""
        return self._watch.failure()

    def counters(self):
        """KVM's statistics of this guest; {} where its host does not show them."""
        return self.control.counters()

    def stop(self):
        """End the guest; its log remains."""
        if self.running:
            self.running = False
            self.control.stop()
