# SPDX-License-Identifier: GPL-2.0
"""Errors of the lab name the thing, the cause and the remedy, and leave nothing behind.

Longer than 400 lines: one case for each thing that can go wrong.
"""
# These tests break the insides of the lab.
# pylint: disable=protected-access,consider-using-with

import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from fake_agent import SCRIPTS
from lab import cli
from lab.errors import (CommandTimeout, GuestFailure, GuestReset, GuestStall, HostLost, HostReset,
                        LabError)
from lab.guest import kernel, qemu, serial_log
from lab.guest.agent import LineReset, LineTimeout
from lab.guest.guest import Guest, parse_counters
from lab.guest.serial_log import LogWatch
from lab.machines import base, machine, nested
from lab.machines.base import GuestSpec, LabOptions

IDLE_QEMU = [qemu.PROGRAM, "-M", "none", "-nodefaults", "-display", "none"]


def l1_hangs():
    """What becomes of a boot of L1 that does not come to its end."""
    lost = HostLost("L1: the agent did not start", None)
    lost.__cause__ = LineTimeout("the agent did not start")
    return lost


class Scratch(unittest.TestCase):
    """A test with a directory."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="pvlab-test-")
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name)

    def start(self, command=None, lifetime=60):
        """Start a QEMU that does nothing, and wait until it has."""
        process = qemu.Process(command or IDLE_QEMU, lifetime, self.path / "qemu.log")
        self.addCleanup(process.stop)
        return process

    def assert_ends(self, process, pattern):
        """Wait for the end of a QEMU; it must match the pattern."""
        for _ in range(300):
            ended = process.ended()
            if ended:
                break
            time.sleep(0.05)
        self.assertRegex(str(ended or "still runs"), pattern)


class OptionsTest(Scratch):
    """Bad input is refused before anything is started."""

    def test_vcpus(self):
        for vcpus in (0, -1, 256):
            with self.subTest(vcpus), self.assertRaisesRegex(
                    LabError, f"vcpus {vcpus}: guest g .* from 1 to 255"):
                GuestSpec("g", vcpus=vcpus)

    def test_memory_of_a_guest(self):
        with self.assertRaisesRegex(LabError, "mem_mb 1: .*at least"):
            GuestSpec("g", mem_mb=1)

    def test_pcpus(self):
        for pcpus in (-1, 100000):
            with self.subTest(pcpus), self.assertRaisesRegex(
                    LabError, f"--pcpus {pcpus}: this machine has .* give a number from 1"):
                LabOptions(release="x", pcpus=pcpus)

    def test_memory_of_l1(self):
        with self.assertRaisesRegex(LabError, "--l1-mem 8192: .*at most 4096"):
            LabOptions(release="x", l1_mem_mb=8192)

    def refused(self, *arguments):
        """Run a command that must be refused; return what it says."""
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors), \
                mock.patch.object(base, "default_release", return_value="x"), \
                mock.patch.object(nested.NestedLab, "__enter__", side_effect=AssertionError):
            try:
                code = cli.main(list(arguments))
            except SystemExit as error:
                code = error.code
        self.assertEqual(code, 2)
        return errors.getvalue()

    def test_signals_are_handled_for_the_command_alone(self):
        before = signal.getsignal(signal.SIGTERM)
        with mock.patch.object(cli, "run",
                               side_effect=lambda _: signal.getsignal(signal.SIGTERM)):
            self.assertEqual(cli.main([]), cli.terminate)
        self.assertEqual(signal.getsignal(signal.SIGTERM), before)

    def test_command_line(self):
        self.assertRegex(self.refused("shell", "--pcpus", "4000"),
                         "^pvlab: error: --pcpus 4000: this machine has")
        for arguments in (("shell", "--l2", "--vcpus", "0"), ("test", "--vcpus", "0"),
                          ("test", "--vcpus", "-1"), ("test", "--vcpus", "256"),
                          ("test", "--timeout", "0"), ("doctor", "--pcpus", "0"),
                          ("shell", "--l1-mem", "8192")):
            with self.subTest(arguments):
                option, value = arguments[-2:]
                self.assertRegex(self.refused(*arguments),
                                 f"argument {option}.*: {value}: give a number from")
        self.assertRegex(self.refused("test", "--vcpus", "two"), "'two' is not a whole number")

    def test_headers_missing(self):
        script = self.path / "kernel-release"
        script.write_text("#!/bin/sh\necho 'kernel-release: no headers' >&2; exit 1\n")
        script.chmod(0o755)
        with mock.patch.object(kernel, "KERNEL_RELEASE_SCRIPT", script), \
                mock.patch.dict(os.environ), self.assertRaisesRegex(LabError, "no headers"):
            os.environ.pop("KREL", None)
            kernel.default_release()

    def test_kernel_image_missing(self):
        with self.assertRaisesRegex(LabError, "vmlinuz-1.2.3: .*is missing; run 'KREL=1.2.3 "
                                              "scripts/setup campaign'"):
            kernel.Kernel("1.2.3", self.path)

    def test_qemu_missing(self):
        with mock.patch.object(qemu.shutil, "which", return_value=None), \
                self.assertRaisesRegex(LabError, "qemu-system-x86_64: not installed; run"):
            qemu.find_program()

    def test_no_disk_space(self):
        usage = mock.Mock(free=5 << 20)
        with mock.patch.object(machine.shutil, "disk_usage", return_value=usage), \
                self.assertRaisesRegex(LabError,
                                       "5 MiB free, .*600 MiB; free some disk space"):
            machine.require_space(self.path / "not" / "yet", 600, "images")


class MachineTest(Scratch):
    """Where guests cannot run directly under KVM, the reason is named."""

    def why(self, flags, kvm):
        """The reason on a machine with these CPU flags."""
        cpuinfo = self.path / "cpuinfo"
        cpuinfo.write_text(f"processor\t: 0\nflags\t\t: fpu {flags} sse\n")
        return machine.why_no_kvm(cpuinfo, kvm)

    def test_node_alone_proves_nothing(self):
        node = self.path / "kvm"
        node.touch()
        self.assertRegex(self.why("", node), "kvm exists, but .*neither vmx nor svm")

    def test_module_not_loaded(self):
        self.assertRegex(self.why("svm", self.path / "kvm"), "does not exist .load kvm")

    def test_not_kvm_at_all(self):
        node = self.path / "kvm"
        node.touch()
        self.assertRegex(self.why("vmx", node), "kvm: KVM_GET_API_VERSION: Inappropriate ioctl")


class ProcessTest(Scratch):
    """QEMU ends, or is ended, and it is said how."""

    def test_killed(self):
        process = self.start()
        self.assertIsNone(process.ended())
        os.kill(process.pid, signal.SIGKILL)
        self.assert_ends(process, "^was killed by SIGKILL$")

    def test_time_limit(self):
        self.assert_ends(self.start(lifetime=0.5), "had reached its time limit")

    def test_bad_command_line(self):
        process = self.start([qemu.PROGRAM, "-M", "nonsense"])
        self.assert_ends(process, "ended with status 1: .*unsupported machine type")

    def test_stop_leaves_nothing(self):
        process = self.start()
        process.stop()
        self.assertFalse(os.path.exists(f"/proc/{process.pid}"))

    def test_dies_with_the_program_that_started_it(self):
        program = (f"import sys, time; sys.path.insert(0, {SCRIPTS!r})\n"
                   "from lab.guest import qemu\n"
                   f"process = qemu.Process({IDLE_QEMU!r}, 60, {str(self.path / 'q')!r})\n"
                   "print(process.pid, flush=True)\n"
                   "time.sleep(60)\n")
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
            pid = int(parent.stdout.readline())
            time.sleep(0.5)
            self.assertTrue(os.path.exists(f"/proc/{pid}"))
            parent.kill()
        self.assertTrue(wait_for(lambda: not is_running(pid)))

    def test_directories_of_dead_runs_are_removed(self):
        dead = self.path / "pvlab-4194999-x"
        own = self.path / f"pvlab-{os.getpid()}-x"
        dead.mkdir()
        own.mkdir()
        new = base.new_run_directory(self.path)
        self.assertFalse(dead.exists())
        self.assertTrue(own.exists() and new.exists())


class NestedTest(Scratch):
    """A lab whose L1 is a QEMU that does nothing."""

    def make_lab(self, **options):
        """A nested lab that has not been opened."""
        options = LabOptions(release="x", log_dir=self.path, **options)
        with mock.patch.object(base, "Kernel"), mock.patch.object(kernel, "Kernel"):
            lab = nested.NestedLab(options, lambda line: None)
        lab._process = self.start()
        lab._log = LogWatch(self.path / "l1.log")
        return lab

    def test_l1_is_killed(self):
        lab = self.make_lab()
        lab.check()
        os.kill(lab._process.pid, signal.SIGKILL)
        self.assert_ends(lab._process, "SIGKILL")
        with self.assertRaisesRegex(HostLost, "L1: its QEMU was killed by SIGKILL; "
                                              "all its guests are lost .*l1.log"):
            lab.check()

    def test_l1_panics(self):
        lab = self.make_lab()
        (self.path / "l1.log").write_text("[ 1.0] Kernel panic - not syncing: oh dear\n")
        with self.assertRaisesRegex(HostLost, "L1: kernel panic: oh dear"):
            lab.check()

    def test_slow_l1_is_not_lost(self):
        lab = self.make_lab()
        (self.path / "l1.log").write_text("[ 1.0] watchdog: BUG: soft lockup - CPU#0 stuck\n")
        lab.check()
        self.assertIsNone(lab.host_failure())

    def test_l1_resets(self):
        lab = self.make_lab()
        lab._process = mock.Mock()
        lab._process.ended.return_value = qemu.describe_end(0, "")
        with self.assertRaisesRegex(HostReset, "L1: its QEMU ended by itself"):
            lab.check()
        (self.path / "l1.log").write_text("[ 1.0] Kernel panic - not syncing: oh dear\n")
        with self.assertRaisesRegex(HostLost, "L1: kernel panic: oh dear") as caught:
            lab.check()
        self.assertNotIsInstance(caught.exception, HostReset)

    def test_debug_kernel_is_taken_at_its_word(self):
        release = self.path / "guest-kernel/host/include/config/kernel.release"
        release.parent.mkdir(parents=True)
        release.write_text("6.1.9-pvlab-host\n")
        lab = self.make_lab(host="debug", build=self.path)
        (self.path / "l1.log").write_text("WARNING: possible circular locking dependency\n")
        lab.check()
        self.assertRegex(lab.host_failure(), "L1: WARNING: possible circular .*l1.log")
        lab._start_l1 = mock.Mock()
        lab._agent = mock.Mock()
        lab._agent.run.return_value = (0, "", False)
        lab.guests = [mock.Mock(running=True)]
        lab.ensure_host()
        lab._start_l1.assert_called_once()
        self.assertIsInstance(lab.guests[0].lost, HostLost)

    def test_boot_that_hangs_is_tried_again(self):
        lab = self.make_lab()
        lab._boot_l1 = mock.Mock(side_effect=[l1_hangs(), l1_hangs(), None])
        lab._start_l1()
        self.assertEqual(lab._boot_l1.call_count, 3)

    def test_patience_with_guests(self):
        lab = self.make_lab()
        for seconds, patience in ((4, 40), (8, 80), (100, 120)):
            lab.boot_seconds = seconds
            self.assertEqual(lab.boot_timeout(mock.Mock(kernel="stock")), patience)
            self.assertEqual(lab.boot_timeout(mock.Mock(kernel="debug")), 120)

    def test_limits_follow_the_speed_of_the_machine(self):
        lab = self.make_lab()
        lab._agent = mock.Mock()
        lab._agent.run.return_value = (0, "", False)
        for seconds, limit in ((None, 60), (3, 60), (5, 60), (20, 240)):
            lab.boot_seconds = seconds
            lab.run_host("true", timeout=60)
            self.assertEqual(lab._agent.run.call_args.args[1], limit)

    def test_boot_that_panics_is_not_tried_again(self):
        lab = self.make_lab()
        lab._boot_l1 = mock.Mock(side_effect=HostLost("L1: kernel panic: oh dear", None))
        with self.assertRaises(HostLost):
            lab._start_l1()
        lab._boot_l1.assert_called_once()

    def test_boot_that_always_hangs(self):
        lab = self.make_lab()
        lab._starts = nested.MAX_L1_STARTS
        lab._boot_l1 = mock.Mock(side_effect=l1_hangs())
        with self.assertRaises(HostLost):
            lab._start_l1()
        lab._boot_l1.assert_called_once()

    def test_debug_kernel_is_not_built(self):
        with self.assertRaisesRegex(LabError, "'host' has not been built; run 'make host-debug'"):
            self.make_lab(host="debug", build=self.path)

    def test_guest_that_does_not_fit(self):
        lab = self.make_lab()
        with self.assertRaisesRegex(LabError, "guest big: 1900 MiB do not fit .*--l1-mem"):
            lab._require_memory(GuestSpec("big", mem_mb=1900))


class RunInL1Test(unittest.TestCase):
    """Work in L1 is started again after a reset, and after nothing else."""

    def run_in_l1(self, *results):
        """Run a function that has these results; return the last one."""
        function = mock.Mock(side_effect=results)
        messages = []
        with mock.patch.object(nested, "NestedLab") as lab:
            try:
                return nested.run_in_l1(LabOptions(release="x"), messages.append, function)
            finally:
                self.assertEqual(lab.call_count, len(results))
                self.assertEqual(len(messages), min(len(results) - 1, nested.RESETS_TOLERATED))

    def test_reset(self):
        reset = HostReset("L1: its QEMU ended by itself", None)
        self.assertEqual(self.run_in_l1(reset, reset, 7), 7)
        with self.assertRaises(HostReset):
            self.run_in_l1(*[reset] * (1 + nested.RESETS_TOLERATED))

    def test_lost(self):
        with self.assertRaises(HostLost):
            self.run_in_l1(HostLost("L1: kernel panic: oh dear", None))


class GuestTest(Scratch):
    """What a guest's failures look like."""

    def make_guest(self, answer=(0, "4\n", False)):
        """A guest whose agent gives this answer."""
        control = mock.Mock(command_line="qemu")
        guest = Guest(GuestSpec("g", vcpus=4), control, None, LogWatch(self.path / "g.log"))
        guest._agent = mock.Mock()
        guest._agent.run.return_value = answer
        return guest

    def test_fewer_cpus_than_asked_for(self):
        self.make_guest().wait_ready(1)
        with self.assertRaisesRegex(GuestFailure, "asked for 4 vCPUs, got 1"):
            self.make_guest((0, "1\n", False)).wait_ready(1)

    def test_command_timeout(self):
        guest = self.make_guest((137, "", True))
        with self.assertRaisesRegex(CommandTimeout, "killed after 7 s: sleep 60 .*g.log"):
            guest.run("sleep 60", timeout=7)

    def stall(self, frame):
        """What is raised for a lockup with this frame in its backtrace."""
        guest = self.make_guest()
        guest.log_path.write_text("watchdog: BUG: soft lockup - CPU#1 stuck for 22s!\n"
                                  "Modules linked in: lockbench(OE) [last unloaded: pvticketlock]\n"
                                  f"RIP: 0010:{frame}\n")
        with mock.patch.object(serial_log, "QUIET_S", 0), \
                self.assertRaisesRegex(GuestFailure, "guest g: soft lockup: CPU#1 stuck") as caught:
            guest.check()
        return caught.exception

    def test_lockup_fails_the_guest(self):
        self.assertIsInstance(self.stall("default_idle+0x13/0x20"), GuestStall)

    def test_lockup_in_our_lock_is_no_stall_of_the_machine(self):
        self.assertNotIsInstance(
            self.stall("ticket_lock_slowpath+0x5b/0x1d0 [pvticketlock]"), GuestStall)

    def test_reset(self):
        guest = self.make_guest()
        guest._agent.run.side_effect = LineReset("its QEMU ended by itself")
        with self.assertRaisesRegex(GuestReset, "guest g: its QEMU ended by itself .*g.log"):
            guest.run("true")
        guest.log_path.write_text("Kernel panic - not syncing: oh dear\n")
        with self.assertRaisesRegex(GuestFailure, "guest g: kernel panic: oh dear") as caught:
            guest.run("true")
        self.assertNotIsInstance(caught.exception, GuestReset)

    def test_lost_with_its_host(self):
        guest = self.make_guest()
        guest.lost = HostReset("L1: its QEMU ended by itself", self.path / "l1.log")
        with self.assertRaisesRegex(GuestReset, "guest g: L1: its QEMU ended by itself"):
            guest.run("true")

    def test_stopped_guest(self):
        guest = self.make_guest()
        guest.stop()
        guest.stop()
        guest.control.stop.assert_called_once()
        with self.assertRaisesRegex(LabError, "already stopped"):
            guest.run("true")

    def test_counters(self):
        self.assertEqual(parse_counters("halt_exits:12\nblocking:-1\nvcpu0: Is a directory\n"),
                         {"halt_exits": 12, "blocking": -1})


def is_running(pid):
    """Whether a process exists that is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2][1] != "Z"
    except OSError:
        return False


def wait_for(condition):
    """Wait for ten seconds at most."""
    for _ in range(200):
        if condition():
            return True
        time.sleep(0.05)
    return False


if __name__ == "__main__":
    unittest.main()
