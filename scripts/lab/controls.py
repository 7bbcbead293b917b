# SPDX-License-Identifier: GPL-2.0
"""Negative controls of guests: faults on purpose that the kernel or a test has to report."""

from dataclasses import dataclass

from .errors import GuestFailure, GuestReset

TESTS = "/sys/kernel/debug/pvticketlock_test"


@dataclass
class Control:
    """What is done in a guest of its own, and the sign in its log that must come of it.

    by_test: not the kernel but the test has to give the sign.
    """

    name: str
    modules: str
    test: str
    argument: int
    sign: str
    test_parameters: str = ""
    lock_parameters: str = ""
    by_test: bool = False

    def command(self):
        """Load the modules and run the test."""
        command = (f"insmod {self.modules}/pvticketlock.ko spin_ns=100 {self.lock_parameters} && "
                   f"insmod {self.modules}/pvticketlock_test.ko {self.test_parameters} && "
                   f"echo {self.argument} >{TESTS}/{self.test}")
        return f"{command}; dmesg | grep pvticketlock_test:" if self.by_test else command

    def judge(self, sign):
        """None if the sign is the one that must come, else what is wrong."""
        if sign and self.sign in sign:
            return None
        return f"{self.sign} was expected, but the log has " + (sign or "nothing")


# By the kernel of the guests; of Xen, one runs the stock kernel.
CONTROLS = {
    "debug": (
        Control("lockdep-misordered", "/modules", "misordered", 0,
                "possible circular locking dependency"),
        Control("kasan-late-unlock", "/modules", "freed_late", 2000, "KASAN: use-after-free"),
        Control("kasan-read-after-release", "/mutants/read-after-release", "freed", 60000,
                "KASAN: use-after-free"),
    ),
    "kcsan": (
        Control("kcsan-no-lock", "/modules", "contention", 5000,
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

    Raises GuestReset if the guest has reset without a word.
    """
    output = ""
    try:
        status, output = guest.run(control.command(), timeout)
        said = f"the command ended with status {status}: {output.strip()[-200:]}"
    except GuestReset:
        raise
    except GuestFailure as failure:
        said = str(failure)
    wrong = control.judge(output if control.by_test else guest.failure())
    return f"{wrong}; {said}" if wrong else None
