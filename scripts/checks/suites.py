# SPDX-License-Identifier: GPL-2.0
"""The suites of tests, and which of them make a check."""

import os
from dataclasses import dataclass, field

# Builds on all CPUs; tests run one after the other.
MAKE = ["make", "-s", f"-j{os.cpu_count()}"]
STRESS = [*MAKE, "-C", "selftests/stress", "run_tests"]
VMM = [*MAKE, "-C", "selftests/vmm", "run_tests"]

# Kinds of checks. What takes longer than a few minutes is not part of the default one; a long one
# leaves out what that has shown.
DEFAULT, LONG, LONG_HOST = "default", "long", "long-host"
ALWAYS = (DEFAULT, LONG, LONG_HOST)


@dataclass
class Suite:
    """A command that prints KTAP; or, with ktap=False, a step that others need.

    patience: seconds, several times what it takes on a machine of its own. So much CPU time, of
      all CPUs, ends it, and not the clock.
    needs: the suites that come before it, and without which it is not run.
    background: it has no clock, and runs beside the others on CPUs that are idle.
    """

    name: str
    command: list
    patience: int
    ktap: bool = True
    # Of a long check; without it, the suite is part of the kinds alone.
    long_command: list = field(default_factory=list)
    kinds: tuple = (DEFAULT,)
    needs: tuple = ("build",)
    background: bool = False

    def belongs_to(self, kind):
        """Whether a check of that kind runs it."""
        return kind in self.kinds or kind == LONG and bool(self.long_command)


def longer(command, factor):
    """A command whose tests run longer, where they run against the clock."""
    return ["env", f"STRESS_MS={300 * factor}", f"SELFTEST_FACTOR={factor}", *command]


def guest_with(kernel):
    """Run the kselftests in a guest with another kernel than the stock one."""
    return ["env", "SELFTEST_FACTOR=1", "scripts/pvlab", "test", "--guest-kernel", kernel,
            "--taken-over", "--vcpus", "4", "--timeout", "900"]


def soak(seconds):
    """Take the kernel's spinlocks over and give them back, every 100 ms."""
    return ["env", f"SELFTEST_SOAK_S={seconds}", "scripts/pvlab", "test", "--only",
            "takeover_soak_test", "--timeout", str(seconds + 600)]


def boot(*arguments):
    """Guests under pvmm, in L1."""
    return ["selftests/vmm/boot/check-boot", *arguments]


SUITES = [
    Suite("setup", ["scripts/setup", "check"], 900, ktap=False, kinds=ALWAYS, needs=()),
    Suite("build", [*MAKE, "modules", "selftests", "mutants", "vmm"], 300, ktap=False,
          kinds=ALWAYS, needs=("setup",)),
    Suite("xen-build", [*MAKE, "xen"], 900, ktap=False, kinds=(DEFAULT, LONG), background=True),
    # They take minutes to build; the checker, whose last part uses one CPU, comes after them.
    Suite("debug-kernel", ["make", "-s", "guest-kernel-debug"], 2400, ktap=False, kinds=(LONG,),
          background=True),
    Suite("kcsan-kernel", ["make", "-s", "guest-kernel-kcsan"], 2400, ktap=False, kinds=(LONG,),
          background=True),
    Suite("lint", ["scripts/lint"], 1800, background=True),
    # Elsewhere than "build", with compilers of their own.
    Suite("modules-matrix", ["scripts/modules-matrix"], 5400, kinds=(LONG,), needs=("setup",),
          background=True),
    Suite("checker", ["make", "-s", "-C", "selftests/checker", "check"], 2400, background=True,
          long_command=["make", "-s", "-C", "selftests/checker", "check-long"]),
    Suite("simulator", ["make", "-s", "-C", "selftests/simulator", "check"], 1800,
          background=True),
    Suite("unit", ["selftests/run-unit-tests", "selftests/campaigns", "selftests/scripts"], 600),
    Suite("stress", STRESS, 400, long_command=longer(STRESS, 2)),
    Suite("stress-address", STRESS + ["SANITIZER=address"], 400,
          long_command=longer(STRESS + ["SANITIZER=address"], 2)),
    Suite("stress-thread", STRESS + ["SANITIZER=thread"], 400,
          long_command=longer(STRESS + ["SANITIZER=thread"], 2)),
    Suite("vmm-locks", ["selftests/vmm-locks/check"], 600),
    Suite("vmm", VMM, 400),
    Suite("vmm-address", VMM + ["SANITIZER=address"], 400),
    Suite("vmm-thread", VMM + ["SANITIZER=thread"], 400),
    Suite("vmm-mutants", ["selftests/vmm-locks/run-mutants", "-C", "selftests/vmm"], 300),
    Suite("vmm-boot", boot(), 600, kinds=(LONG,)),
    Suite("vmm-confine", boot("confine_test"), 300, kinds=(LONG,)),
    Suite("vmm-kicks", boot("kick_snapshot_test"), 300),
    Suite("bare-nested", boot("bare_test"), 400),
    Suite("bare", ["selftests/run-unit-tests", "selftests/bare"], 1500,
          long_command=["env", "BARE_BOOTS=1000", "BARE_HALTS=1000000",
                        "selftests/run-unit-tests", "selftests/bare"]),
    Suite("uncontended", ["selftests/uncontended/check"], 60),
    Suite("guest", ["scripts/pvlab", "test", "--timeout", "600"], 1500,
          long_command=longer(["scripts/pvlab", "test", "--taken-over", "--timeout", "2400"], 2)),
    Suite("irqs-off", ["env", "SELFTEST_WAITS_K=1000", "scripts/pvlab", "test", "--in-guest",
                       "--only", "lock_test", "--timeout", "3000"], 3600, kinds=()),
    Suite("guest-signing", ["scripts/pvlab", "test", "--in-guest", "--only", "signing_test"], 600,
          kinds=(LONG,)),
    # Skipped where Slurm is not installed.
    Suite("slurm", ["selftests/run-unit-tests", "selftests/slurm"], 600, kinds=(LONG,)),
    Suite("packages", ["selftests/packages/check"], 1800, kinds=(LONG,)),
    Suite("guest-faults", ["env", "SELFTEST_FACTOR=1", "SELFTEST_FAULTS=200", "scripts/pvlab",
                           "test", "--in-guest", "--timeout", "600"], 1500, kinds=(LONG,)),
    Suite("xen", ["scripts/pvlab", "test", "--platform", "xen", "--only", "xen*"], 600,
          long_command=["scripts/pvlab", "test", "--platform", "xen", "--timeout", "600"],
          needs=("xen-build",)),
    Suite("xen-domain", ["scripts/check-xen-domain"], 400, kinds=(LONG,), needs=("xen-build",)),
    Suite("takeover", soak(180), 1200, kinds=(LONG,)),
    Suite("takeover-soak", soak(1200), 2400, kinds=()),
    Suite("guest-debug", guest_with("debug"), 1800, kinds=(LONG,), needs=("debug-kernel",)),
    Suite("guest-kcsan", guest_with("kcsan"), 1800, kinds=(LONG,), needs=("kcsan-kernel",)),
    Suite("host", ["scripts/check-host"], 900, kinds=(DEFAULT, LONG_HOST)),
    # With the modules of the one before.
    Suite("vmm-kicks-patched", boot("--host", "patched", "kick_snapshot_test"), 300,
          kinds=(LONG_HOST,)),
    Suite("vmm-snapshot", boot("--host", "patched", "snapshot_test", "100"), 1700,
          kinds=(LONG_HOST,)),
    # Halted vCPUs are offline there.
    Suite("vmm-boot-patched", boot("--host", "patched"), 600, kinds=(LONG_HOST,)),
    Suite("vmm-offline", boot("--host", "patched", "--", "snapshot_test", "20", "--offline"), 600,
          kinds=(LONG_HOST,)),
    Suite("host-series", ["make", "-s", "host-verify"], 1800, kinds=(LONG_HOST,)),
    Suite("host-mutants", ["make", "-s", "host-mutants"], 1800, kinds=(LONG_HOST,)),
    Suite("debug-host-kernel", ["make", "-s", "host-debug"], 1800, ktap=False,
          kinds=(LONG_HOST,)),
    Suite("host-debug", ["scripts/check-host", "--debug"], 1800, kinds=(LONG_HOST,),
          needs=("debug-host-kernel",)),
    Suite("migration", ["make", "-s", "host-migration"], 900, kinds=(LONG_HOST,)),
    Suite("upstream", ["make", "-s", "host-upstream"], 2400, kinds=(LONG_HOST,)),
]
