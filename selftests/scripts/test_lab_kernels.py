# SPDX-License-Identifier: GPL-2.0
"""Kernels of other releases: how their packages are unpacked, and how the lab finds them."""

import argparse
import lzma
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import fake_agent  # noqa: F401 pylint: disable=unused-import
from lab.errors import LabError
from lab.guest.kernel import Kernel, guest_kernel
from lab.machines.lab import guest_kernel_name, kernel_release

TOP = Path(__file__).resolve().parents[2]
RELEASE = "7.3.4+deb13-cloud-amd64"
# As Linux 6.19 and Debian 13 have it; two packages, told apart by their names.
DPKG_DEB = f"""#!/bin/sh
modules=$3/usr/lib/modules/{RELEASE}
mkdir -p "$modules/kernel"
case $2 in
*binary*) echo kernel >"$modules/vmlinuz" ;;
*) cp "$MODULE" "$modules/kernel/a.ko.xz" ;;
esac
"""
BUSYBOX = """#!/bin/sh
echo "kernel/a.ko:" >"$3/lib/modules/$4/modules.dep"
echo "kernel/virtio_pci.ko" >"$3/lib/modules/$4/modules.builtin"
"""


class KernelTest(unittest.TestCase):
    """A kernel in new packages."""

    def setUp(self):
        # pylint: disable-next=consider-using-with # removed by the cleanup
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.build = Path(directory.name)
        self.image = self.build / RELEASE / "image"
        self.image.mkdir(parents=True)
        module = self.build / "module.xz"
        module.write_bytes(lzma.compress(b"a module"))
        for name, text in (("dpkg-deb", DPKG_DEB), ("busybox", BUSYBOX)):
            (self.build / name).write_text(text, encoding="ascii")
            (self.build / name).chmod(0o755)
        for name in ("linux-binary", "linux-modules"):
            (self.image / f"{name}.deb").touch()
        subprocess.run([TOP / "scripts" / "unpack-kernel", self.image, RELEASE], check=True,
                       timeout=60, env={**os.environ, "MODULE": str(module),
                                        "PATH": f"{self.build}:{os.environ['PATH']}"})
        self.modules = self.image / "lib/modules" / RELEASE

    def test_layout(self):
        """It comes out as old packages do, modules plain, and no package is left."""
        self.assertEqual((self.image / f"boot/vmlinuz-{RELEASE}").read_text(), "kernel\n")
        self.assertEqual((self.modules / "kernel/a.ko").read_bytes(), b"a module")
        self.assertEqual(list(self.image.rglob("*.xz")) + list(self.image.glob("*.deb")), [])

    def test_modules(self):
        """Those that are built in have no file; others that are not there are missed."""
        kernel = Kernel(RELEASE, self.build)
        self.assertEqual(kernel.module_files("a", "virtio_pci"), ["kernel/a.ko"])
        self.assertEqual(kernel.available("a", "virtio_pci", "b"), ["a", "virtio_pci"])
        with self.assertRaisesRegex(LabError, "no module b"):
            kernel.module_files("b")

    def test_guest_kernel(self):
        """A release is a kernel of Debian; one that is not there names its remedy."""
        self.assertEqual(guest_kernel(RELEASE, None, self.build).release, RELEASE)
        with self.assertRaisesRegex(LabError, "'make lab-kernel KREL=6.12.1-amd64'"):
            guest_kernel("6.12.1-amd64", None, self.build)

    def test_options(self):
        """Variants are for guests alone."""
        self.assertEqual([guest_kernel_name(name) for name in ("debug", RELEASE)],
                         ["debug", RELEASE])
        self.assertEqual(kernel_release(RELEASE), RELEASE)
        for parse, text in ((guest_kernel_name, "other"), (kernel_release, "debug"),
                            (kernel_release, "../6.1-amd64")):
            with self.assertRaises(argparse.ArgumentTypeError):
                parse(text)


if __name__ == "__main__":
    unittest.main()
