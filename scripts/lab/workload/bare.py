# SPDX-License-Identifier: GPL-2.0
"""The benchmark of a guest without an operating system, whose results are lockbench's."""

import time

from lab.workload import preemption
from lab.workload.lockbench import (Lockbench, all_settings, one_line, parse_json, timing,
                                    verify)
from lab.workload.workload import RunFailure

# Of the result: what tells about the machine.
ENVIRONMENT = ("cpl", "kick", "cpl0_loops_per_us", "cpl3_loops_per_us", "cpuid_kvm_features",
               "tsc_khz", "pause_ns", "work_loop_ns")
PREPARE = "lock={lock} duration_ms=10 warmup_ms=0"
PREPARE_TIMEOUT_S = 20
# Clocks of vCPUs that are further apart make waits wrong.
MOST_WARP_NS = 1000


class Bare(Lockbench):
    """Each run is a boot."""

    def prepare(self, guest, plan):
        """Check that the image has each of the plan's locks; return what it runs on."""
        for lock in dict.fromkeys(cell["lock"] for cell in plan["cells"]):
            result = boot(guest, PREPARE.format(lock=lock), PREPARE_TIMEOUT_S)
        return {"vcpus_are": "bare", **{name: result[name] for name in ENVIRONMENT}}

    def measure(self, guest, cell, plan):
        """One run, as asked and verified."""
        words = [f"{name}={value}" for name, value in all_settings(cell, plan).items()]
        started = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        result = boot(guest, f"{' '.join(words)} {timing(cell, plan)}", plan["timeout_s"])
        # By this machine's clock, as guests that compete have to be compared.
        result["began_ns"] += started
        verify(result, cell, plan)
        if result["tsc_warp_ns"] > MOST_WARP_NS:
            raise RunFailure(f"clocks of the vCPUs differ by {result['tsc_warp_ns']} ns")
        if preemption.preempts(plan):
            preemption.verify(result, cell)
            result.update(preemption.counts(result, cell, plan))
        return result


def boot(guest, line, timeout):
    """Boot the guest, and parse what it says."""
    done = guest.boot(line, timeout)
    if done.code:
        raise RunFailure(f"the guest '{line}' failed with exit code {done.code}: "
                         + one_line(done.output))
    return parse_json(done.output, "result")
