# SPDX-License-Identifier: GPL-2.0
"""The kernels that L1 and the guests run: their releases, images and modules."""

import os
import re
import subprocess
from pathlib import Path

from lab.errors import LabError

KERNEL_RELEASE_SCRIPT = Path(__file__).resolve().parents[2] / "kernel-release"
# What guests can run: the stock kernel, or one of those that guest/kernel/build makes.
STOCK = "stock"
GUEST_KERNELS = (STOCK, "debug", "kcsan", "ticket", "tuned")
# Or a kernel of Debian by its release, as "make lab-kernel" gets it.
RELEASE = re.compile(r"\d+\.\d+[.\w+~-]*-\w+$")
# What guests run that have no kernel, but the benchmark alone: threads, or vCPUs.
NO_KERNEL = "none"
BARE = "bare"
# KASAN keeps an eighth of the memory for itself, and freed memory for a while.
GUEST_KERNEL_MB = {"debug": 512}
# How the kernel proper is packed inside vmlinuz: magic number and the program that unpacks it.
PACKERS = (
    (b"\x02\x21\x4c\x18", ("lz4", "-dcf")),
    (b"\xfd7zXZ\x00", ("xz", "-dcf", "--single-stream")),
    (b"\x28\xb5\x2f\xfd", ("zstd", "-dcf")),
    (b"\x1f\x8b\x08\x00", ("gzip", "-dcf")),
)


def default_release(platform="kvm"):
    """The kernel release to use: KREL if set, else the cloud kernel whose headers are installed.

    Under Xen, where the cloud kernel finds no devices as dom0, its sibling for any machine.
    """
    if os.environ.get("KREL"):
        return os.environ["KREL"]
    query = subprocess.run([KERNEL_RELEASE_SCRIPT], capture_output=True, text=True, check=False)
    if query.returncode:
        raise LabError(query.stderr.strip())
    release = query.stdout.strip()
    return release.replace("-cloud-", "-") if platform == "xen" else release


# The ELF note by which a kernel says that it can be entered by PVH: its type and its owner.
PVH_NOTE = b"\x12\0\0\0Xen\0"


def is_release(name):
    """Whether it names a kernel of Debian, and none of GUEST_KERNELS."""
    return bool(RELEASE.match(name))


def is_debians(name):
    """Whether guests with that for a kernel run one of Debian as it is."""
    return name == STOCK or is_release(name)


def has_kernel(name):
    """Whether guests with that for a kernel have one."""
    return name not in (NO_KERNEL, BARE)


class Kernel:
    """A kernel as scripts/setup has unpacked it, or as guest/kernel/build has built it."""

    def __init__(self, release, build, remedy=None):
        self.release = release
        self.products = Path(build) / release
        self.root = self.products / "image"
        self.mutants = self.products / "mutants"
        self.vmlinuz = self.root / "boot" / f"vmlinuz-{release}"
        self.modules = self.root / "lib" / "modules" / release
        for path in (self.vmlinuz, self.modules / "modules.dep"):
            if not path.exists():
                raise LabError(f"{path}: the kernel image of {release} is missing; "
                               f"run '{remedy or f'KREL={release} scripts/setup campaign'}'")
        self._dependencies = None
        self._builtin = None

    def boot_image(self):
        """The fastest image to boot: the unpacked ELF kernel (by PVH), or else vmlinuz."""
        vmlinux = self.root / "boot" / f"vmlinux-{self.release}"
        if not vmlinux.exists() or vmlinux.stat().st_mtime < self.vmlinuz.stat().st_mtime:
            image = unpack(self.vmlinuz)
            if image is None or PVH_NOTE not in image:
                return self.vmlinuz
            partial = vmlinux.with_suffix(f".{os.getpid()}")
            partial.write_bytes(image)
            partial.replace(vmlinux)
        return vmlinux

    def extra_modules(self):
        """Our modules for this kernel, as far as they have been built."""
        return sorted(path for part in ("guest", "selftests")
                      for path in (self.products / part).rglob("*.ko"))

    def mutant_modules(self):
        """Our modules with faults on purpose, as far as they have been built."""
        return sorted(self.mutants.rglob("*.ko"))

    def available(self, *names):
        """Those of the modules that the kernel has."""
        return [name for name in names
                if name in self._module_table() or name in self._builtin_modules()]

    def module_files(self, *names):
        """Paths, relative to the module directory, of modules and all they depend on.

        Those that are built in have none.
        """
        table = self._module_table()
        wanted = []
        for name in names:
            if name not in table and name in self._builtin_modules():
                continue
            if name not in table:
                raise LabError(f"{self.modules}: kernel {self.release} has no module {name}; "
                               "choose another kernel with KREL")
            path, needed = table[name]
            wanted += [each for each in needed + [path] if each not in wanted]
        return wanted

    def _module_table(self):
        if self._dependencies is None:
            self._dependencies = {}
            for line in (self.modules / "modules.dep").read_text().splitlines():
                path, _, needed = line.partition(":")
                name = Path(path).stem.replace("-", "_")
                self._dependencies[name] = (path, needed.split()[::-1])
        return self._dependencies

    def _builtin_modules(self):
        if self._builtin is None:
            listing = self.modules / "modules.builtin"
            lines = listing.read_text().split() if listing.exists() else ()
            self._builtin = {Path(line).stem.replace("-", "_") for line in lines}
        return self._builtin


def guest_kernel(variant, stock, build):
    """The kernel of guests that run this variant; stock is the kernel of their host."""
    if variant == STOCK:
        return stock
    if is_release(variant):
        return released_kernel(variant, build)
    return built_kernel(variant, build, f"make guest-kernel-{variant}")


def released_kernel(release, build):
    """A kernel of Debian that "make lab-kernel" has got."""
    return Kernel(release, build, f"make lab-kernel KREL={release}")


def built_kernel(variant, build, remedy):
    """A kernel that guest/kernel/build has built; the remedy is how to do that."""
    record = Path(build) / "guest-kernel" / variant / "include" / "config" / "kernel.release"
    try:
        release = record.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise LabError(f"{record}: the kernel '{variant}' has not been built; "
                       f"run '{remedy}'") from None
    return Kernel(release, build, remedy)


def unpack(vmlinuz):
    """Return the ELF kernel inside a vmlinuz, or None if it cannot be found or unpacked."""
    packed = vmlinuz.read_bytes()
    for magic, command in PACKERS:
        start = packed.find(magic)
        if start < 0:
            continue
        try:
            result = subprocess.run(command, input=packed[start:], capture_output=True,
                                    check=False)
        except FileNotFoundError:
            continue
        # The packer complains about what follows the packed data, so its status says nothing.
        if result.stdout.startswith(b"\x7fELF"):
            return result.stdout
    return None
