# SPDX-License-Identifier: GPL-2.0
"""The kselftests as they are installed for other guests: complete, and skipped with reasons."""
# What is opened here outlives the function; a clean-up closes it.
# pylint: disable=consider-using-with

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
NOBODY = 65534


class KselftestInstallTest(unittest.TestCase):
    """The folder, and what it does on a machine without the modules."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="pvlab-test-")
        cls.addClassCleanup(directory.cleanup)
        cls.path = Path(directory.name) / "kselftest"
        cls.path.parent.chmod(0o755)
        done = subprocess.run(["make", "-s", "-j2", "-C", TOP / "selftests", "install",
                               f"INSTALL_PATH={cls.path}"], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise AssertionError(done.stdout)
        cls.names = {path.name for path in (TOP / "selftests/pvticketlock").glob("*_test.c")}
        cls.names = {name.removesuffix(".c") for name in cls.names}

    def run_tests(self, *arguments, command=("./run_kselftest.sh",), **environment):
        """Run some; return the output. There is no module in that directory, so none is loaded."""
        return subprocess.run([*command, *arguments], cwd=self.path, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "MODULE_DIRECTORY": "/nonexistent",
                                   **environment}).stdout

    def test_all_programs_are_listed(self):
        listed = self.run_tests("-l").split()
        self.assertEqual(set(listed), {f"pvticketlock:{name}" for name in self.names})
        self.assertGreater(len(listed), 10)

    def test_each_is_skipped_with_a_reason(self):
        output = self.run_tests()
        self.assertIn(f"1..{len(self.names)}\n", output)
        for name in self.names:
            self.assertRegex(output, rf"(?m)^ok \d+ selftests: pvticketlock: {name} # SKIP$")
        reasons = re.findall(r"(?m)^# 1\.\.0 # SKIP (.+)$", output)
        self.assertEqual(len(reasons), len(self.names))

    def test_not_root(self):
        if os.geteuid():
            self.skipTest("not root, and the other test is the same")
        output = self.run_tests(command=("setpriv", f"--reuid={NOBODY}", "--clear-groups", "--",
                                         "pvticketlock/lock_test"))
        self.assertEqual(output, "1..0 # SKIP not root\n")

    def test_control_a_program_that_is_gone_is_caught(self):
        program = self.path / "pvticketlock/lock_test"
        program.rename(f"{program}.gone")
        self.addCleanup(Path(f"{program}.gone").rename, program)
        self.assertRegex(self.run_tests("-t", "pvticketlock:lock_test"),
                         "(?m)^not ok 1 selftests: pvticketlock: lock_test$")

    def test_where_to_has_to_be_said(self):
        done = subprocess.run(["make", "-s", "-C", TOP / "selftests", "install"], text=True,
                              check=False, capture_output=True,
                              env={name: value for name, value in os.environ.items()
                                   if name != "INSTALL_PATH"})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("INSTALL_PATH: not set", done.stderr)


if __name__ == "__main__":
    unittest.main()
