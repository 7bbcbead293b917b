# SPDX-License-Identifier: GPL-2.0
"""QEMU command lines and processes."""

import os
import shutil
import signal
import subprocess
import threading
from dataclasses import dataclass

from lab.errors import LabError

PROGRAM = "qemu-system-x86_64"
# loglevel=5: warnings and worse, since every character on the console costs exits to QEMU.
KERNEL_ARGUMENTS = "console=ttyS0 loglevel=5 tsc=reliable panic=-1 cryptomgr.notests"
# For emulated CPUs. They may do in 20 s, after which a kernel complains, what others do in one.
PATIENT = "rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60"
# L1 has two serial ports per guest and one for its agent. When the driver starts, QEMU queues
# two messages per port and silently drops what exceeds the 32 places of the control queue.
GUEST_SLOTS = 7


def find_program():
    """The path of QEMU on this machine."""
    path = shutil.which(PROGRAM)
    if not path:
        raise LabError(f"{PROGRAM}: not installed; run 'scripts/setup campaign'")
    return path


def version(program):
    """The version line of a QEMU binary."""
    result = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return result.stdout.splitlines()[0] if result.stdout else "unknown"


def kernel_arguments(append):
    """The command line of a kernel in the lab."""
    return f"{KERNEL_ARGUMENTS} {append}".strip()


# pylint: disable-next=too-many-arguments # each is an option of QEMU
def machine_command(program, name, vcpus, mem_mb, accel, cpu, kernel, initrd, append):
    """A PC that boots a kernel directly and has nothing but a serial console."""
    return [program, "-name", name, "-M", "pc", "-accel", accel, "-cpu", cpu,
            "-smp", str(vcpus), "-m", str(mem_mb),
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", str(kernel), "-initrd", str(initrd),
            "-append", kernel_arguments(append)]


def console(chardev):
    """The serial console, on a character device given in QEMU's syntax without its id."""
    return ["-chardev", with_id(chardev, "console"), "-serial", "chardev:console"]


def serial_port(chardev, name):
    """A virtio serial port called name; the machine needs a serial_bus()."""
    return ["-chardev", with_id(chardev, name),
            "-device", f"virtserialport,chardev={name},name={name}"]


def serial_bus(ports):
    """The device whose ports serial_port() adds; each port that it may have costs start-up time."""
    # Port 0 is reserved for a console.
    return ["-device", f"virtio-serial-pci,max_ports={ports + 1}"]


def with_id(chardev, ident):
    """Add an id to a character device in QEMU's syntax."""
    kind, _, rest = chardev.partition(",")
    return f"{kind},id={ident}" + (f",{rest}" if rest else "")


def socket_chardev(path, log=None):
    """A listening unix socket; all output is also written to the file log, if given."""
    chardev = f"socket,path={path},server=on,wait=off"
    return f"{chardev},logfile={log},logappend=off" if log else chardev


@dataclass
class End:
    """How a QEMU ended."""

    text: str
    reset: bool = False     # by itself, as it does when its guest resets

    def __str__(self):
        return self.text


def describe_end(status, said):
    """How QEMU ended, from its exit status (negative or over 128: a signal) and its messages."""
    if status < 0 or status > 128:
        number = -status if status < 0 else status - 128
        return End(f"was killed by {signal.Signals(number).name}")
    errors = " ".join(line for line in said.splitlines() if "warning:" not in line)
    if status == 0 and not errors:
        return End("ended by itself, as it does when its guest resets or powers off", True)
    return End(f"ended with status {status}" + (f": {errors}" if errors else ""))


class Process:
    """A QEMU that dies with this program, and after its lifetime in any case."""

    def __init__(self, command, lifetime, stderr_path, cpus=None):
        self.command = command
        self._stderr_path = stderr_path
        prefix = ["setpriv", "--pdeathsig", "KILL", "--"]
        if cpus is not None:
            prefix += ["taskset", "-c", ",".join(map(str, cpus))]
        with open(stderr_path, "wb") as stderr:
            # A session of its own: Ctrl-C on the terminal is for this program to handle.
            # pylint: disable-next=consider-using-with # stop() ends it
            self._popen = subprocess.Popen(prefix + command, stdin=subprocess.DEVNULL,
                                           stdout=stderr, stderr=stderr,
                                           start_new_session=True)
        self.pid = self._popen.pid
        self.outlived = False
        self._timer = threading.Timer(lifetime, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def _expire(self):
        self.outlived = True
        self._popen.kill()

    def ended(self, wait=0):
        """None if QEMU still runs after wait seconds, else its End."""
        try:
            status = self._popen.wait(wait)
        except subprocess.TimeoutExpired:
            return None
        if self.outlived:
            return End("was ended because it had reached its time limit")
        return describe_end(status, self._stderr_tail())

    def _stderr_tail(self):
        with open(self._stderr_path, "rb") as stderr:
            return stderr.read()[-2000:].decode(errors="replace").strip()

    def stop(self):
        """End QEMU and wait until it has gone."""
        self._timer.cancel()
        if self._popen.poll() is None:
            self._popen.terminate()
        try:
            self._popen.wait(3)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()


def available_cpus():
    """The CPUs this program may use, in ascending order."""
    return sorted(os.sched_getaffinity(0))
