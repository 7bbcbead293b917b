# SPDX-License-Identifier: GPL-2.0
"""What a comparison looks like: tables, benchstat's input, comma-separated values."""

import csv
import io

from lab.report.facts import busy_texts
from lab.report.tables import Table, deviation_text, head, labels
from lab.report.text import render_facts, render_table
from lab.workload.cells import CONTROL, facet, facet_text, in_groups
from lab.workload.metrics import METRICS, format_metric

NOTE = ("ratio: of the medians; 95% interval: the ratios with which a rank test finds no "
        "difference; p: exact two-sided rank-sum test; effect: Cliff's delta, 1 if all repeats "
        "of B are above all of A, -1 if below. better and worse: p <= 0.05, and the change "
        "exceeds the noise floors of both campaigns; ~: not significant")
MEAN_NOTE = ("ratios of the cells without A/A; 95% interval: by a bootstrap of their repeats, "
             "which does not know what differs from one campaign to the next")
VERDICTS = {"not significant": "~", "too few repeats": "too few"}
MOST_DIFFERENCES = 12


def ratio_text(ratio):
    """A multiple, with three digits."""
    return "-" if ratio is None else f"{ratio:.3g}x"


def interval_text(interval):
    """From where to where."""
    return f"{interval[0]:.3g} to {interval[1]:.3g}" if interval else "-"


def number_text(value, form):
    """A number that may not be there."""
    return "-" if value is None else format(value, form)


def pair_row(plan, pair):
    """One cell's row of a table."""
    row = labels(plan, pair.before)
    for cell in (pair.before, pair.after):
        row += [format_metric(pair.metric, cell[pair.metric]), deviation_text(cell, pair.metric)]
    return row + [ratio_text(pair.ratio), interval_text(pair.interval),
                  number_text(pair.change["p_value"], ".3f"), number_text(pair.effect, "+.2f"),
                  VERDICTS.get(pair.verdict, pair.verdict)]


def metric_tables(plan, metric, pairs):
    """A table of one metric for each facet."""
    columns = head(plan) + ["A", "%stddev", "B", "%stddev", "ratio", "95% interval", "p",
                            "effect", ""]
    for items, members in in_groups(pairs, lambda pair: facet(plan, pair.before)).items():
        heading = f": {facet_text(items)}" if facet_text(items) else ""
        yield Table(f"{METRICS[metric].title} in {METRICS[metric].unit}{heading}", columns,
                    [pair_row(plan, pair) for pair in members], "", (0, 1, 10))


def mean_table(means):
    """The geometric means of all metrics."""
    rows = [[METRICS[each.metric].title, each.name, ratio_text(each.ratio),
             interval_text(each.interval), str(each.cells)] for each in means]
    return Table("Geometric mean", ["", "of", "ratio", "95% interval", "cells"], rows, MEAN_NOTE)


def tables(comparison):
    """A table for each metric and facet, and the means."""
    found = []
    for metric, pairs in in_groups(comparison.pairs, lambda pair: pair.metric).items():
        found += metric_tables(comparison.before["plan"], metric, pairs)
    found[-1] = found[-1]._replace(note=NOTE)
    return found + [mean_table(comparison.means)]


def facts(comparison):
    """What is compared, and what else is to be known."""
    lines = []
    for name, path, document in zip("AB", comparison.names, comparison.documents):
        manifest = document["manifest"]
        lines.append((name, f"{path}: {document['status']}, {manifest.get('date', 'no date')}, "
                            f"revision {manifest.get('git_revision') or 'not known'}"))
    differ = comparison.differences
    lines += [("differs", f"{name}: {before} -> {after}")
              for name, before, after in differ[:MOST_DIFFERENCES]]
    if len(differ) > MOST_DIFFERENCES:
        lines.append(("differs", f"and {len(differ) - MOST_DIFFERENCES} more, see the manifests"))
    if not differ:
        lines.append(("differs", "nothing that the manifests record"))
    for name, document in zip("AB", comparison.documents):
        lines += [(f"{name} busy", text) for text in busy_texts(document)]
    lines += [(f"only {name}", f"{len(ids)} cells, for example {ids[0]}")
              for name, ids in zip("AB", comparison.only) if ids]
    return lines


def as_text(comparison):
    """Tables for people."""
    return "\n\n".join([render_facts(facts(comparison))]
                       + [render_table(table, comparison.before["label"])
                          for table in tables(comparison)]) + "\n"


def benchmark_unit(metric):
    """A unit without spaces; benchstat makes times of those that end in ns."""
    if metric == "ops_per_s":
        return "ops/s"
    return f"{metric.removesuffix('_ns')}-ns" if metric.endswith("_ns") else metric


def benchmark_name(plan, cell):
    """Go's name of a benchmark: the cell's axes."""
    axes = [(axis, cell[axis]) for axis in [plan["series"], *sorted(plan["axes"])]
            if axis in cell]
    axes += [(CONTROL, "yes")] if cell.get(CONTROL) else []
    parts = [f"{axis}={value}".replace(" ", "_").replace("/", "_")
             for axis, value in dict(axes).items()]
    return "/".join([f"Benchmark{plan['workload'].capitalize()}", *parts])


def as_benchstat(comparison):
    """Go's benchmark format, which benchstat reads: a line for each repeat."""
    lines = []
    for metric in comparison.metrics:
        better = {1: " better=higher", -1: " better=lower"}.get(METRICS[metric].better)
        if better:
            lines.append(f"Unit {benchmark_unit(metric)}{better}")
    for side, (name, document) in enumerate(zip(comparison.names, comparison.documents)):
        # What else differed here would be in a table of its own.
        lines += ["", f"campaign: {name}", f"lab: {document['label']}"]
        for pair in comparison.pairs:
            bench = benchmark_name(document["plan"], (pair.before, pair.after)[side])
            lines += [f"{bench} 1 {value:.12g} {benchmark_unit(pair.metric)}"
                      for value in pair.values[side]]
    return "\n".join(lines) + "\n"


def csv_row(pair, axes):
    """One line of the CSV format, by column."""
    low, high = pair.interval or (None, None)
    row = {"metric": pair.metric, "unit": METRICS[pair.metric].unit,
           **{axis: pair.before.get(axis) for axis in axes},
           "ratio": pair.ratio, "ratio_low": low, "ratio_high": high,
           "p_value": pair.change["p_value"], "effect": pair.effect,
           "floor_pct": pair.change["floor_pct"], "verdict": pair.verdict}
    for name, cell, values in zip("ab", (pair.before, pair.after), pair.values):
        row.update({f"{name}_median": cell[pair.metric], f"{name}_repeats": len(values),
                    f"{name}_stddev_pct": cell["spread"].get(pair.metric, {}).get("stddev_pct")})
    return row


def as_csv(comparison):
    """Comma-separated values, a line for each cell and metric, then the means."""
    axes = list(dict.fromkeys(axis for pair in comparison.pairs
                              for axis in [*comparison.before["plan"]["axes"], "vcpus", "pcpus",
                                           CONTROL] if axis in pair.before))
    sides = [f"{name}_{what}" for name in "ab" for what in ("median", "stddev_pct", "repeats")]
    columns = ["metric", "unit", "mean_of", *axes, *sides, "ratio", "ratio_low", "ratio_high",
               "p_value", "effect", "floor_pct", "verdict"]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(csv_row(pair, axes) for pair in comparison.pairs)
    for each in comparison.means:
        low, high = each.interval or (None, None)
        writer.writerow({"metric": each.metric, "unit": "geometric mean", "mean_of": each.name,
                         "ratio": each.ratio, "ratio_low": low, "ratio_high": high})
    return stream.getvalue()


FORMATS = {"text": as_text, "benchstat": as_benchstat, "csv": as_csv}
