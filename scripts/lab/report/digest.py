# SPDX-License-Identifier: GPL-2.0
"""A campaign on one table: the first lock as a multiple of each baseline, in every place."""

from lab.report.tables import (Table, factor_text, measured, multiple_text, own_ratio_text,
                               tail_metric)
from lab.workload.cells import CONTROL, axis_text, facet, facet_text, in_groups, place_text
from lab.workload.metrics import format_metric

HEADS = {"ops_per_s": "ops/s", "wait_p9999_ns": "p99.99", "wait_p999_ns": "p99.9",
         "wait_max_ns": "max"}
METRIC_TITLES = {"starved_share": "starved", "jain": "Jain"}
OWN_NOTES = {
    "starved_share": "starved: windows of 100 ms of a thread in which it got less than a tenth of "
                     "its fair share.",
    "jain": "Jain: Jain's index of the threads.",
}


def subject(plan, cells):
    """What the table is about: the first of the compared values that is no baseline."""
    baselines = (plan["baseline"], *plan.get("more_baselines", ()))
    values = (cell[plan["series"]] for cell in cells if not cell.get(CONTROL))
    return next((value for value in values if value not in baselines), None)


def ratios(plan, cell, metrics):
    """The cell's figures as multiples of each baseline's."""
    texts = [factor_text(cell["change"].get(metric)) for metric in metrics]
    for name in plan.get("more_baselines", ()):
        texts += [multiple_text(cell.get("ratio", {}).get(name, {}).get(metric))
                  for metric in metrics]
    return texts


def noise(cell):
    """How far apart the throughput of equals is there."""
    floor = (cell["change"].get("ops_per_s") or {}).get("floor_pct")
    return "not known" if floor is None else f"{1 + floor / 100:.2f}x"


def digest_rows(plan, cells, name, own, metrics):
    """A row for each place of a lock, facet by facet."""
    rows, base = [], facet(plan, cells[0])
    for items, members in in_groups(cells, lambda cell: facet(plan, cell)).items():
        where = facet_text([item for item in items if item not in base]) or "base"
        mine = [cell for cell in members if cell[plan["series"]] == name]
        rows += [[where, place_text(plan, cell),
                  own_ratio_text(plan, cell, mine, "ops_per_s"),
                  format_metric(own, cell[own])] + ratios(plan, cell, metrics) + [noise(cell)]
                 for cell in sorted(mine, key=lambda cell: cell[plan["x"]])]
    return rows


def digest_table(document):
    """The table; None if there is nothing to compare, or no x axis of overcommit."""
    plan, cells = document["plan"], document["cells"]
    name = subject(plan, cells)
    if name is None or plan["x"] != "overcommit":
        return None
    metrics = ("ops_per_s", tail_metric(cells), "wait_max_ns")
    # How each thread got on: in figures of its own, which may all be 0.
    own = (measured(cells, ("starved_share",)) or ["jain"])[0]
    baselines = [plan["baseline"], *plan.get("more_baselines", ())]
    # Without 1x in the matrix, the least overcommit of all.
    start = axis_text(plan["x"], min(cell[plan["x"]] for cell in cells))
    columns = ["where", "vCPUs", f"of {start}", METRIC_TITLES[own]]
    columns += [HEADS[metric] for _ in baselines for metric in metrics] + ["noise"]
    note = (f"base: {facet_text(facet(plan, cells[0]))}; the others differ from it in what they "
            f"say. of {start}: throughput against its own there. {OWN_NOTES[own]} "
            f"Throughput, {HEADS[metrics[1]]} and longest wait as multiples, first against "
            + "; then against ".join(baselines)
            + ". noise: how far apart the throughput of two equal cells is there; what differs by "
              "less differs by chance")
    return Table(f"{name} in short", columns, digest_rows(plan, cells, name, own, metrics), note,
                 label=document["label"])
