# SPDX-License-Identifier: GPL-2.0
"""scripts/setup on machines where something is wrong, made of fake Debian tools."""
# What is opened here outlives the function; a clean-up closes it.
# pylint: disable=consider-using-with

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SETUP = Path(__file__).resolve().parents[2] / "scripts" / "setup"
REAL_TOOLS = ("bash", "basename", "chmod", "dirname", "env", "find", "head", "id", "mkdir",
              "mktemp", "mv", "rm", "sed", "sh", "tail", "touch")

# Each says what it was asked for in the file "calls"; the environment says how it answers.
FAKES = {
    "dpkg-query": 'case " $INSTALLED " in *" $4 "*|*" all "*) echo installed;; *) exit 1;; esac',
    "dpkg-deb": '[ "$UNPACK" = ok ] && mkdir -p "$3/lib/modules/$KREL"',
    "df": 'echo Avail; echo "$FREE"',
    "apt-cache": '[ "$KNOWN" = yes ] || [ -e "$CALLS.updated" ]',
    "apt-get": 'echo "apt-get $*" >>"$CALLS"\n'
               'case "$*" in\n'
               '*update*) [ "$NETWORK" = yes ] && touch "$CALLS.updated";;\n'
               '*install*) [ "$NETWORK" = yes ];;\n'
               '*download*) [ "$NETWORK" = yes ] && touch image.deb;;\n'
               'esac',
    "busybox": 'touch "$3/lib/modules/$4/modules.dep"',
    "sudo": 'echo "sudo" >>"$CALLS"; "$@"',
}


class SetupTest(unittest.TestCase):
    """One machine per test."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="pvlab-test-")
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name)
        self.calls = self.path / "calls"
        (self.path / "bin").mkdir()
        (self.path / "scripts").mkdir()
        for name in ("setup", "packages", "unpack-kernel"):
            shutil.copy(SETUP.with_name(name), self.path / "scripts" / name)
        for tool in REAL_TOOLS:
            (self.path / "bin" / tool).symlink_to(shutil.which(tool))
        for name, text in FAKES.items():
            self.add_fake(name, text)
        self.environment = {"PATH": str(self.path / "bin"), "CALLS": str(self.calls),
                            "KREL": "1.2.3", "INSTALLED": "all", "FREE": "90000",
                            "KNOWN": "yes", "NETWORK": "yes", "UNPACK": "ok"}

    def add_fake(self, name, text):
        """Make a program."""
        program = self.path / "bin" / name
        program.write_text(f"#!/bin/bash\n{text}\n", encoding="ascii")
        program.chmod(0o755)

    def setup(self, *arguments, **environment):
        """Run scripts/setup; return the exit code and what it said."""
        done = subprocess.run([str(self.path / "bin" / "bash"), self.path / "scripts" / "setup",
                               *(arguments or ("campaign",))], timeout=60, check=False,
                              env={**self.environment, **environment},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def called(self):
        """What apt-get was asked to do."""
        return self.calls.read_text(encoding="ascii") if self.calls.exists() else ""

    def assert_nothing_unpacked(self):
        """No half-unpacked kernel is left."""
        release = self.path / "build" / "1.2.3"
        self.assertEqual(list(release.iterdir()) if release.exists() else [], [])

    def test_fresh_machine_and_again(self):
        code, said = self.setup(INSTALLED="cpio")
        self.assertEqual(code, 0, said)
        self.assertIn("installing", said)
        self.assertIn("qemu-system-x86", said)
        self.assertNotIn(" cpio ", self.called())
        self.assertNotIn("update", self.called())
        self.assertTrue((self.path / "build/1.2.3/image/lib/modules/1.2.3/modules.dep").exists())
        self.calls.unlink()
        self.assertEqual(self.setup(), (0, ""))
        self.assertEqual(self.called(), "")

    def test_lists_are_fetched_when_a_package_is_unknown(self):
        code, said = self.setup(INSTALLED="", KNOWN="no")
        self.assertEqual(code, 0, said)
        self.assertIn("update", self.called())

    def test_no_network(self):
        code, said = self.setup(INSTALLED="", NETWORK="no")
        self.assertEqual(code, 1)
        self.assertRegex(said, r"setup: apt-get update failed; check the network")

    def test_no_network_for_the_kernel(self):
        code, said = self.setup(NETWORK="no")
        self.assertEqual(code, 1)
        self.assertIn("check the network", said)
        self.assert_nothing_unpacked()

    def test_no_disk_space_for_packages(self):
        code, said = self.setup(INSTALLED="", FREE="12")
        self.assertEqual(code, 1)
        self.assertRegex(said, "/usr: 12 MiB of disk space free, .* needed; make room")
        self.assertEqual(self.called(), "")

    def test_no_disk_space_for_the_kernel(self):
        code, said = self.setup(FREE="12")
        self.assertEqual(code, 1)
        self.assertRegex(said, "build: 12 MiB of disk space free")
        self.assertEqual(self.called(), "")
        self.assert_nothing_unpacked()

    def test_disk_full_while_unpacking(self):
        code, said = self.setup(UNPACK="fails")
        self.assertEqual(code, 1)
        self.assertRegex(said, "linux-image-1.2.3: cannot be unpacked; is the disk full")
        self.assert_nothing_unpacked()

    def test_install_nothing_on_request(self):
        code, said = self.setup(INSTALLED="cpio", PVLAB_NO_INSTALL="1")
        self.assertEqual(code, 1)
        self.assertRegex(said, "install them with: apt-get install .*qemu-system-x86")
        code, said = self.setup(PVLAB_NO_INSTALL="1")
        self.assertEqual(code, 1)
        self.assertRegex(said, "PVLAB_NO_INSTALL is set and .*linux-image-1.2.3")
        self.assertEqual(self.called(), "")

    def test_xen(self):
        script = self.path / "scripts" / "kernel-release"
        script.write_text("#!/bin/bash\necho 1.2.3-cloud-amd64\n", encoding="ascii")
        script.chmod(0o755)
        unpack = 'mkdir -p "$3/boot" "$3/lib/modules/1.2.3" "$3/lib/modules/1.2.3-amd64"'
        self.add_fake("dpkg-deb", unpack)
        self.setup("campaign")
        self.assertNotIn("xen", self.called())
        self.assertEqual(self.setup("xen")[0], 0)
        self.assertIn("linux-image-1.2.3-amd64", self.called())
        self.assertIn("xen-hypervisor-4.17-amd64", self.called())
        self.assertTrue((self.path / "build" / "xen" / "boot").is_dir())
        before = self.called()
        self.assertEqual(self.setup("xen"), (0, ""))
        self.assertEqual(self.called(), before)

    def test_xen_is_not_left_half_unpacked(self):
        (self.path / "build" / "1.2.3-amd64" / "image/lib/modules/1.2.3-amd64").mkdir(parents=True)
        script = self.path / "scripts" / "kernel-release"
        script.write_text("#!/bin/bash\necho 1.2.3-amd64\n", encoding="ascii")
        script.chmod(0o755)
        for release in ("1.2.3", "1.2.3-amd64"):
            directory = self.path / "build" / release / "image/lib/modules" / release
            directory.mkdir(parents=True, exist_ok=True)
            (directory / "modules.dep").touch()
        code, said = self.setup("xen", UNPACK="fails")
        self.assertEqual(code, 1)
        self.assertIn("cannot be unpacked; is the disk full?", said)
        self.assertEqual(list((self.path / "build").glob("xen*")), [])

    def test_headers_missing(self):
        script = self.path / "scripts" / "kernel-release"
        script.write_text("#!/bin/bash\necho 'kernel-release: no headers' >&2\nexit 1\n",
                          encoding="ascii")
        script.chmod(0o755)
        code, said = self.setup(KREL="")
        self.assertNotEqual(code, 0)
        self.assertIn("no headers", said)
        self.assertEqual(self.called(), "")

    def test_sudo_when_not_root(self):
        (self.path / "bin" / "id").unlink()
        self.add_fake("id", "echo 1000")
        code, said = self.setup(INSTALLED="cpio")
        self.assertEqual(code, 0, said)
        self.assertIn("sudo", self.called())

    def test_neither_root_nor_sudo(self):
        (self.path / "bin" / "id").unlink()
        self.add_fake("id", "echo 1000")
        (self.path / "bin" / "sudo").unlink()
        code, said = self.setup(INSTALLED="cpio")
        self.assertEqual(code, 1)
        self.assertIn("not root, and there is no sudo; as root, run: ", said)

    def test_not_debian(self):
        (self.path / "bin" / "apt-get").unlink()
        code, said = self.setup()
        self.assertEqual(code, 1)
        self.assertIn("apt-get: not found; this needs Debian 12", said)

    def test_usage(self):
        self.assertEqual(self.setup("nonsense"),
                         (2, "usage: setup campaign|workloads|xen|check|deb\n"))


if __name__ == "__main__":
    os.environ.pop("KREL", None)
    unittest.main()
