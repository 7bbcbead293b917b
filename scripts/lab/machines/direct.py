# SPDX-License-Identifier: GPL-2.0
"""The direct lab: guests run on this machine under KVM."""

import os
import shlex
import signal
import subprocess
from dataclasses import replace

from lab.errors import GuestFailure, GuestReset, LabError
from lab.guest import agent, qemu
from lab.guest.guest import COUNTERS_COMMAND, Guest, parse_counters
from lab.guest.kernel import STOCK
from lab.guest.serial_log import HANGS, LogWatch
from lab.machines.base import GuestSpec, Lab

CONNECT_TIMEOUT = 20
PROBE_SECONDS = 30


class DirectControl:
    """A guest's QEMU on this machine."""

    def __init__(self, name, process, log_path):
        self.command_line = shlex.join(process.command)
        self._name = name
        self._process = process
        self._log_path = log_path

    def check(self):
        """Raise if the guest's QEMU has ended."""
        ended = self._process.ended()
        if ended:
            sign = LogWatch(self._log_path).sign(HANGS)
            kind = GuestReset if ended.reset and not sign else GuestFailure
            raise kind(f"guest {self._name}: " + (sign or f"its QEMU {ended}"), self._log_path)

    def counters(self):
        """Needs root, to whom alone debugfs is open."""
        command = COUNTERS_COMMAND.format(pid=self._process.pid)
        return parse_counters(run_command(command, 20)[1])

    def stop(self):
        """End the guest's QEMU."""
        self._process.stop()


class DirectLab(Lab):
    """Guests on this machine, all confined to the same few CPUs."""

    label = "hardware: KVM"

    def __init__(self, options, progress):
        super().__init__(options, progress)
        self._cpus = qemu.available_cpus()[:options.pcpus]
        self._images = {}
        self._lines = []
        if options.accel == "tcg":
            self.label = "emulated: QEMU TCG"
            self.emulated = True

    def _open(self):
        self.progress(f"building the image of the guests; they share CPUs {self._cpus}")
        self._images = self._build_guest_images()

    def _launch(self, spec, log_path):
        path = self.sockets / spec.name
        console = qemu.socket_chardev(f"{path}.console", log_path) if spec.interactive \
            else f"file,path={log_path}"
        command = self._machine_command(spec) \
            + qemu.console(console) + qemu.serial_port(qemu.socket_chardev(f"{path}.agent"),
                                                       "agent")
        process = qemu.Process(command, self.options.lifetime,
                               self.options.log_dir / f"{spec.name}.qemu", self._cpus)
        control = DirectControl(spec.name, process, log_path)
        try:
            line = agent.connect(f"{path}.agent", CONNECT_TIMEOUT, control.check)
        except BaseException:
            control.stop()
            raise
        self._lines.append(line)
        return Guest(spec, control, line, LogWatch(log_path))

    def _machine_command(self, spec):
        """The QEMU command line of a guest, but for its console and the agent's port."""
        accel, cpu = ("tcg,thread=multi", "max") if self.options.accel == "tcg" \
            else ("kvm", "host")
        return spec.command(self._program, accel, cpu,
                            self.guest_kernels[spec.kernel].boot_image(),
                            self._images[spec.kernel])

    def open_console(self):
        """Connect to the console of the guest that was started for interactive use."""
        return agent.connect(self.sockets / f"{self.guests[0].name}.console", CONNECT_TIMEOUT)

    def run_host(self, command, timeout=60, on_output=None):
        status, output = run_command(command, timeout)
        if on_output:
            on_output(output)
        return status, output

    def manifest(self):
        manifest = super().manifest()
        manifest["nesting"] = "none" if not self.emulated else "none; guests under QEMU TCG"
        manifest["cpus"] = self._cpus
        return manifest

    def _close(self):
        for guest in self.guests:
            guest.control.stop()
        for line in self._lines:
            line.close()


def run_command(command, timeout):
    """Run a shell command on this machine, and end all of its session when time is up."""
    with subprocess.Popen(["sh", "-c", command], stdin=subprocess.DEVNULL, text=True,
                          errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          start_new_session=True) as process:
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            raise LabError(f"command killed after {timeout:g} s: {command}") from error
    return process.returncode, output


def why_no_guest(options):
    """Boot a guest under KVM; None if it comes up in time, else the reason why it did not."""
    probe = replace(options, lab="direct", lifetime=2 * PROBE_SECONDS,
                    boot_timeout=PROBE_SECONDS, guest_kernel=STOCK, more_guest_kernels=())
    try:
        with DirectLab(probe, lambda line: None) as lab:
            lab.start_guests([GuestSpec("probe", vcpus=1)])
    except GuestFailure as error:
        return f"/dev/kvm: a probe guest failed: {error}"
    return None
