# SPDX-License-Identifier: GPL-2.0
"""The benchmark of threads for vCPUs: one program per lock, whose results are lockbench's."""

import platform

from lab.workload.cells import GUESTS
from lab.workload.competition import MOST_APART_MS
from lab.workload.lockbench import Lockbench, asked_settings, one_line, parse_json, verify
from lab.workload.workload import RunFailure

OPTIONS = {"threads": "--threads", "hold_ns": "--hold", "hold_is": "--hold-is",
           "think_ns": "--think", "lock_count": "--locks", "random": "--random"}

# A CPU whose speed changed by more while a run went on did another amount of work than was asked.
MOST_DRIFT = 0.03
# What others may use of the CPUs meanwhile.
MOST_OTHERS = 0.04
ATTEMPTS = 4


class Threads(Lockbench):
    """Runs of the programs in build/process: one thread per vCPU."""

    def guest_options(self, plan):
        """A process needs nothing."""
        return {}

    def prepare(self, guest, plan):
        """Check that there is a program for each of the plan's locks."""
        for lock in dict.fromkeys(cell["lock"] for cell in plan["cells"]):
            if not (guest.programs / lock).exists():
                raise RunFailure(f"{guest.programs}/{lock}: there is no such program; run "
                                 "'make process', or for locks of another release, make -C "
                                 "selftests/process RELEASES=\"6.1 6.12\"")
        return {"kernel": platform.release(), "vcpus_are": "threads", "guest": "process"}

    def measure(self, guest, cell, plan):
        """One run, verified; another if the speed of the CPUs changed, or others used them.

        Where that does not help, the run that others have disturbed the least counts.
        """
        # Guests that compete are others to each other.
        alone = cell.get(GUESTS, 1) == 1
        usable = []
        for number in range(ATTEMPTS if alone else 1):
            result = self.attempt(guest, cell, plan)
            result["attempts"] = number + 1
            if abs(result["work_drift"] - 1) <= MOST_DRIFT:
                usable.append(result)
                if result["others_share"] <= MOST_OTHERS:
                    break
        if not usable:
            raise RunFailure(f"the CPU's speed changed in each of {number + 1} runs, in the last "
                             f"by {result['work_drift'] - 1:+.1%}; is the machine busy, or "
                             "throttled?")
        return min(usable, key=lambda each: each["others_share"])

    def attempt(self, guest, cell, plan):
        """One run as asked."""
        command = f"{guest.programs}/{cell['lock']} {line(cell, plan)}"
        code, text = guest.run(command, timeout=plan["timeout_s"])
        if not text.startswith("{"):
            raise RunFailure(f"{command}: exit code {code}: {one_line(text)}")
        result = parse_json(text, "result")
        verify(result, cell, plan)
        return result


def line(cell, plan):
    """The options of a program for a cell."""
    words = [f"{OPTIONS[name]} {value}" for name, value in asked_settings(cell).items()
             if name in OPTIONS]
    extra = MOST_APART_MS if cell.get(GUESTS, 1) > 1 else 0
    words += [f"--duration {plan['duration_ms']}", f"--warmup {plan['warmup_ms'] + extra}",
              f"--cooldown {extra}"]
    return " ".join(words)
