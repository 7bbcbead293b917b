# SPDX-License-Identifier: GPL-2.0
"""Preemption on command: the plan that pvmm follows, and whether a run went by it.

In a matrix with the axis PREEMPT_MS, threads of lockbench ring pvmm's doorbell now and then, as
the holder of the lock or as the next in line (the axis PREEMPTED). Each time has a lock number of
its own, so that one guest serves all cells, and no rule is about the number of time 0.
"""

from lab.errors import LabError
from lab.workload.cells import HOST, XEN_HOST
from lab.workload.locks import KNOWN_LOCKS
from lab.workload.workload import RunFailure

# Who is preempted, and for how long on average; 0: nobody, though the doorbell is rung.
PREEMPTED = "preempted"
PREEMPT_MS = "preempt_ms"
HOLDER, WAITER = "holder", "waiter"

# By how much each time differs from the average, at random.
JITTER_PCT = 20
# Of the doorbell's register: vCPUs are parked.
MODE_PARK = 1
# A preemption as the guest's clock sees it may seem a little shorter than by the host's.
CLOCK_TOLERANCE = 0.98


def preempts(plan):
    """Does the plan preempt on command?"""
    return PREEMPT_MS in plan["axes"]


def makes_sense(cell):
    """Only some locks can say who is the next in line."""
    lock = KNOWN_LOCKS.get(cell.get("lock"))
    return cell.get(PREEMPTED) != WAITER or bool(lock and lock.in_line)


def check_options(plan, options):
    """Refuse a lab that cannot preempt on command."""
    if not preempts(plan):
        return
    if options.vmm == "qemu":
        raise LabError(f"--matrix {plan['matrix']}: only pvmm preempts on command; "
                       "leave '--vmm' out")
    if options.platform == "xen" or XEN_HOST in plan["axes"].get(HOST, ()):
        raise LabError(f"--matrix {plan['matrix']}: pvmm runs guests under KVM only; "
                       "leave Xen out")


def check_times(asked, axes):
    """Refuse times for a matrix that preempts nobody, and times that are all 0."""
    if PREEMPT_MS not in asked:
        return
    if PREEMPT_MS not in axes:
        raise LabError("--preempt-ms: this matrix preempts nobody on command; "
                       "give '--matrix lhp'")
    if not any(asked[PREEMPT_MS]):
        raise LabError("--preempt-ms 0: nobody would be preempted; give a time as well")


def times(plan):
    """All times of a plan in milliseconds, ascending."""
    return sorted({cell[PREEMPT_MS] for cell in plan["cells"]})


def lock_number(cell, plan):
    """The number under which the doorbell is rung in a cell."""
    return 1 + times(plan).index(cell[PREEMPT_MS])


def rules(plan):
    """The plan in pvmm's words."""
    pairs = {(cell[PREEMPTED], cell[PREEMPT_MS], lock_number(cell, plan))
             for cell in plan["cells"] if cell[PREEMPT_MS]}
    return ";".join(f"{who}:{number},for={ms * 1000:.0f}us,jitter={JITTER_PCT}"
                    for who, ms, number in sorted(pairs))


def guest_options(plan):
    """What the guests of a plan need; see lab.base.GuestSpec."""
    if not preempts(plan):
        return {}
    return {"inject": rules(plan), "seed": plan["seed"]}


def asked_settings(cell, plan):
    """What a cell asks of lockbench, by lockbench's own names."""
    if not preempts(plan):
        return {}
    return {"ring": cell[PREEMPTED], "ring_us": plan["ring_us"],
            "ring_lock": lock_number(cell, plan)}


def shortest_ns(cell, plan):
    """From which time on a ring was a preemption; without any, that of the plan's shortest."""
    average = cell[PREEMPT_MS] or next((each for each in times(plan) if each), 0)
    return average * 1e6 * (1 - JITTER_PCT / 100) * CLOCK_TOLERANCE


def seen_by_guest(result, cell, plan):
    """Rings that, by the guest's clock, took as long as a preemption."""
    shortest = shortest_ns(cell, plan)
    return sum(count for bound, count in result["ring_histogram"] if bound >= shortest)


def verify(result, cell):
    """Fail the run unless pvmm has done what the plan says, and nothing else."""
    rings = result["rings"]
    expected = {"doorbell_rings": rings, "preempt_planned": rings if cell[PREEMPT_MS] else 0,
                "preempt_done": rings if cell[PREEMPT_MS] else 0, "preempt_modes": MODE_PARK}
    for name, value in expected.items():
        if result.get(name) != value:
            raise RunFailure(f"lockbench has rung {rings} times for {cell[PREEMPT_MS]} ms each, "
                             f"but pvmm tells {name}={result.get(name)} instead of {value}")


def held_share(cell, plan):
    """The share of a summarized cell's time in which a vCPU was held back; None if unknown."""
    if not cell["preempt_done"]:
        return cell["preempt_done"]
    run_ns = (plan["warmup_ms"] + plan["duration_ms"]) * 1e6
    return cell["preempt_done"] * cell["preempt_each_ns"] / run_ns


def counts(result, cell, plan):
    """What a verified result tells of preemptions besides what lockbench says itself."""
    done = result["preempt_done"]
    return {"preempt_seen": seen_by_guest(result, cell, plan),
            "preempt_each_ns": result["preempt_held_us"] * 1000 / done if done else None}
