# SPDX-License-Identifier: GPL-2.0
"""scripts/install: what it installs is complete, and nothing of it stays behind."""
# What is opened here outlives the function; a clean-up closes it.
# pylint: disable=consider-using-with

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PREFIX = "opt/pv"
MANIFEST = f"{PREFIX}/share/pvticketlock/installed"
CHANGELOG = "debian/changelog"
SOURCES = ("Kbuild", "Kconfig", "Makefile", "guest", "host", "kernel", "scripts", "selftests")
VERSION = "1.2"


class InstallTest(unittest.TestCase):
    """A copy of the sources, products that are there, and an empty root."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="pvlab-test-")
        cls.addClassCleanup(directory.cleanup)
        cls.tree = Path(directory.name)
        subprocess.run(["cp", "-r", *(TOP / name for name in SOURCES), cls.tree], check=True)
        (cls.tree / "debian").mkdir()
        subprocess.run(["cp", "-r", "--parents", "Documentation/simulator", cls.tree], cwd=TOP,
                       check=True)

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="pvlab-test-")
        self.addCleanup(directory.cleanup)
        self.build, self.root = (Path(directory.name, name) for name in ("build", "root"))
        for name in ("vmm/pvmm", "man/pvmm.1", "man/pvticketlock.4"):
            (self.build / name).parent.mkdir(parents=True, exist_ok=True)
            (self.build / name).write_text("product\n")
        self.root.mkdir()
        self.set_version(VERSION)

    def set_version(self, version):
        """Another release."""
        (self.tree / CHANGELOG).write_text(f"pvticketlock ({version}) unstable; urgency=low\n")

    def install(self, *arguments, prefix="/" + PREFIX):
        """Run the script."""
        return subprocess.run([self.tree / "scripts/install", *arguments], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={"PATH": os.environ["PATH"], "DESTDIR": str(self.root),
                                   "PREFIX": prefix, "PVLAB_BUILD": str(self.build)})

    def installed(self):
        """All that is below the root."""
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*")}

    def test_what_is_installed(self):
        self.assertEqual(self.install("all").stdout, "")
        found = self.installed()
        self.assertLess({
            f"{PREFIX}/bin/pvlab", f"{PREFIX}/bin/pvmm", MANIFEST,
            f"{PREFIX}/share/man/man1/pvmm.1", f"{PREFIX}/share/man/man4/pvticketlock.4",
            f"{PREFIX}/lib/modprobe.d/pvticketlock.conf", f"{PREFIX}/share/pvlab/scripts/pvlab",
            f"{PREFIX}/lib/systemd/system/pvticketlock.service",
            f"usr/src/pvticketlock-{VERSION}/dkms.conf",
            f"usr/src/pvticketlock-{VERSION}/selftests/modules/Kbuild"}, found)
        # What belongs to who works on the project.
        self.assertFalse([path for path in found
                          if "__pycache__" in path or "/linters" in path or path.endswith(".o")])

    def test_manifest_is_all_there_is(self):
        self.install("all")
        listed = {line.strip("/") for line in (self.root / MANIFEST).read_text().splitlines()}
        self.assertEqual(listed, self.installed())

    def test_removal_leaves_nothing(self):
        self.install("all")
        self.assertEqual(self.install("-u").stdout, "")
        self.assertEqual(self.installed(), set())

    def test_control_a_file_that_the_manifest_does_not_name_is_caught(self):
        self.install("all")
        manifest = self.root / MANIFEST
        lines = [line for line in manifest.read_text().splitlines(True) if "bin/pvmm" not in line]
        manifest.write_text("".join(lines))
        self.install("-u")
        self.assertEqual({"opt", PREFIX, f"{PREFIX}/bin", f"{PREFIX}/bin/pvmm"}, self.installed())

    def test_what_others_have_stays(self):
        (self.root / PREFIX / "bin").mkdir(parents=True)
        self.install("all")
        (self.root / PREFIX / "share/man/man1/other.1").write_text("not ours\n")
        self.install("-u")
        self.assertEqual(self.installed(), {
            "opt", PREFIX, f"{PREFIX}/bin", f"{PREFIX}/share", f"{PREFIX}/share/man",
            f"{PREFIX}/share/man/man1", f"{PREFIX}/share/man/man1/other.1"})

    def test_a_newer_version_takes_the_place_of_the_older(self):
        self.install("all")
        self.set_version("2.0")
        self.assertEqual(self.install("modules").stdout, "")
        self.assertFalse([path for path in self.installed() if VERSION in path])
        self.assertTrue((self.root / "usr/src/pvticketlock-2.0/Kbuild").exists())
        self.install("-u")
        self.assertEqual(self.installed(), set())

    def test_refused_while_dkms_has_modules(self):
        self.install("modules")
        before = self.installed()
        self.assertNotIn(f"{PREFIX}/bin/pvlab", before)
        known = self.root / "var/lib/dkms/pvticketlock" / VERSION
        known.mkdir(parents=True)
        for arguments in (("-u",), ("all",)):
            done = self.install(*arguments)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(f"first run: dkms remove pvticketlock/{VERSION} --all", done.stdout)
            self.assertLessEqual(before, self.installed())

    def test_nothing_is_installed_of_what_is_not_built(self):
        (self.build / "vmm/pvmm").unlink()
        done = self.install("all")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("vmm/pvmm: not there; build it first", done.stdout)
        self.assertEqual(self.installed(), set())

    def test_nothing_to_remove(self):
        done = self.install("-u")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nothing is installed, or with another PREFIX", done.stdout)

    def test_installed_lab_knows_its_version(self):
        self.install("all")
        lab = self.root / PREFIX / "bin/pvlab"
        lab.write_text(lab.read_text().replace(f" /{PREFIX}/", f" {self.root / PREFIX}/"))
        done = subprocess.run([lab, "--version"], capture_output=True, text=True, check=False)
        self.assertEqual((done.stdout, done.stderr), (VERSION + "\n", ""))
        # Whoever runs it as root leaves nothing there, either.
        self.assertFalse([path for path in self.installed() if "__pycache__" in path])


if __name__ == "__main__":
    unittest.main()
