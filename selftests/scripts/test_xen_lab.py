# SPDX-License-Identifier: GPL-2.0
"""The Xen lab: what QEMU, Xen and dom0 are told, and what is refused."""
# pylint: disable=protected-access,consider-using-with

import gzip
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import fake_agent  # noqa: F401 pylint: disable=unused-import # it finds the package lab
from lab.errors import LabError
from lab.guest import kernel, qemu
from lab.machines import xen
from lab.machines.base import GuestSpec, LabOptions

RELEASE = "1.2.3-amd64"


class XenLabTest(unittest.TestCase):
    """A build directory with an unpacked Xen and kernel, both empty."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="pvlab-test-")
        self.addCleanup(directory.cleanup)
        self.build = Path(directory.name)
        image = self.build / RELEASE / "image"
        (image / "boot").mkdir(parents=True)
        (image / "boot" / f"vmlinuz-{RELEASE}").touch()
        (image / "lib/modules" / RELEASE).mkdir(parents=True)
        (image / "lib/modules" / RELEASE / "modules.dep").touch()
        (self.build / "xen" / "boot").mkdir(parents=True)
        with gzip.open(self.build / "xen/boot/xen-9.8-amd64.gz", "wb") as packed:
            packed.write(b"hypervisor")
        patch = mock.patch.object(qemu, "find_program", return_value="qemu")
        patch.start()
        self.addCleanup(patch.stop)

    def lab(self, **options):
        """A lab that has not been opened."""
        lab = xen.XenLab(LabOptions(platform="xen", release=RELEASE, build=self.build, **options),
                         lambda line: None)
        lab._images = {"stock": "initrd"}
        lab.sockets = self.build
        return lab

    def command(self, **what):
        """The command line of a guest, as a text."""
        return " ".join(self.lab()._machine_command(GuestSpec("one", kernel="stock", **what)))

    def test_label(self):
        self.assertEqual(self.lab().label, "emulated: QEMU TCG, dom0 of Xen 9.8")
        self.assertTrue(self.lab().emulated)

    def test_one_cpu_unless_told(self):
        self.assertEqual(self.lab().pcpus, 1)
        self.assertEqual(self.lab(pcpus=2).pcpus, 2)

    def test_overcommitted(self):
        command = self.command(vcpus=4)
        self.assertIn("-smp 1 ", command)
        self.assertIn("dom0_max_vcpus=4", command)
        self.assertNotIn("dom0_vcpus_pin", command)

    def test_pinned(self):
        command = self.command(vcpus=2, pcpus=2)
        self.assertIn("-smp 2 ", command)
        self.assertIn("dom0_max_vcpus=2 dom0_vcpus_pin", command)

    def test_kernel_arguments(self):
        self.assertRegex(self.command(append="xen_nopvspin"),
                         r"-initrd \S+/vmlinuz-1.2.3-amd64 console=hvc0 [^,]* xen_nopvspin,initrd")

    def test_commas_are_refused(self):
        with self.assertRaisesRegex(LabError, "guest one: kernel arguments .*isolcpus=1,2.*commas"):
            self.command(append="isolcpus=1,2")

    def test_hypervisor_missing(self):
        (self.build / "xen/boot/xen-9.8-amd64.gz").unlink()
        with self.assertRaisesRegex(LabError, "there is no hypervisor; run 'scripts/setup xen'"):
            self.lab()

    def test_other_kernels_are_refused(self):
        options = LabOptions(platform="xen", release=RELEASE, build=self.build)
        options.more_guest_kernels = ("stock",)
        with self.assertRaisesRegex(LabError, "--guest-kernel"):
            xen.XenLab(options, print)

    def test_no_shell(self):
        with self.assertRaisesRegex(LabError, "no shell"):
            self.lab(interactive="l2")

    def test_hypervisor_is_unpacked(self):
        lab = self.lab()
        lab.images = self.build
        with mock.patch.object(lab, "_build_guest_images", return_value={}):
            lab._open()
        self.assertEqual((self.build / "xen-hypervisor").read_bytes(), b"hypervisor")

    def test_kernel_of_dom0(self):
        answer = mock.Mock(returncode=0, stdout="6.1.0-9-cloud-amd64\n")
        with mock.patch.object(kernel.subprocess, "run", return_value=answer), \
                mock.patch.dict(kernel.os.environ, clear=True):
            self.assertEqual(kernel.default_release(), "6.1.0-9-cloud-amd64")
            self.assertEqual(kernel.default_release("xen"), "6.1.0-9-amd64")


if __name__ == "__main__":
    unittest.main()
