# SPDX-License-Identifier: GPL-2.0
"""A cell of a campaign: a mapping of axes (lock, overcommit, hold_ns, ...) to values.

Nothing here, in the statistics or in the reports knows the axes by name, but for
the texts in AXIS_TEXT. The plan says which axis is compared (series), which is
plotted along (x), and the rest tell cells apart that cannot be compared.
"""

from lab.workload.metrics import format_number, format_time

# An A/A cell measures the baseline a second time, as a cell of its own.
CONTROL = "control"
# How many guests run the cell at the same time, with as many vCPUs each.
GUESTS = "guests"
# The KVM modules of the emulated host, or another hypervisor in its place. Each value needs a
# host that is booted with it.
HOST = "host"
XEN_HOST = "xen"

AXIS_TEXT = {
    "vcpus": lambda value: f"{value} vCPUs",
    "pcpus": lambda value: f"{value} CPUs",
    "overcommit": lambda value: f"{format_number(value)}x",
    "hold_ns": lambda value: f"hold {format_time(value)}",
    "think_ns": lambda value: f"think {format_time(value)}",
    "sharing": lambda value: "1 lock" if value == "1" else value.replace(" ", " locks, "),
    GUESTS: lambda value: "1 guest" if value == 1 else f"{value} guests that compete",
    "hold_is": lambda value: {"fixed": "", "rare": "one in 1000 a 100 times longer"}.get(
        value, f"{value} times"),
    "irqs_off": lambda value: f"interrupts {'off' if value else 'on'}",
    HOST: lambda value: f"{value} host",
    "preempted": lambda value: f"the {value} preempted",
    "preempt_ms": lambda value: f"{format_number(value)} ms",
}

# What plots along an axis are called, and its column in tables.
AXIS_TITLE = {
    "overcommit": "overcommit",
    "preempt_ms": "the time of each preemption",
}
AXIS_COLUMN = {
    "overcommit": "vCPUs",
    "preempt_ms": "preempted for",
}


def cell_id(cell):
    """A stable name of the cell, independent of the order of its axes."""
    return ",".join(f"{axis}={cell[axis]}" for axis in sorted(cell))


def axis_text(axis, value):
    """How a report names one value of an axis."""
    return AXIS_TEXT[axis](value) if axis in AXIS_TEXT else f"{axis} {value}"


def series_name(plan, cell):
    """The curve a cell belongs to: its value on the compared axis."""
    name = str(cell[plan["series"]])
    return f"{name} (A/A)" if cell.get(CONTROL) else name


def place_text(plan, cell):
    """Where along the x axis a cell lies: '4 (2x)', or the axis value alone."""
    value = axis_text(plan["x"], cell[plan["x"]])
    return f"{cell['vcpus']} ({value})" if "vcpus" in cell and plan["x"] == "overcommit" else value


def cell_text(plan, cell):
    """One line that tells a cell from the others, for progress and messages."""
    parts = [series_name(plan, cell)]
    parts += [axis_text(axis, cell[axis]) for axis in cell
              if axis not in (plan["series"], CONTROL, "pcpus")]
    return " ".join(part for part in parts if part)


def comparison_group(plan, cell, compared=None):
    """Cells of one group differ only in the compared axis, which is the series by default."""
    return tuple((axis, cell[axis]) for axis in sorted(cell)
                 if axis not in (compared or plan["series"], CONTROL))


def facet(plan, cell):
    """What a cell has in common with the others of its table or plot."""
    return tuple((axis, cell[axis]) for axis in plan["facets"])


def facet_text(facet_items):
    """The heading of a table or plot."""
    return ", ".join(text for text in (axis_text(axis, value) for axis, value in facet_items)
                     if text)


def in_groups(items, key):
    """Lists of items by key, in order of first appearance."""
    groups = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
