# SPDX-License-Identifier: GPL-2.0
"""The command line of guests that pvmm runs."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

# pylint: disable=wrong-import-position
from lab.errors import LabError  # noqa: E402
from lab.guest import pvmm  # noqa: E402
from lab.machines.base import SHELL_ARGUMENT, GuestSpec  # noqa: E402


def command(cpu="host,-xsave", **what):
    """The options of a guest's command line, by name."""
    words = pvmm.guest_command(GuestSpec("g", **what), "/pvmm", cpu, "/k", "/i", "file:/c",
                               "pipe:/a")
    return dict(zip(words[1::2], words[2::2]))


class GuestCommand(unittest.TestCase):
    """What the lab asks of pvmm is what it would ask of QEMU."""

    def test_machine(self):
        """Sizes and files."""
        options = command(vcpus=8, mem_mb=512)
        self.assertEqual(("8", "512", "/k", "/i"),
                         tuple(options[name] for name in ("--cpus", "--mem", "--kernel",
                                                          "--initrd")))

    def test_lines(self):
        """The console, and the agent's port by its name in the guest."""
        options = command()
        self.assertEqual("file:/c", options["--console"])
        self.assertEqual("agent=pipe:/a", options["--port"])

    def test_features(self):
        """Those that the lab hides, and those of the guest."""
        self.assertEqual("-xsave", command()["--cpuid"])
        self.assertEqual("-xsave,-kvm-pv-unhalt",
                         command(cpu_flags=",-kvm-pv-unhalt")["--cpuid"])
        self.assertEqual("-kvm-pv-unhalt",
                         command(cpu="host", cpu_flags="-kvm-pv-unhalt")["--cpuid"])
        self.assertEqual("-xsave,+kvm-hint-dedicated,-x2apic",
                         command(cpu_flags="kvm-hint-dedicated=on,x2apic=off")["--cpuid"])
        self.assertNotIn("--cpuid", command(cpu="host"))

    def test_kernel_arguments(self):
        """Those of the lab, of the guest, and of a shell."""
        self.assertIn("tsc=reliable", command()["--append"])
        self.assertTrue(command(append="quiet")["--append"].endswith(" quiet"))
        self.assertIn(SHELL_ARGUMENT, command(interactive=True)["--append"])

    def test_preemption(self):
        """A plan and its seed, and neither of them by default."""
        options = command(inject="holder:1,for=5ms", seed=7)
        self.assertEqual(("holder:1,for=5ms", "7"), (options["--inject"], options["--seed"]))
        self.assertNotIn("--inject", command())
        self.assertNotIn("--seed", command())


class Program(unittest.TestCase):
    """Where pvmm is."""

    def test_not_built(self):
        """The message says how to build it."""
        with tempfile.TemporaryDirectory() as empty:
            with self.assertRaisesRegex(LabError, "make vmm"):
                pvmm.find_program(Path(empty))


if __name__ == "__main__":
    unittest.main()
