# SPDX-License-Identifier: GPL-2.0
"""The tables of a report as plain text cells, for the terminal and the HTML page alike."""

from typing import NamedTuple

from lab.report.means import COLUMNS as MEAN_COLUMNS
from lab.report.means import NOTE as MEAN_NOTE
from lab.report.means import mean_rows
from lab.workload.cells import (AXIS_COLUMN, CONTROL, HOST, axis_text, facet, facet_text,
                                in_groups, place_text, series_name)
from lab.workload.metrics import METRICS, format_metric, format_number


class Table(NamedTuple):
    """Column heads and rows of texts; columns listed in texts hold words, others figures."""

    title: str
    columns: list
    rows: list
    note: str
    texts: tuple = (0, 1)
    label: str = ""     # how the figures were obtained


def is_baseline(plan, cell):
    """Is this the cell that others are compared with?"""
    return cell[plan["series"]] == plan["baseline"] and not cell.get(CONTROL)


def deviation_text(cell, metric):
    """Standard deviation in percent of the mean."""
    deviation = cell["spread"].get(metric, {}).get("stddev_pct")
    return "-" if deviation is None else f"± {deviation:.0f}%"


def percent_text(percent):
    """A change with its sign: '+3.4%', '-99.8%'; from a factor of ten on 'x12.4'."""
    if percent < 900:
        return f"{percent:+.1f}%"
    return "x" + format_number(1 + percent / 100)


def change_text(plan, cell, metric):
    """The change against the baseline; '~' marks one that is not significant."""
    if is_baseline(plan, cell):
        return "baseline"
    return marked_percent_text(cell["change"].get(metric))


def marked_percent_text(change):
    """A change with its mark; '-' without one."""
    if not change or change["change_pct"] is None:
        return "-"
    mark = "" if change["verdict"] == "significant" else "~"
    return mark + percent_text(change["change_pct"])


def ratio_text(plan, cell, metric):
    """The median as a multiple of the baseline's."""
    return "-" if is_baseline(plan, cell) else factor_text(cell["change"].get(metric))


def factor_text(change):
    """A change as a factor."""
    if not change or change["change_pct"] is None:
        return "-"
    return f"{1 + change['change_pct'] / 100:.3g}x"


def own_ratio_text(plan, cell, cells, metric):
    """The median as a multiple of the same series' median at the start of the x axis."""
    start = min(each[plan["x"]] for each in cells)
    first = [each[metric] for each in cells if each[plan["x"]] == start
             and series_name(plan, each) == series_name(plan, cell)]
    if not first or not first[0] or cell[metric] is None:
        return "-"
    return f"{cell[metric] / first[0]:.3g}x"


def verdict_text(plan, cell, metric):
    """Is the change significant, and if not, why."""
    if cell["status"] != "ok":
        return f"{cell['status'].upper()}: {passed_text(cell)}"
    if is_baseline(plan, cell):
        return ""
    change = cell["change"].get(metric, {})
    if cell.get(CONTROL):
        floor = change.get("floor_pct")
        return "" if floor is None else f"noise floor {floor:.1f}%"
    return change.get("verdict", "no baseline")


def passed_text(cell):
    """How many repeats of a cell count."""
    passed = sum(each["status"] == "ok" for each in cell["repeats"])
    return f"{passed} of {len(cell['repeats'])} runs passed"


def sourced_text(cell, metric):
    """A count, with 'h' where the host counted for the guest."""
    text = format_metric(metric, cell[metric])
    return text + (" (h)" if "host" in cell["sources"].get(metric, "") else "")


def labels(plan, cell):
    """The leading columns of every row."""
    return [place_text(plan, cell), series_name(plan, cell)]


def head(plan):
    """The heads of the leading columns."""
    return [AXIS_COLUMN.get(plan["x"], plan["x"]), plan["series"]]


def main_table(plan, cells, metric, title):
    """One metric in full: median, spread, change, ratio, verdict."""
    rows = [labels(plan, cell) + [
        format_metric(metric, cell[metric]), deviation_text(cell, metric),
        own_ratio_text(plan, cell, cells, metric), change_text(plan, cell, metric),
        ratio_text(plan, cell, metric), verdict_text(plan, cell, metric)] for cell in cells]
    start = axis_text(plan["x"], min(cell[plan["x"]] for cell in cells))
    columns = ["median", "%stddev", f"of {start}", "%change", "ratio", ""]
    return Table(title, head(plan) + columns, rows,
                 f"of {start}: against the same {plan['series']} at {start}; %change and ratio: "
                 f"against {plan['baseline']} in the same place; ~ marks a change that is not "
                 "significant", (0, 1, 7))


def change_table(plan, cells, metrics, title, note):
    """Several metrics side by side, each with its change."""
    columns = head(plan)
    for metric in metrics:
        columns = columns + [METRICS[metric].title.removeprefix("wait "), "%change"]
    rows = []
    for cell in cells:
        row = labels(plan, cell)
        for metric in metrics:
            row += [format_metric(metric, cell[metric]), change_text(plan, cell, metric)]
        rows.append(row)
    return Table(title, columns, rows, note)


def ratio_tables(plan, cells, heading):
    """For each further baseline, what the others are as multiples of it."""
    metrics = ("ops_per_s", "wait_p50_ns", tail_metric(cells), "wait_max_ns", "jain")
    tables = []
    for name in plan.get("more_baselines", ()):
        rows = [labels(plan, cell) + [multiple_text(cell["ratio"][name].get(metric))
                                      for metric in metrics]
                for cell in cells if name in cell.get("ratio", {})]
        if rows:
            tables.append(Table(
                f"Multiples of {name}{heading}",
                head(plan) + [METRICS[metric].title for metric in metrics], rows,
                f"medians, as multiples of those of {name} in the same place"))
    return tables


def multiple_text(ratio):
    """How a report prints a ratio."""
    return "-" if ratio is None else f"{ratio:.3g}x"


def competition_table(plan, cells, title):
    """What each of two guests got."""
    tail = tail_metric(cells)
    metrics = (("ops_per_s", "first"), ("other_ops_per_s", "second"), ("guests_jain", "Jain"),
               (tail, f"{METRICS[tail].title.removeprefix('wait ')} first"),
               (f"other_{tail}", "second"),
               ("wait_max_ns", "max first"), ("other_wait_max_ns", "second"))
    rows = [labels(plan, cell) + [format_metric(metric, cell[metric]) for metric, _ in metrics]
            for cell in cells]
    return Table(title, head(plan) + [name for _, name in metrics], rows,
                 "operations per second, Jain's index of the two, and waiting times; the vCPUs "
                 "are those of one guest. The other tables are about the first guest")


def preemption_table(plan, cells, title):
    """Preemptions on command: how many were planned, and how many there were."""
    metrics = ("rings", "preempt_planned", "preempt_done", "preempt_seen")
    rows = [labels(plan, cell)
            + [format_metric(metric, cell[metric]) for metric in metrics]
            + [format_metric("preempt_each_ns", cell["preempt_each_ns"])] for cell in cells]
    return Table(title, head(plan) + [METRICS[metric].title
                                      for metric in (*metrics, "preempt_each_ns")], rows,
                 "medians per run, warm-up included. planned: rings of the doorbell that the plan "
                 "answers; done: vCPUs that the VMM has held back for as long as planned; seen: "
                 "rings that by the guest's clock took as long as the shortest preemption of this "
                 "time, or of all where there are none: then the host preempted by itself")


def count_table(plan, cells, title):
    """Progress, and what the locks did to get there: no change, but the source."""
    shares = measured(cells, ("starved_share", "idle_share", "kick_to_run_p50_ns"))
    counts = ["halts", "kicks", "spurious", "overtakes", *measured(cells, ("steal_ns",))]
    columns = head(plan) + [METRICS[metric].title for metric in shares] + ["Jain", "%change"]
    columns += [METRICS[metric].title for metric in counts]
    rows = [labels(plan, cell) + [format_metric(metric, cell[metric]) for metric in shares]
            + [format_metric("jain", cell["jain"]), change_text(plan, cell, "jain")]
            + [sourced_text(cell, metric) for metric in counts] for cell in cells]
    note = "".join(f"{METRICS[metric].title}: {METRICS[metric].meaning}; " for metric in shares)
    return Table(title, columns, rows,
                 note + "Jain: Jain's index; medians per run; (h): counted by the host (KVM "
                 "halt_exits and hypercalls of the whole guest, warm-up included), otherwise by "
                 "the lock itself")


def ordered(plan, cells):
    """Cells along the x axis, the compared ones next to each other."""
    places = list(in_groups(cells, lambda cell: cell[plan["x"]]))
    return sorted(cells, key=lambda cell: (places.index(cell[plan["x"]]),
                                           not is_baseline(plan, cell),
                                           cell[plan["series"]] != plan["baseline"]))


def measured(cells, metrics):
    """Those of the metrics that any of the cells has."""
    return [metric for metric in metrics if any(cell[metric] is not None for cell in cells)]


def tail_metric(cells):
    """The quantile that tells of rare waits; earlier versions did not record the better one."""
    return (measured(cells, ("wait_p9999_ns",)) or ["wait_p999_ns"])[0]


def facet_tables(plan, cells, heading):
    """All tables of the cells that share a facet."""
    cells = ordered(plan, cells)
    tables = [main_table(plan, cells, "ops_per_s",
                         f"Throughput in {METRICS['ops_per_s'].unit}{heading}")]
    waits = measured(cells, ("wait_p50_ns", "wait_p99_ns", tail_metric(cells), "wait_max_ns"))
    if waits:
        tables.append(change_table(
            plan, cells, waits, f"Waiting time{heading}",
            f"medians over repeats; %change against {plan['baseline']}, ~ marks a change "
            "that is not significant"))
    tables += ratio_tables(plan, cells, heading)
    if measured(cells, ("guests_jain",)):
        tables.append(competition_table(plan, cells, f"Each of the guests{heading}"))
    if measured(cells, ("rings",)):
        tables.append(preemption_table(plan, cells, f"Preemptions{heading}"))
    if measured(cells, ("jain", "halts", "kicks", "spurious", "overtakes", "steal_ns")):
        tables.append(count_table(plan, cells, f"Progress, halts and kicks{heading}"))
    return tables


def pair_table(plan, pairs, metric, title):
    """One metric along the axis that is compared besides the series."""
    also = plan["also_compared"]
    other = pairs[0][1][also["axis"]]
    rows = []
    for before, cell in pairs:
        change = cell["change_along"][also["axis"]]["change"].get(metric)
        rows.append(labels(plan, cell) + [
            format_metric(metric, before[metric]), deviation_text(before, metric),
            format_metric(metric, cell[metric]), deviation_text(cell, metric),
            marked_percent_text(change), factor_text(change),
            change["verdict"] if change else "not measured"])
    return Table(title, head(plan) + [str(also["baseline"]), "%stddev", str(other), "%stddev",
                                      "%change", "ratio", ""],
                 rows, f"each {plan['series']} on the {axis_text(also['axis'], other)} against "
                 f"itself on the {axis_text(also['axis'], also['baseline'])}", (0, 1, 8))


def pairs_along(plan, cells):
    """Cells with those they are compared with along the other axis, by place and value."""
    axis = plan["also_compared"]["axis"]
    by_id = {cell["id"]: cell for cell in cells}
    pairs = [(by_id[cell["change_along"][axis]["against"]], cell) for cell in cells
             if axis in cell.get("change_along", {})]
    pairs = [(before, cell) for before, cell in pairs if before is not cell]
    return in_groups(pairs, lambda pair: facet(plan, pair[1]))


def tables_along(document):
    """What the other compared axis changes, if the plan has one."""
    plan = document["plan"]
    if not plan.get("also_compared"):
        return []
    tables = []
    for items, pairs in pairs_along(plan, ordered(plan, document["cells"])).items():
        heading = facet_text(items)
        tables += [pair_table(plan, pairs, metric, f"{METRICS[metric].title}: {heading}")
                   for metric in measured([cell for _, cell in pairs],
                                          ("ops_per_s", "wait_p99_ns", "wait_max_ns"))]
    return tables


def failure_table(plan, cells):
    """What failed, and where its serial log is; None if nothing did."""
    rows = [labels(plan, cell) + [str(failure["repeat"] + 1), failure["reason"] or "",
                                  failure["log"] or "-"]
            for cell in cells for failure in cell["failures"]]
    if not rows:
        return None
    return Table("Failed runs", head(plan) + ["repeat", "reason", "serial log"], rows, "",
                 (0, 1, 3, 4))


def label_of(document, items):
    """How the cells of a facet were obtained."""
    return document.get("labels", {}).get(str(dict(items).get(HOST)), document["label"])


def report_tables(document):
    """Every table of the report, in order."""
    plan = document["plan"]
    groups = in_groups(document["cells"], lambda cell: facet(plan, cell))
    tables = []
    for items, cells in groups.items():
        label = label_of(document, items)
        tables += [table._replace(label=label) for table in
                   facet_tables(plan, cells, f": {facet_text(items)}" if items else "")]
    if plan.get("means"):
        tables.append(Table("throughput, all programs", head(plan) + MEAN_COLUMNS,
                            mean_rows(plan, document["cells"]), MEAN_NOTE,
                            label=document["label"]))
    failures = failure_table(plan, document["cells"])
    tables += [table._replace(label=document["label"]) for table in
               tables_along(document) + ([failures] if failures else [])]
    return tables
