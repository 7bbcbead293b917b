# SPDX-License-Identifier: GPL-2.0
"""What the nested and the direct lab have in common."""

import argparse
import os
import platform
import re
import shutil
import tempfile
from dataclasses import dataclass, fields, replace
from pathlib import Path

from lab.errors import LabError
from lab.guest import image, qemu
from lab.guest.kernel import (BARE, GUEST_KERNEL_MB, NO_KERNEL, STOCK, Kernel, default_release,
                              guest_kernel)
from lab.guest.serial_log import DIES, WARNS
from lab.machines import machine
from lab.machines.settings import settings

PROJECT = Path(__file__).resolve().parents[3]
# Of an installed lab, elsewhere.
BUILD = Path(os.environ.get("PVLAB_BUILD") or PROJECT / "build").absolute()
MAX_VCPUS = 255
# The hosts that can be compared.
HOSTS = ("stock", "patched")
# Hypervisors that guests run on.
PLATFORMS = ("kvm", "xen")
# What makes the console a shell (initramfs/common.sh): it is as large as this terminal.
TERMINAL = shutil.get_terminal_size()
SHELL_ARGUMENT = f"pvlab.shell={TERMINAL.lines},{TERMINAL.columns}"
# Labs whose guests have no kernel, and what they run.
WITHOUT_KERNEL = {"process": NO_KERNEL, "bare": BARE}
# What runs guests.
VMMS = ("qemu", "pvmm")
MAX_PCPUS = 4096
MIN_GUEST_MB = 96
MIN_L1_MB = 768
MAX_L1_MB = 4096
# What programs and their libraries take in a guest, which has them in memory.
GUEST_PROGRAMS_MB = 192


def whole_number(minimum, maximum):
    """An argparse type: a whole number within bounds."""
    def parse(text):
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number") from None
        if not minimum <= value <= maximum:
            raise argparse.ArgumentTypeError(f"{value}: give a number from {minimum} "
                                             f"to {maximum}")
        return value
    return parse


@dataclass
class HostKind:
    """What L1 is, and from which sign in its log on it is lost."""

    kernel: str = ""        # of guest/kernel/build; "": the stock kernel
    patched: bool = False   # KVM modules of "make host", and not those of the kernel
    grave: int = DIES


# On a busy machine L1 may stand still for a while, so only the kernel that is there to report
# what goes wrong is taken at its word.
HOST_KINDS = {
    "stock": HostKind(),
    "patched": HostKind(patched=True),
    "debug": HostKind(kernel="host", grave=WARNS),
}


@dataclass
# pylint: disable-next=too-many-instance-attributes # each is an option
class LabOptions:
    """How to set up a lab. All commands that open one share these (see cli.py)."""

    platform: str = "kvm"           # kvm or xen
    lab: str = "auto"               # of KVM: auto, nested or direct; or process, bare
    release: str = ""               # kernel release; "" is the default one
    build: Path = BUILD
    log_dir: Path = None            # where serial logs go; None: below build
    pcpus: int = 0                  # CPUs that all guests share; 0: two, or one for Xen
    l1_mem_mb: int = 2048
    host: str = "stock"             # what L1 is, see HOST_KINDS
    kvm: Path = None                # directory of L1's KVM modules; None: those of the host
    host_tests: Path = None         # programs for L1; None: those of "pvlab test"
    vmm: str = ""                   # what runs them: qemu or pvmm; "": what the lab prefers
    l1_kernel: str = ""             # release of the kernel of L1; "": the same
    guest_kernel: str = STOCK       # what guests run, unless they say otherwise
    more_guest_kernels: tuple = ()  # what else some of them run
    guest_programs: tuple = ()      # files of programs for the guests
    lifetime: float = 3600.0        # every QEMU is ended after this many seconds
    boot_timeout: float = 120.0
    accel: str = "kvm"              # tcg: a functional test of the direct lab without KVM
    interactive: str = ""           # l1 or l2: a shell on its console

    def __post_init__(self):
        self.build = Path(self.build)
        if self.lab in WITHOUT_KERNEL:
            self.check_without_kernel()
            self.guest_kernel = WITHOUT_KERNEL[self.lab]
        else:
            self.release = self.release or default_release(self.platform)
        self.log_dir = Path(self.log_dir or self.build / self.release / "lab" / "logs")
        available = len(qemu.available_cpus())
        self.pcpus = self.pcpus or (1 if self.platform == "xen" else min(2, available))
        if not 1 <= self.pcpus <= available:
            raise LabError(f"--pcpus {self.pcpus}: this machine has {available} CPUs; "
                           f"give a number from 1 to {available}")
        if self.l1_mem_mb > MAX_L1_MB:
            raise LabError(f"--l1-mem {self.l1_mem_mb}: L1 gets at most {MAX_L1_MB} MiB; "
                           "start fewer or smaller guests")

    def check_without_kernel(self):
        """Refuse what only guests with a kernel can have."""
        for option, value, usual in (("--platform", self.platform, "kvm"),
                                     ("--vmm", self.vmm, ""), ("--host", self.host, "stock"),
                                     ("--release", self.release, ""),
                                     ("--l1-kernel", self.l1_kernel, ""),
                                     ("--guest-kernel", self.guest_kernel, STOCK)):
            if value != usual:
                raise LabError(f"{option} {value}: there is no guest kernel in the {self.lab} "
                               f"lab; leave '{option}' or '--lab {self.lab}' out")

    @property
    def products(self):
        """The directory of what has been built for the kernel release."""
        return self.build / self.release

    def host_kind(self):
        """What the host is."""
        return HOST_KINDS[self.host]

    def kvm_modules(self):
        """The directory of the KVM modules that replace those of L1's kernel, or None."""
        if self.kvm or not self.host_kind().patched:
            return self.kvm
        directory = self.build / (self.l1_kernel or self.release) / "host" / "kvm"
        if not (directory / "kvm-amd.ko").exists():
            raise LabError(f"{directory}/kvm-amd.ko: the patched KVM modules are not there; "
                           "run 'make host' first")
        return directory

    def on_xen(self):
        """The same with Xen for KVM, and the kernel that goes with it."""
        return replace(self, platform="xen", release="")

    @classmethod
    def from_arguments(cls, arguments, **overrides):
        """Take what a parsed command line says."""
        known = {field.name: getattr(arguments, field.name) for field in fields(cls)
                 if getattr(arguments, field.name, None) is not None}
        return cls(**{**known, **overrides})


@dataclass
class GuestSpec:
    """What a guest is to be."""

    name: str
    vcpus: int = 4
    mem_mb: int = 256
    append: str = ""
    cpu_flags: str = ""
    interactive: bool = False
    kernel: str = ""                # variant; "" is the lab's
    pcpus: int = 0                  # of a guest that has a Xen of its own; 0: the lab's
    inject: str = ""                # plan of preemptions, for pvmm
    seed: int = 0                   # of what is random in it

    def __post_init__(self):
        if not 1 <= self.vcpus <= MAX_VCPUS:
            raise LabError(f"vcpus {self.vcpus}: guest {self.name} cannot have that many vCPUs; "
                           f"give a number from 1 to {MAX_VCPUS}")
        if self.mem_mb < MIN_GUEST_MB:
            raise LabError(f"mem_mb {self.mem_mb}: too little memory for guest {self.name}; "
                           f"give at least {MIN_GUEST_MB} MiB")

    def arguments(self):
        """What the kernel gets besides what all kernels of the lab get."""
        return f"{self.append} {SHELL_ARGUMENT}" if self.interactive else self.append

    def command(self, program, accel, cpu, kernel, initrd):
        """The QEMU command line, but for the console and the agent's port."""
        flags = self.cpu_flags if not self.cpu_flags or self.cpu_flags[0] == "," \
            else f",{self.cpu_flags}"
        return qemu.machine_command(program, f"pvlab-{self.name}", self.vcpus, self.mem_mb,
                                    accel, cpu + flags, kernel, initrd, self.arguments()) \
            + qemu.serial_bus(1)


class Lab:
    """A place where guests run. Use it in a with statement: leaving it ends all guests."""

    label = ""
    emulated = False
    has_l1 = False
    # What runs guests, unless the options say otherwise.
    preferred_vmm = "qemu"
    # How many guests of the usual size can run at a time; None: as many as there is memory for.
    guest_limit = None
    # Workloads that are measured in a way of the lab's own.
    workloads = {}

    def __init__(self, options, progress):
        self.options = options
        self.progress = progress
        self.pcpus = options.pcpus
        self.vmm = options.vmm or self.preferred_vmm
        self.kernel = Kernel(options.release, options.build)
        self.guest_kernels = {
            variant: guest_kernel(variant, self.kernel, options.build)
            for variant in (options.guest_kernel, *options.more_guest_kernels)}
        self.guests = []
        self.sockets = None
        self.images = None
        self._program = qemu.find_program()

    def __enter__(self):
        self.options.log_dir.mkdir(parents=True, exist_ok=True)
        machine.require_space(self.options.products, 600, "the images of the lab")
        try:
            # Apart, because the path of a unix socket has to be short.
            self.sockets = new_run_directory(tempfile.gettempdir())
            self.images = new_run_directory(self.options.products / "lab")
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End all guests and remove all temporary files."""
        for guest in self.guests:
            guest.running = False
        self._close()
        for directory in (self.sockets, self.images):
            if directory:
                shutil.rmtree(directory, ignore_errors=True)

    def start_guest(self, name, **what):
        """Boot a guest and wait until its agent answers; see GuestSpec and start_guests()."""
        return self.start_guests([GuestSpec(name, **what)])[0]

    def start_guests(self, specs):
        """Boot several guests side by side; they all run, or none does."""
        started = []
        try:
            for spec in specs:
                started.append(self.launch_guest(spec))
            for guest in started:
                guest.wait_ready(self.boot_timeout(guest))
        except BaseException:
            for guest in started:
                guest.stop()
            raise
        return started

    def boot_timeout(self, _guest):
        """Seconds after which a guest that is not up is given up."""
        return self.options.boot_timeout

    def slowness(self):
        """By what factor the machine is slower than a quiet one; commands get so much more time."""
        return 1.0

    def launch_guest(self, spec):
        """Start a guest's QEMU; the caller waits for it with guest.wait_ready()."""
        if any(guest.running and guest.name == spec.name for guest in self.guests):
            raise LabError(f"guest {spec.name}: already running; stop it or choose another name")
        spec = self._complete(spec)
        log_path = self.options.log_dir / f"{spec.name}.log"
        if log_path.exists():
            # Of a guest that failed, perhaps, and was started again.
            log_path.replace(log_path.with_suffix(".previous.log"))
        log_path.write_bytes(b"")
        guest = self._launch(spec, log_path)
        guest.slowness = self.slowness()
        self.guests.append(guest)
        self.progress(f"guest {spec.name}: {guest.command_line}")
        return guest

    def _complete(self, spec):
        """Fill in what the guest leaves to the lab."""
        kernel = spec.kernel or self.options.guest_kernel
        if kernel not in self.guest_kernels:
            raise LabError(f"guest {spec.name}: the lab has not been opened with the guest kernel "
                           f"'{kernel}', only with {', '.join(self.guest_kernels)}")
        extra_mb = GUEST_PROGRAMS_MB if self.options.guest_programs else 0
        return replace(spec, kernel=kernel,
                       mem_mb=max(spec.mem_mb + extra_mb, GUEST_KERNEL_MB.get(kernel, 0)))

    def _build_guest_images(self):
        """Build the initial RAM file system of guests for each of their kernels."""
        tests = self.options.products / "selftests" / "run"
        return {variant: image.build_guest(self.images / variant, kernel, tests,
                                           self.options.guest_programs)
                for variant, kernel in self.guest_kernels.items()}

    def manifest(self):
        """What the lab consists of, for the record."""
        return {
            "label": self.label,
            "emulated": self.emulated,
            "pcpus": self.pcpus,
            "machine": machine.summary(),
            "node": platform.node(),
            "settings": settings(),
            "kernel": self.kernel.release,
            "guest_kernels": {variant: kernel.release
                              for variant, kernel in self.guest_kernels.items()},
            "qemu": qemu.version(self._program),
            "vmm": self.vmm,
            "guests": [{"name": guest.name, "vcpus": guest.vcpus, "mem_mb": guest.mem_mb,
                        "kernel": guest.kernel,
                        "command_line": guest.command_line} for guest in self.guests],
        }

    def run_host(self, command, timeout=60, on_output=None):
        """Run a shell command on the host of the guests; return (exit code, output)."""
        raise NotImplementedError

    def host_failure(self):
        """A sign in the log of an emulated host that makes it unfit for more, or None."""
        return None

    def ensure_host(self):
        """Start an emulated host again if it is lost or unfit."""

    def _open(self):
        raise NotImplementedError

    def _close(self):
        raise NotImplementedError

    def _launch(self, spec, log_path):
        raise NotImplementedError


def new_run_directory(parent):
    """Make a directory for this run, and remove those that dead runs left behind."""
    for old in Path(parent).glob("pvlab-*"):
        pid = re.match(r"pvlab-(\d+)-", old.name)
        if pid and not os.path.exists(f"/proc/{pid.group(1)}"):
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"pvlab-{os.getpid()}-", dir=parent))
