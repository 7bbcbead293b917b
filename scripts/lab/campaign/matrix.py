# SPDX-License-Identifier: GPL-2.0
"""The campaign matrices, as data, and their expansion into cells."""

import itertools
from fractions import Fraction

from lab.errors import LabError
from lab.guest.kernel import BARE, STOCK, has_kernel
from lab.workload.cells import CONTROL, HOST, XEN_HOST, cell_id
from lab.workload.locks import named_for, same_lock
from lab.workload.preemption import PREEMPT_MS, check_times, makes_sense
from lab.workload.programs import PROGRAM, PROGRAMS

# What the matrices have in common; each may say otherwise.
LOCK_COMPARISON = {
    "workload": "lockbench",
    "series": "lock",
    "baseline": "spinlock",
    "x": "overcommit",
    "facets": ["hold_ns", "think_ns"],
    "further": [],
    "duration_ms": 1000,
    "warmup_ms": 200,
    "timeout_s": 60,
    "switches": 0,
}

# What differs where guests have no kernel: they need no time to warm up, and have more locks.
WITHOUT_KERNEL = {"duration_ms": 700, "warmup_ms": 100}

# Axes are varied from left to right. An x axis of overcommit needs the number of
# physical CPUs of the lab to become a number of vCPUs. "further" has more cells, each
# time with some of the axes replaced. "block" is for matrices with more guests than a lab
# can hold: the runs of a round go by that axis, so that few guests are needed at a time.
# "more_locks" are for guests without a kernel, where each lock costs no other guest.
MATRICES = {
    "quick": {
        **LOCK_COMPARISON,
        "description": "every lock at 1x, 2x and 4x overcommit, one hold time",
        "axes": {
            "hold_ns": [1000],
            "think_ns": [2000],
            "overcommit": [1, 2, 4],
            "lock": ["pvticket", "ticket", "spinlock", "tas"],
        },
        "more_locks": ["spinlock-tuned"],
        "repeats": 3,
    },
    "full": {
        **LOCK_COMPARISON,
        "description": "1x to 8x, three hold times, several locks, interrupts off, two guests "
                       "that compete; half an hour",
        "facets": ["hold_ns", "think_ns", "sharing", "irqs_off", "guests"],
        "block": "vcpus",
        "axes": {
            "hold_ns": [1000],
            "think_ns": [2000],
            "sharing": ["1"],
            "irqs_off": [0],
            "guests": [1],
            "overcommit": [1, 1.5, 2, 3, 4, 8],
            "lock": ["pvticket", "ticket", "spinlock", "spinlock-tuned", "tas"],
        },
        "further": [
            {"hold_ns": [200, 10000], "overcommit": [1, 2, 4, 8]},
            {"hold_ns": [1000], "sharing": ["4 striped", "4 random"], "overcommit": [1, 2, 4]},
            {"hold_ns": [1000], "irqs_off": [1], "overcommit": [1, 2, 4]},
            {"hold_ns": [1000], "guests": [2], "overcommit": [1, 2, 4]},
        ],
        "repeats": 5,
    },
    "holds": {
        **LOCK_COMPARISON,
        "description": "0.2 to 100 us held, with and without thinking, and times that vary, at 1x "
                       "to 8x; several locks, two guests that compete; threads only",
        "facets": ["hold_ns", "hold_is", "think_ns", "sharing", "guests"],
        "axes": {
            "hold_ns": [1000],
            "hold_is": ["fixed"],
            "think_ns": [2000],
            "sharing": ["1"],
            "guests": [1],
            "overcommit": [1, 2, 4, 8],
            "lock": ["pvticket", "spinlock", "spinlock-tuned", "tas"],
        },
        "further": [
            {"think_ns": [0]},
            {"hold_ns": [200], "think_ns": [400]},
            {"hold_ns": [200], "think_ns": [0]},
            {"hold_ns": [10000], "think_ns": [20000]},
            {"hold_ns": [100000], "think_ns": [200000]},
            {"hold_is": ["exponential", "rare"]},
            {"sharing": ["2 striped", "16 random"]},
            {"guests": [2], "overcommit": [1, 2, 4]},
        ],
        "repeats": 5,
    },
    "host": {
        **LOCK_COMPARISON,
        "description": "stock and patched KVM, two locks at 2x and 4x overcommit",
        "axes": {
            HOST: ["stock", "patched"],
            "hold_ns": [1000],
            "think_ns": [2000],
            "overcommit": [2, 4],
            "lock": ["pvticket", "spinlock"],
        },
        "repeats": 4,
    },
    "lhp": {
        **LOCK_COMPARISON,
        "description": "holders, and waiters that are next in line, preempted on command for 0 to "
                       "20 ms, at 1x and 2x; in guests of pvmm",
        "x": "preempt_ms",
        "facets": ["preempted", "overcommit", "hold_ns", "think_ns"],
        # Each facet has it, unlike the kernel's lock, and it does not collapse at 2x.
        "baseline": "pvticket",
        "more_baselines": ["spinlock"],
        "axes": {
            "hold_ns": [1000],
            "think_ns": [2000],
            "preempted": ["holder", "waiter"],
            "overcommit": [1, 2],
            "preempt_ms": [0, 1, 5, 20],
            "lock": ["pvticket", "ticket", "spinlock", "tas"],
        },
        "ring_us": 50000,
        "duration_ms": 2000,
        "repeats": 3,
    },
    "workloads": {
        **LOCK_COMPARISON,
        "description": "real programs, the kernel's spinlocks taken over or not, at 1x, 2x and 4x",
        "workload": "programs",
        "means": True,
        "facets": [PROGRAM],
        "axes": {
            PROGRAM: list(PROGRAMS),
            "overcommit": [1, 2, 4],
            "lock": ["takeover", "spinlock"],
        },
        "duration_ms": 3000,
        "warmup_ms": 0,
        "repeats": 3,
    },
}

SETTINGS = ("repeats", "duration_ms", "warmup_ms", "timeout_s", "switches")


def choose_matrix(name):
    """The named matrix; an unknown name is refused with the list of known ones."""
    if name not in MATRICES:
        raise LabError(f"--matrix: unknown matrix '{name}'; known matrices are: "
                       + ", ".join(MATRICES))
    return MATRICES[name]


def check_programs(asked, settings, matrix):
    """Only one matrix has programs, and switches the kernel's locks."""
    if PROGRAM in asked and PROGRAM not in matrix["axes"]:
        raise LabError("--programs: this matrix measures with none; give '--matrix workloads'")
    if settings.get("switches") and matrix["workload"] != "programs":
        raise LabError("--switches: only the matrix 'workloads' takes the kernel's locks over; "
                       "leave it out, or say --matrix workloads")


def check_kernel(name, matrix, kernel):
    """Refuse what cannot be measured with or without a kernel in the guests."""
    if has_kernel(kernel) and "hold_is" in matrix["axes"]:
        raise LabError(f"--matrix {name}: lockbench.ko has no holding times that vary; "
                       "give '--lab process' or '--lab bare'")
    # The VMM preempts vCPUs without a kernel, too.
    kernels = (HOST, PROGRAM) if kernel == BARE else (HOST, PREEMPT_MS, PROGRAM)
    needs = [axis for axis in kernels if axis in matrix["axes"]]
    if not has_kernel(kernel) and needs:
        raise LabError(f"--matrix {name}: it needs guests with a kernel, for its axis "
                       f"'{needs[0]}'; leave '--lab' out, or give another matrix")


def vcpus_for(overcommit, pcpus):
    """Overcommit times physical CPUs, which must be a whole number of vCPUs."""
    vcpus = Fraction(str(overcommit)) * pcpus
    if vcpus.denominator != 1:
        raise LabError(f"--overcommit: {overcommit} times {pcpus} physical CPUs is {float(vcpus)} "
                       "vCPUs; choose a factor that gives a whole number")
    return int(vcpus)


def overcommit_for(vcpus, pcpus):
    """The overcommit factor of a guest, an integer where it is one."""
    factor = Fraction(vcpus, pcpus)
    return int(factor) if factor.denominator == 1 else round(float(factor), 4)


def baseline_host(hosts):
    """The host that the others are compared with."""
    return "stock" if "stock" in hosts else hosts[0]


# pylint: disable-next=too-many-arguments # all that a plan depends on
def build_plan(name, axes, settings, seed, pcpus, kernel=STOCK):
    """Expand a matrix to a plan: pure data that fixes everything a campaign does.

    kernel is what guests run but for locks that need another one; NO_KERNEL or BARE where they
    have none. axes and settings override those of the matrix where they are not None. With a
    'vcpus' axis given, it takes the place of 'overcommit'.
    """
    matrix = choose_matrix(name)
    check_kernel(name, matrix, kernel)
    if not has_kernel(kernel):
        settings_without = {} if PREEMPT_MS in matrix["axes"] else WITHOUT_KERNEL
        matrix = {**matrix, **settings_without, "axes": {
            **matrix["axes"],
            "lock": matrix["axes"]["lock"] + matrix.get("more_locks", [])}}
    asked = asked_values(axes, pcpus)
    check_times(asked, matrix["axes"])
    check_programs(asked, settings, matrix)
    values = {**matrix["axes"], **asked}
    asked["lock"] = values["lock"] = named_for(kernel, values["lock"])
    if not has_kernel(kernel):
        # There are no interrupts, either.
        values.pop("irqs_off", None)
    plan = {"matrix": name, "guest_kernel": kernel, "seed": seed, "pcpus": pcpus,
            "axes": values, "asked": asked}
    plan.update({key: matrix[key] for key in ("workload", "series", "x", "facets")})
    plan.update({key: matrix[key] for key in ("block", "ring_us") if key in matrix})
    if not has_kernel(kernel):
        # Any number of guests fits, so that all cells can be mixed.
        plan.pop("block", None)
    plan.update({key: matrix[key] if settings.get(key) is None else settings[key]
                 for key in SETTINGS})
    series = values[plan["series"]]
    baseline = named_for(kernel, [matrix["baseline"]])[0]
    plan["baseline"] = baseline if baseline in series else series[0]
    # The same lock in other kernels, and what the matrix names.
    plan["more_baselines"] = [
        lock for lock in values["lock"]
        if lock != baseline and (same_lock(lock, baseline)
                                 or lock in named_for(kernel, matrix.get("more_baselines", ())))]
    if matrix.get("means"):
        plan["means"] = True
    if HOST in values:
        plan["facets"] = plan["facets"] + [HOST]
    if HOST in values and XEN_HOST not in values[HOST]:
        plan["also_compared"] = {"axis": HOST, "baseline": baseline_host(values[HOST])}
    plan["facets"] = [axis for axis in plan["facets"] if axis in values]
    blocks = [values] + [{**values, **other, **asked} for other in matrix["further"]
                         if all(axis in values for axis in other)]
    cells = [cell for block in blocks for cell in expand_cells(block, plan, pcpus)]
    plan["cells"] = list({cell_id(cell): cell for cell in cells}.values())
    return plan


def asked_values(axes, pcpus):
    """The values of axes that take the place of a matrix's own."""
    asked = {axis: list(chosen) for axis, chosen in axes.items()
             if chosen is not None and axis != "vcpus"}
    if axes.get("vcpus") is not None:
        asked["overcommit"] = [overcommit_for(vcpus, pcpus) for vcpus in axes["vcpus"]]
    return asked


def expand_cells(values, plan, pcpus):
    """The product of all axes, with the A/A cell next to each baseline cell."""
    cells = []
    for combination in itertools.product(*values.values()):
        cell = dict(zip(values, combination))
        if not makes_sense(cell):
            continue
        if "overcommit" in cell:
            cell["vcpus"] = vcpus_for(cell["overcommit"], pcpus)
            cell["pcpus"] = pcpus
        cells.append(cell)
        if cell[plan["series"]] == plan["baseline"]:
            cells.append({**cell, CONTROL: True})
    return cells
