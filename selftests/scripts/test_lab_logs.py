# SPDX-License-Identifier: GPL-2.0
"""Signs of trouble in serial logs."""
# What is opened here outlives the function; a clean-up closes it.
# pylint: disable=consider-using-with

import os
import socket
import tempfile
import time
import unittest

import fake_agent  # noqa: F401 pylint: disable=unused-import
from lab.guest.serial_log import DIES, HANGS, WARNS, ConsoleRecorder, LogWatch, find_sign

TROUBLE = (
    ("Kernel panic - not syncing: Attempted to kill init! exitcode=0x0", DIES,
     "kernel panic: Attempted to kill init! exitcode=0x0"),
    ("watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [lockbench/1:96]", HANGS,
     "soft lockup: CPU#1 stuck for 22s! [lockbench/1:96]"),
    ("rcu: INFO: rcu_preempt self-detected stall on CPU", HANGS,
     "RCU stall: rcu_preempt self-detected stall on CPU"),
    ("rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", HANGS,
     "RCU stall: rcu_preempt detected stalls on CPUs/tasks:"),
    ("rcu: rcu_sched kthread starved for 5250 jiffies! g1 f0x0", HANGS,
     "RCU stall: rcu_sched kthread starved for 5250 jiffies! g1 f0x0"),
    ("watchdog: Watchdog detected hard LOCKUP on cpu 3", HANGS, "hard lockup: on cpu 3"),
    ("kernel BUG at mm/slub.c:379!", DIES, "kernel BUG: mm/slub.c:379!"),
    ("BUG: kernel NULL pointer dereference, address: 0000000000000000", DIES,
     "kernel BUG: kernel NULL pointer dereference, address: 0000000000000000"),
    ("Oops: 0002 [#1] PREEMPT SMP NOPTI", DIES, "oops: 0002 [#1] PREEMPT SMP NOPTI"),
    ("general protection fault, probably for non-canonical address", DIES,
     "oops: probably for non-canonical address"),
    ("BUG: KASAN: use-after-free in drop+0x1/0x2 [pvticketlock_test]", DIES,
     "KASAN: use-after-free in drop+0x1/0x2 [pvticketlock_test]"),
    ("BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580", DIES,
     "kernel BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580"),
    ("BUG: using smp_processor_id() in preemptible [00000000] code: insmod/101", DIES,
     "kernel BUG: using smp_processor_id() in preemptible [00000000] code: insmod/101"),
    ("WARNING: possible circular locking dependency detected", WARNS,
     "WARNING: possible circular locking dependency detected"),
    ("INFO: trying to register non-static key.", WARNS,
     "lockdep: trying to register non-static key."),
    ("INFO: task insmod:94 blocked for more than 120 seconds.", WARNS,
     "hung task: insmod:94 blocked for more than 120 seconds."),
    ("WARNING: CPU: 0 PID: 0 at kernel/rcu/tree.c:1 x+0x0/0x1", WARNS,
     "WARNING: CPU: 0 PID: 0 at kernel/rcu/tree.c:1 x+0x0/0x1"),
)
HARMLESS = (
    "lockbench: loading out-of-tree module taints kernel.",
    "rcu: Hierarchical RCU implementation.",
    "..MP-BIOS bug: 8254 timer not connected to IO-APIC",
    "kvm [127]: vcpu0, guest rIP: 0x1 Unhandled WRMSR(0xc0010007) = 0xffff",
    "hpet: Lost 3 RTC interrupts",
    "NMI watchdog: Perf NMI watchdog permanently disabled",
    "WARNING: CPU: 2 PID: 148 at kernel/irq/manage.c:907 irq_set_irq_wake+0x151/0x1a0",
)


class SignTest(unittest.TestCase):
    """One line each."""

    def test_trouble(self):
        for line, gravity, description in TROUBLE:
            with self.subTest(line):
                self.assertEqual(find_sign(f"[   12.345678] {line}"), (description, gravity))

    def test_harmless(self):
        for line in HARMLESS:
            with self.subTest(line):
                self.assertIsNone(find_sign(f"[   12.345678] {line}"))


class WatchTest(unittest.TestCase):
    """A log that grows."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="pvlab-test-")
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "log")
        self.watch = LogWatch(self.path)

    def write(self, text):
        """Append to the log."""
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(text)

    def test_no_log_yet(self):
        self.assertIsNone(self.watch.failure())

    def test_half_a_line_is_not_judged(self):
        self.write("quiet\nKernel panic - not sync")
        self.assertIsNone(self.watch.failure())
        self.write("ing: at last\nmore\n")
        self.assertEqual(self.watch.failure(), "kernel panic: at last")

    def test_the_worst_counts_and_of_those_the_first(self):
        self.write("WARNING: one\n")
        self.assertEqual(self.watch.failure(), "WARNING: one")
        self.assertIsNone(self.watch.sign(HANGS))
        self.write("BUG: soft lockup - two\nBUG: soft lockup - three\n")
        self.assertEqual(self.watch.failure(), "soft lockup: two")
        self.assertEqual(self.watch.sign(HANGS), "soft lockup: two")
        self.assertIsNone(self.watch.sign(DIES))


class RecorderTest(unittest.TestCase):
    """From a console into files."""

    def test_each_guest_has_its_own_log(self):
        with tempfile.TemporaryDirectory(prefix="pvlab-test-") as directory:
            end, console = socket.socketpair()
            recorder = ConsoleRecorder(console)
            paths = [os.path.join(directory, name) for name in ("one", "two")]
            recorder.record_to(paths[0])
            recorder.start()
            end.sendall(b"first\n")
            self.wait_for(paths[0], b"first\n")
            recorder.record_to(paths[1])
            end.sendall(b"second\n")
            self.wait_for(paths[1], b"second\n")
            self.wait_for(paths[0], b"first\n")
            end.close()
            recorder.join(5)
            self.assertFalse(recorder.is_alive())
            console.close()

    def wait_for(self, path, expected):
        """Wait until a file has the expected content."""
        for _ in range(500):
            with open(path, "rb") as file:
                content = file.read()
            if content == expected:
                return
            time.sleep(0.01)
        self.assertEqual(content, expected)


if __name__ == "__main__":
    unittest.main()
