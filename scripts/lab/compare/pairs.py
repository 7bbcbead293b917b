# SPDX-License-Identifier: GPL-2.0
"""The cells that two campaigns share, and what each metric of them says."""

from typing import NamedTuple

from lab.errors import LabError
from lab.report import stats
from lab.report.summary import repeat_values
from lab.workload.cells import CONTROL, in_groups
from lab.workload.metrics import METRICS

NOTHING = {"change_pct": None, "p_value": None, "floor_pct": None, "verdict": "not measured"}
BETTER, WORSE = "better", "worse"


class Pair(NamedTuple):
    """One metric of one cell, in both campaigns."""

    metric: str
    before: dict        # the cell, as in results.json
    after: dict
    values: tuple       # of each repeat: before, after
    change: dict        # as in results.json
    interval: tuple     # of the ratio, or None
    effect: float       # Cliff's delta, or None

    @property
    def ratio(self):
        """The median as a multiple of what it was; None if there is none."""
        change = self.change["change_pct"]
        return None if change is None else 1 + change / 100

    @property
    def verdict(self):
        """Better or worse if that is significant, and otherwise why it is not."""
        if self.change["verdict"] != "significant" or not METRICS[self.metric].better:
            return self.change["verdict"]
        return BETTER if (self.ratio > 1) == (METRICS[self.metric].better > 0) else WORSE


class Mean(NamedTuple):
    """The geometric mean of one metric's ratios, over some of the cells."""

    metric: str
    name: str
    ratio: float
    interval: tuple
    cells: int


def worse_by(metric, ratio):
    """By how many percent a ratio is worse; below 0 if it is better."""
    return 100 * (1 - ratio if METRICS[metric].better > 0 else ratio - 1)


def shared_cells(before, after, names):
    """[(cell, cell), ...], and the ids that only one campaign has: ids before, ids after."""
    left = {cell["id"]: cell for cell in before["cells"]}
    right = {cell["id"]: cell for cell in after["cells"]}
    both = [(cell, right[key]) for key, cell in left.items() if key in right]
    if not both:
        raise LabError(f"{names[1]}: has no cell that {names[0]} has, for example "
                       f"'{next(iter(right), 'none')}' against '{next(iter(left), 'none')}'; "
                       "measure both with the same matrix, CPUs and axes")
    return both, [key for key in left if key not in right], [key for key in right
                                                             if key not in left]


def floor_of(document, cell, metric):
    """The noise floor of the cell's group; None if it is not known."""
    for each in document.get("noise_floor", ()):
        if all(cell.get(axis) == value for axis, value in each["group"].items()):
            return each["metrics"].get(metric, {}).get("floor_pct")
    return None


def compare_cell(metric, cells, documents):
    """One metric of a cell in both campaigns; the change exceeds the noise of both."""
    before, after = (repeat_values(cell, metric) for cell in cells)
    floors = [floor_of(document, cell, metric) for document, cell in zip(documents, cells)]
    known = [floor for floor in floors if floor is not None]
    change = NOTHING
    if before and after:
        change = stats.compare(after, before, max(known, default=None), stats.STRICT_ALPHA)
    interval = stats.ratio_interval(after, before) if before and after else None
    return Pair(metric, *cells, (before, after), change, interval,
                stats.superiority(after, before))


def compare_all(metrics, both, documents):
    """Every pair in which at least one campaign has measured the metric."""
    pairs = [compare_cell(metric, cells, documents) for metric in metrics for cells in both]
    return [pair for pair in pairs if any(pair.values)]


def mean(metric, name, pairs):
    """The geometric mean over the pairs that have a ratio above 0."""
    samples = [pair.values[::-1] for pair in pairs if pair.ratio]
    samples = [sample for sample in samples if min(map(min, sample)) > 0]
    return Mean(metric, name, stats.mean_ratio(samples), stats.mean_ratio_interval(samples),
                len(samples))


def means(plan, pairs):
    """The mean of each lock, and of all, for each metric; A/A cells would count twice."""
    found = []
    for metric, members in in_groups(pairs, lambda pair: pair.metric).items():
        members = [pair for pair in members if not pair.before.get(CONTROL)]
        by_series = in_groups(members, lambda pair: str(pair.before[plan["series"]]))
        found += [mean(metric, name, each) for name, each in by_series.items()]
        found.append(mean(metric, "all", members))
    return found
