# SPDX-License-Identifier: GPL-2.0
"""Negative controls of guests: faults on purpose that the kernel or a test has to report."""

import time
from dataclasses import dataclass

from lab.errors import GuestFailure, GuestReset, GuestStall

LOCK = "/sys/kernel/debug/pvticketlock"
TESTS = "/sys/kernel/debug/pvticketlock_test"
SOUND = "/modules"
UNLOAD = "rmmod pvticketlock_test pvticketlock"
# Of those whose sign is that they do not end: seconds, and how much longer than without the fault.
HANGS = "no end"
HANGS_S = 12
HANGS_FACTOR = 10
# The schedule that shows a fault does not come every time.
HANGS_ATTEMPTS = 20


@dataclass
class Control:
    """What is done in a guest of its own, and the sign in its log that must come of it.

    by_test: not the kernel but the test has to give the sign; or another module, log.
    faults: as many per mille of the places where faults can be injected have one.
    """

    name: str
    modules: str
    test: str
    argument: int
    sign: str
    test_parameters: str = ""
    lock_parameters: str = ""
    by_test: bool = False
    log: str = "pvticketlock_test"
    faults: int = 0

    def command(self, modules=None):
        """Load the modules, by default its own, and run the test."""
        modules = modules or self.modules
        command = (f"insmod {modules}/pvticketlock.ko spin_ns=100 {self.lock_parameters} && "
                   f"insmod {modules}/pvticketlock_test.ko {self.test_parameters} && "
                   f"echo {self.faults} >{LOCK}/fault_per_mille && "
                   f"echo {self.argument} >{TESTS}/{self.test}")
        return f"{command}; dmesg | grep {self.log}:" if self.by_test else command

    def judge(self, sign):
        """None if the sign is the one that must come, else what is wrong."""
        if sign and self.sign in sign:
            return None
        return f"{self.sign} was expected, but the log has " + (sign or "nothing")


# By the kernel of the guests; of Xen, one runs the stock kernel.
CONTROLS = {
    "stock": (
        Control("kick-refused", "/mutants/kick-refused", "api", 0,
                "backend native: waiters only spin (the host offers KVM_FEATURE_PV_UNHALT, but "
                "refuses", by_test=True, log="pvticketlock"),
        Control("kick-nowhere", "/mutants/kick-nowhere", "api", 0,
                "but a kick did not end a halt", by_test=True, log="pvticketlock"),
        Control("lost-wakeup", "/mutants/no-recheck", "irqs_off", 10, HANGS, faults=500),
    ),
    "debug": (
        Control("lockdep-misordered", SOUND, "misordered", 0,
                "possible circular locking dependency"),
        Control("kasan-late-unlock", SOUND, "freed_late", 2000, "KASAN: use-after-free"),
        Control("kasan-read-after-release", "/mutants/read-after-release", "freed", 60000,
                "KASAN: use-after-free"),
    ),
    "kcsan": (
        Control("kcsan-no-lock", SOUND, "contention", 5000,
                "KCSAN: data-race in test_critical_section", test_parameters="busted=1"),
        Control("kcsan-plain-read", "/mutants/plain-read", "contention", 20000,
                "KCSAN: data-race in ticket_"),
    ),
    "xen": (
        Control("xen-never-sends", "/mutants/xen-never-sends", "handoff", 0,
                "not true: 100 * arena->late", lock_parameters="overtake=0", by_test=True),
    ),
}


def run_control(control, guest, timeout):
    """Run a control in a guest; return None if it was noticed, else what is wrong.

    Raises GuestReset if the guest has reset without a word, or GuestStall.
    """
    if control.sign == HANGS:
        return run_hanging(control, guest, timeout)
    output = ""
    try:
        status, output = guest.run(control.command(), timeout)
        said = f"the command ended with status {status}: {output.strip()[-200:]}"
    except (GuestReset, GuestStall):
        raise
    except GuestFailure as failure:
        said = str(failure)
    wrong = control.judge(output if control.by_test else guest.failure())
    return f"{wrong}; {said}" if wrong else None


def run_hanging(control, guest, timeout):
    """Run a test with the sound modules, where it has to end, and with the fault, where not."""
    start = time.monotonic()
    status, output = guest.run(f"{control.command(SOUND)} && {UNLOAD}", timeout)
    seconds = time.monotonic() - start
    if status:
        return f"without the fault, the test fails with status {status}: {output.strip()[-200:]}"
    limit = max(HANGS_S, HANGS_FACTOR * seconds)
    for _ in range(HANGS_ATTEMPTS):
        try:
            status, output = guest.run(f"{control.command()} && {UNLOAD}", limit)
        except GuestReset:
            raise
        except GuestFailure:
            return None
    return (f"it has ended {HANGS_ATTEMPTS} times, with status {status}, and should not: a wake-up "
            f"that is lost leaves the guest hanging; {output.strip()[-200:]}")
