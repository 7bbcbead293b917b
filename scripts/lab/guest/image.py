# SPDX-License-Identifier: GPL-2.0
"""The initial RAM file systems of L1 and of the guests."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from lab.errors import LabError

HERE = Path(__file__).resolve().parent
BUSYBOX = Path("/usr/bin/busybox")
KVM_MODULES = ("kvm.ko", "kvm-amd.ko")
SERIAL_MODULES = ("virtio_pci", "virtio_console")
# How a guest of pvmm has its devices. The kernels that we build have no block layer.
MMIO_MODULES = ("virtio_mmio", "virtio_blk")
DIRECTORIES = ("bin", "dev", "etc", "lib/pvlab", "proc", "root", "run", "sys", "tmp")
FIRMWARE = ("linuxboot_dma.bin", "pvh.bin", "kvmvapic.bin", "bios-256k.bin")
FIRMWARE_DIRECTORIES = (Path("/usr/share/qemu"), Path("/usr/share/seabios"))


class Tree:
    """A directory tree with busybox, the lab's scripts and kernel modules, and its archive."""

    def __init__(self, root, kernel, init):
        self.root = Path(root)
        self._kernel = kernel
        self._have_modules = False
        for directory in DIRECTORIES:
            (self.root / directory).mkdir(parents=True)
        self._add_busybox()
        self.add(HERE / "initramfs" / init, "init")
        for script in ("common.sh", "agent"):
            self.add(HERE / "initramfs" / script, f"lib/pvlab/{script}")

    def _add_busybox(self):
        if not BUSYBOX.exists():
            raise LabError(f"{BUSYBOX}: not installed; run 'scripts/setup campaign'")
        applets = subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True,
                                 check=True).stdout.split()
        for applet in applets:
            (self.root / "bin" / applet).symlink_to("busybox")
        (self.root / "bin/busybox").unlink(missing_ok=True)
        self.add(BUSYBOX, "bin/busybox")
        # Without /sbin/modprobe, the kernel does not run it many times while it boots.

    def add(self, source, target):
        """Add a file; the archive will hold what source points to."""
        path = self.root / str(target).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(source, path)
            shutil.copymode(source, path)
        except OSError as error:
            raise LabError(f"{error.filename}: {error.strerror}, needed in the image of "
                           f"the lab") from error

    def add_stripped(self, source, target):
        """Add a program or a module without what only debuggers read, nine tenths of a module."""
        self.add(source, target)
        run(["strip", "--strip-debug", str(self.root / str(target).lstrip("/"))])

    def add_program(self, source, target=None, libraries=None):
        """Add a program with the libraries and the interpreter it needs.

        libraries: a directory to look for them before the usual ones.
        """
        self.add(source, target or source)
        for path in needed_files(source, libraries):
            inside = Path("/usr/lib") / Path(path).name \
                if libraries and Path(path).is_relative_to(libraries) else path
            if not os.path.lexists(self.root / str(inside).lstrip("/")):
                self.add(path, inside)

    def add_directory(self, source, target):
        """Add all files of a directory, programs among them with all they need."""
        for path in sorted(Path(source).rglob("*")):
            if path.is_file():
                name = f"{target}/{path.relative_to(source)}"
                if os.access(path, os.X_OK):
                    self.add_program(path, name)
                else:
                    self.add(path, name)

    def add_kernel_modules(self, *names):
        """Add modules of the stock kernel, with the modules they depend on."""
        for path in self._kernel.module_files(*names):
            self.add(self._kernel.modules / path, f"lib/modules/{self._kernel.release}/{path}")
        self._have_modules = True

    def add_extra_modules(self, paths):
        """Add modules of our own; modprobe finds them by name."""
        for path in paths:
            self.add_stripped(path, f"lib/modules/{self._kernel.release}/extra/{path.name}")
        (self.root / "modules").symlink_to(f"lib/modules/{self._kernel.release}/extra")

    def pack(self, archive):
        """Write the archive that a kernel unpacks."""
        if self._have_modules:
            run([str(BUSYBOX), "depmod", "-b", str(self.root), self._kernel.release])
        names = run(["find", ".", "-print0"], cwd=self.root)
        with open(archive, "wb") as output:
            run(["cpio", "-0", "-o", "-H", "newc", "-R", "0:0", "--quiet"], cwd=self.root,
                stdin=names, stdout=output)
        return archive


def run(command, cwd=None, stdin=None, stdout=subprocess.PIPE):
    """Run a tool that has to succeed; return what it printed."""
    try:
        return subprocess.run(command, cwd=cwd, input=stdin, stdout=stdout,
                              stderr=subprocess.PIPE, check=True).stdout
    except FileNotFoundError as error:
        raise LabError(f"{command[0]}: not installed; run 'scripts/setup campaign'") from error
    except subprocess.CalledProcessError as error:
        raise LabError(f"{command[0]}: {error.stderr.decode(errors='replace').strip()}; "
                       "check the free disk space") from error


def needed_files(program, libraries=None):
    """The interpreter of a script, or the shared libraries of an ELF program."""
    with open(program, "rb") as file:
        start = file.read(256)
    if start.startswith(b"#!"):
        interpreter = start[2:].split(b"\n")[0].split()[0].decode()
        if interpreter in ("/bin/sh", "/usr/bin/env"):
            return []
        return [interpreter] + needed_files(interpreter)
    if not start.startswith(b"\x7fELF"):
        return []
    environment = {**os.environ, "LD_LIBRARY_PATH": str(libraries)} if libraries else None
    listing = subprocess.run(["ldd", str(program)], capture_output=True, text=True,
                             check=False, env=environment).stdout
    if "not found" in listing:
        raise LabError(f"{program}: a shared library is missing:\n{listing}")
    return re.findall(r"(/\S+) \(0x", listing)


def kvm_files(kernel, directory):
    """The KVM modules of L1 by name: those in the directory, if any, or the kernel's own."""
    if directory:
        return {name: directory / name for name in KVM_MODULES}
    paths = [kernel.modules / path for path in kernel.module_files("kvm_amd")]
    return {path.name: path for path in paths if path.name in KVM_MODULES}


def kvm_digests(kernel, directory):
    """What tells KVM modules from others of the same name."""
    return {name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
            for name, path in sorted(kvm_files(kernel, directory).items())}


def build_guest(directory, kernel, tests=None, programs=()):
    """Build the image of the guests that run a kernel."""
    tree = guest_tree(directory / "guest", kernel, "init-l2", tests)
    tree.add_kernel_modules(*kernel.available(*MMIO_MODULES))
    for path in programs:
        tree.add_program(path)
    return tree.pack(directory / "guest.cpio")


def guest_tree(root, kernel, init, tests=None):
    """The files of a guest, with our modules and the test programs."""
    tree = Tree(root, kernel, init)
    tree.add_kernel_modules(*SERIAL_MODULES)
    tree.add_extra_modules(kernel.extra_modules())
    for path in kernel.mutant_modules():
        tree.add_stripped(path, f"mutants/{path.relative_to(kernel.mutants).parts[0]}/{path.name}")
    if tests and tests.is_dir():
        tree.add_directory(tests, "selftests")
    return tree


def build_host(directory, kernel, programs, guests, tests=None, kvm=None):
    """Build the image of L1, which holds all it needs to run guests.

    programs maps a path in L1 to a program. guests maps a name to the kernel and the image of
    guests; the first is the usual one. kvm is the directory of the KVM modules to use instead of
    the kernel's own.
    """
    tree = Tree(directory / "l1", kernel, "init-l1")
    tree.add(HERE / "initramfs/run-guest", "lib/pvlab/run-guest")
    tree.add_kernel_modules(*SERIAL_MODULES, "kvm_amd")
    for name, path in kvm_files(kernel, kvm).items() if kvm else ():
        tree.add(path, f"lib/modules/{kernel.release}/kernel/arch/x86/kvm/{name}")
    tree.add_extra_modules(kernel.extra_modules())
    for target, program in programs.items():
        tree.add_program(program, target)
    run(["make", "-s", "-C", str(HERE / "initramfs"), f"OUTPUT={directory}"])
    tree.add_program(directory / "nudge", "bin/nudge")
    for name in FIRMWARE:
        source = next((each / name for each in FIRMWARE_DIRECTORIES if (each / name).exists()),
                      None)
        if source is None:
            raise LabError(f"{name}: QEMU's firmware file is missing; "
                           "run 'scripts/setup campaign'")
        tree.add(source, source)
    for name, (guest_kernel, guest_image) in guests.items():
        tree.add(guest_kernel.boot_image(), f"root/{name}/kernel")
        tree.add(guest_image, f"root/{name}/initrd")
    # For scripts in L1 that start a guest themselves.
    for name in ("kernel", "initrd"):
        (tree.root / "root" / name).symlink_to(f"{next(iter(guests))}/{name}")
    if tests and tests.is_dir():
        tree.add_directory(tests, "selftests")
    return tree.pack(directory / "l1.cpio")
