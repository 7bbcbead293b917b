# SPDX-License-Identifier: GPL-2.0
"""scripts/modules-matrix: which kernels it chooses, what fails a build, and the table."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import subprocess
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import fake_agent  # noqa: F401 pylint: disable=unused-import
from lab.testing.findings import remember, remember_run
from lab.testing.ktap import Counts

TOP = Path(__file__).resolve().parents[2]
PACKAGES = """linux-headers-amd64
linux-headers-6.1-amd64
linux-headers-6.1.0-9-amd64
linux-headers-6.1.0-57-amd64
linux-headers-6.1.0-57-cloud-amd64
linux-headers-6.1.0-57-common
linux-headers-6.1.0-57-686
linux-headers-6.12.117+deb12-amd64
linux-headers-7.3.4+deb13-rt-amd64
linux-headers-5.10.0-46-amd64
"""


def load():
    """The program as a module."""
    path = str(TOP / "scripts" / "modules-matrix")
    loader = importlib.machinery.SourceFileLoader("modules_matrix", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class MatrixTest(unittest.TestCase):
    """With archives, compilers and kernels that are not there."""

    def setUp(self):
        self.matrix = load()
        # pylint: disable-next=consider-using-with # removed by the cleanup
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name)
        self.matrix.RECORDS = self.path / "kernels"
        self.matrix.TABLE = self.path / "kernels.txt"
        self.target = self.matrix.Target("bookworm", "6.1", "6.1.0-57-amd64")

    def kernels(self):
        """The releases of an archive with PACKAGES."""
        with mock.patch.object(self.matrix, "run", return_value=PACKAGES):
            return [target.release for target in self.matrix.kernels_of("bookworm", True)]

    def build(self, output, code=0, modules=None):
        """What a build with that output, exit code and modules is found to be."""
        def make(command, **_):
            products = Path(command[-1].partition("=")[2])
            for module in self.matrix.MODULES if modules is None else modules:
                (products / module).parent.mkdir(parents=True, exist_ok=True)
                (products / module).touch()
            return subprocess.CompletedProcess(command, code, output)

        with mock.patch.object(self.matrix, "run"), \
                mock.patch.object(self.matrix, "compiler_of", return_value="gcc 12"), \
                mock.patch.object(self.matrix.subprocess, "run", make):
            return self.matrix.build(self.target)

    def record(self):
        """What is known about the kernel."""
        return json.loads(self.target.record.read_text())

    def test_newest_of_each_series_and_flavour(self):
        """By number, and neither other machines' nor what stands for others."""
        self.assertEqual(self.kernels(), [
            "5.10.0-46-amd64", "6.1.0-57-amd64", "6.1.0-57-cloud-amd64",
            "6.12.117+deb12-amd64", "7.3.4+deb13-rt-amd64"])

    def test_clean_build(self):
        """It is recorded, and the products are not kept."""
        self.assertEqual(self.build("  CC [M] a.o\n"), [])
        self.assertTrue(self.record()["builds"])
        self.assertFalse((self.matrix.RECORDS / self.target.release).exists())

    def test_warning_fails(self):
        """Even if make is content; the patch level of the compiler is Debian's matter."""
        warning = "guest/a.c:1: warning: unused variable"
        level = "warning: the compiler differs from the one used to build the kernel"
        self.assertEqual(self.build(f"{level}\n{warning}\n"), [warning])
        self.assertFalse(self.record()["builds"])

    def test_missing_module_fails(self):
        """A make that builds nothing and is content has not built."""
        found = self.build("", modules=self.matrix.MODULES[1:])
        self.assertEqual(found, [f"{self.matrix.MODULES[0]} has not been built"])

    def test_failure_without_words(self):
        """An exit code is enough, and the last lines tell."""
        self.assertEqual(self.build("", code=2), ["make: exit code 2"])
        self.assertEqual(self.build("x\nKilled\n", code=2), ["x", "Killed"])

    def test_time_limit(self):
        """A build that hangs is ended."""
        self.assertRegex(self.build("", code=self.matrix.TIMED_OUT)[0], "^not built after")

    def test_exit_code(self):
        """One failed kernel of two fails the run, and does not end it."""
        other = self.matrix.Target("sid", "7.2", "7.2.13-amd64")
        findings = iter((["a warning"], []))
        output = io.StringIO()
        with mock.patch.object(self.matrix, "build", lambda target: next(findings)), \
                contextlib.redirect_stdout(output):
            self.assertEqual(self.matrix.build_all([self.target, other]), 1)
        self.assertEqual(output.getvalue().splitlines(), [
            "TAP version 13", "1..2", "# a warning", "not ok 1 6.1.0-57-amd64 of bookworm",
            "ok 2 7.2.13-amd64 of sid"])

    def skip(self, code):
        """What is printed if suite-root exits with that code, and how many fail."""
        done = subprocess.CompletedProcess("suite-root", code, "", "unpacking\nsuite-root: x\n")
        output = io.StringIO()
        with mock.patch.object(self.matrix.subprocess, "run", return_value=done), \
                contextlib.redirect_stdout(output):
            failed = self.matrix.build_all([self.target])
        return output.getvalue().splitlines()[2:], failed

    def test_not_in_the_archive(self):
        """Packages that the archive lists and lacks are nobody's fault, a dead network is one."""
        name = "1 6.1.0-57-amd64 of bookworm"
        self.assertEqual(self.skip(3), ([f"ok {name} # SKIP suite-root: x"], 0))
        self.assertEqual(self.record()["builds"], "not in the archive")
        self.assertEqual(self.skip(1), (["# unpacking", "# suite-root: x", f"not ok {name}"], 1))

    def test_table(self):
        """What is known, the older series first; what is not known is said."""
        self.build("pvticketlock: no takeover in this kernel, which is without ftrace_regs;\n")
        remember(self.path, self.target.release, {"loads": True})
        remember(self.path, self.target.release, {"tests": "11 of 12"})
        newer = self.matrix.Target("sid", "6.12", "6.12.1-amd64")
        newer.remember(builds=False, compiler="gcc 16", takeover=True)
        self.matrix.write_table()
        lines = self.matrix.TABLE.read_text().splitlines()
        self.assertEqual([line.split()[0] for line in lines[3:-1]],
                         ["6.1.0-57-amd64", "6.12.1-amd64"])
        self.assertRegex(lines[3], r"gcc 12 +yes +yes +11 of 12 +no: without ftrace_regs +not tr")
        self.assertRegex(lines[4], r"gcc 16 +\*\*no\*\* +not tried +not tried +yes +not tried")

    def test_what_the_lab_finds_out(self):
        """Guests tell about their kernel and that of L1; kernels of our own, nothing."""
        options = SimpleNamespace(guest_kernel="7.3.4-amd64", l1_kernel="6.12.1-amd64",
                                  build=self.path, host="stock")
        lab = SimpleNamespace(options=options, has_l1=True, kernel=None,
                              guest_kernels={"7.3.4-amd64": SimpleNamespace(release="7.3.4-amd64")})
        remember_run(lab, {"module_test": [True, True]}, Counts(passed=2), False)

        def known(release):
            return json.loads((self.matrix.RECORDS / f"{release}.guest").read_text())
        self.assertEqual(known("7.3.4-amd64"), {"loads": True})
        self.assertEqual(known("6.12.1-amd64"), {"l1": True})
        results = {"module_test": [True, False], "takeover_test": [False]}
        remember_run(lab, results, Counts(passed=9, failed=1), True)
        self.assertEqual(known("7.3.4-amd64"),
                         {"loads": False, "takeover": False, "tests": "9 of 10"})
        self.assertEqual(known("6.12.1-amd64"), {"l1": True})
        options.guest_kernel = "debug"
        remember_run(lab, {"takeover_test": [False]}, Counts(failed=1), False)
        self.assertEqual(known("6.12.1-amd64"), {"l1": True})


if __name__ == "__main__":
    unittest.main()
