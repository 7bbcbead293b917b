# SPDX-License-Identifier: GPL-2.0
"""The geometric mean over what a campaign has measured with each lock."""

import statistics

from lab.workload.cells import CONTROL, comparison_group, in_groups, place_text, series_name
from lab.workload.metrics import format_number

METRIC = "ops_per_s"
COLUMNS = ["geometric mean", "worst", "best", "of"]
NOTE = ("throughput as a multiple of the baseline's, over all programs: geometric mean, worst and "
        "best, and how many there are")


def ratio(cell, baseline):
    """A cell's median as a multiple of its baseline's; None without both."""
    if not baseline or not cell[METRIC] or not baseline[METRIC]:
        return None
    return cell[METRIC] / baseline[METRIC]


def ratios(plan, cells):
    """The multiples of each series in each place: {(x, place, series): {group: ratio}}."""
    found = {}
    axes = set(plan["axes"]) - {plan["series"]} | {"vcpus", "pcpus"}
    plain = [{**cell, "only": {axis: cell[axis] for axis in axes if axis in cell}}
             for cell in cells]
    for group, members in in_groups(
            plain, lambda cell: comparison_group(plan, cell["only"])).items():
        baseline = next((cell for cell in members if cell[plan["series"]] == plan["baseline"]
                         and not cell.get(CONTROL)), None)
        for cell in members:
            factor = ratio(cell, baseline)
            if cell is not baseline and factor:
                key = cell[plan["x"]], place_text(plan, cell), series_name(plan, cell)
                found.setdefault(key, {})[group] = factor
    return found


def mean_rows(plan, cells):
    """A row of texts for each place and series, places in order."""
    rows = []
    for (_, place, series), factors in sorted(ratios(plan, cells).items(),
                                              key=lambda item: item[0]):
        values = list(factors.values())
        rows.append([place, series] + [
            f"{value:.3f}x" for value in (statistics.geometric_mean(values), min(values),
                                          max(values))] + [format_number(len(values))])
    return rows
