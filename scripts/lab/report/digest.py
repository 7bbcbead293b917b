# SPDX-License-Identifier: GPL-2.0
"""A campaign on one table: the first lock as a multiple of each baseline, in every place."""

from lab.report.tables import Table, factor_text, multiple_text, own_ratio_text
from lab.workload.cells import CONTROL, axis_text, facet, facet_text, in_groups, place_text
from lab.workload.metrics import format_metric

METRICS = (("ops_per_s", "ops/s"), ("wait_p999_ns", "p99.9"), ("wait_max_ns", "max"))


def subject(plan, cells):
    """What the table is about: the first of the compared values that is no baseline."""
    baselines = (plan["baseline"], *plan.get("more_baselines", ()))
    values = (cell[plan["series"]] for cell in cells if not cell.get(CONTROL))
    return next((value for value in values if value not in baselines), None)


def ratios(plan, cell):
    """The cell's figures as multiples of each baseline's."""
    texts = [factor_text(cell["change"].get(metric)) for metric, _ in METRICS]
    for name in plan.get("more_baselines", ()):
        texts += [multiple_text(cell.get("ratio", {}).get(name, {}).get(metric))
                  for metric, _ in METRICS]
    return texts


def digest_table(document):
    """The table; None if there is nothing to compare, or no x axis of overcommit."""
    plan, cells = document["plan"], document["cells"]
    name = subject(plan, cells)
    if name is None or plan["x"] != "overcommit":
        return None
    rows, base = [], facet(plan, cells[0])
    for items, members in in_groups(cells, lambda cell: facet(plan, cell)).items():
        where = facet_text([item for item in items if item not in base]) or "base"
        mine = [cell for cell in members if cell[plan["series"]] == name]
        rows += [[where, place_text(plan, cell),
                  own_ratio_text(plan, cell, mine, "ops_per_s"),
                  format_metric("jain", cell["jain"])] + ratios(plan, cell)
                 for cell in sorted(mine, key=lambda cell: cell[plan["x"]])]
    baselines = [plan["baseline"], *plan.get("more_baselines", ())]
    # Without 1x in the matrix, the least overcommit of all.
    start = axis_text(plan["x"], min(cell[plan["x"]] for cell in cells))
    columns = ["where", "vCPUs", f"of {start}", "Jain"]
    columns += [title for _ in baselines for _, title in METRICS]
    against = "; then against ".join(baselines)
    return Table(f"{name} in short", columns, rows,
                 f"base: {facet_text(base)}; the others differ from it in what they say. "
                 f"of {start}: throughput against its own there. Throughput, p99.9 and "
                 f"longest wait as multiples, first against {against}", label=document["label"])
