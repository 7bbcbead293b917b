# SPDX-License-Identifier: GPL-2.0
"""The plots of a report, by matplotlib, as SVG text. Each carries the lab's label."""

import io
import math
from typing import NamedTuple

import matplotlib

matplotlib.use("Agg")

# pylint: disable=wrong-import-position
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullLocator  # noqa: E402

from lab.report import stats  # noqa: E402
from lab.report.summary import repeat_values  # noqa: E402
from lab.report.tables import label_of, tail_metric  # noqa: E402
from lab.workload.cells import (AXIS_TITLE, CONTROL, axis_text, facet, facet_text,  # noqa: E402
                                in_groups, series_name)
from lab.workload.locks import KNOWN_LOCKS  # noqa: E402
from lab.workload.metrics import METRICS, format_number, format_time  # noqa: E402
from lab.workload.preemption import held_share  # noqa: E402

STYLE = {
    "font.family": "DejaVu Sans", "font.size": 10,
    "axes.spines.top": False, "axes.spines.right": False,
    "axes.edgecolor": "#666666", "axes.titlesize": 10.5, "axes.titleweight": "bold",
    "axes.grid": True, "axes.axisbelow": True, "grid.color": "#dddddd", "grid.linewidth": 0.7,
    "xtick.color": "#333333", "ytick.color": "#333333",
    "legend.frameon": False, "svg.fonttype": "path", "svg.hashsalt": "pvlab",
    "hatch.linewidth": 0.8,
}
OTHER_COLOURS = ("#E69F00", "#56B4E9", "#882255", "#999933", "#117733", "#AA4499")
LABEL_COLOUR = "#8a4b00"
FIGURE_WIDTH = 10.5
# A lock that was unlucky without preemptions would make the others look all alike.
MOST_SHARE_SHOWN = 1.6


class Plot(NamedTuple):
    """One figure of the report."""

    title: str
    caption: str
    svg: str


class SeriesStyle(NamedTuple):
    """How a curve and its bars look, everywhere in the report."""

    colour: str
    marker: str
    dashes: object
    control: bool


def series_styles(plan, cells):
    """A style per series name, in the order of the plan."""
    styles = {}
    others = iter(OTHER_COLOURS * len(cells))
    for cell in sorted(cells, key=lambda each: bool(each.get(CONTROL))):
        name = series_name(plan, cell)
        if name in styles:
            continue
        value = cell[plan["series"]]
        if cell.get(CONTROL) and str(value) in styles:
            styles[name] = styles[str(value)]._replace(dashes=(0, (2, 2)), control=True)
        elif value in KNOWN_LOCKS:
            lock = KNOWN_LOCKS[value]
            styles[name] = SeriesStyle(lock.colour, lock.marker, lock.dashes, False)
        else:
            styles[name] = SeriesStyle(next(others), "v", "-", False)
    return styles


def label_missing(axes, patch, value, colour):
    """Tell a zero from a cell without a value, neither of which has a bar."""
    if not value:
        axes.text(patch.get_x() + patch.get_width() / 2, 0, " no data" if value is None else "0",
                  rotation=90 if value is None else 0, ha="center", va="bottom", fontsize=8,
                  color=colour)


class Painter:
    """Draws the figures of one facet of a results document."""

    def __init__(self, document, cells, heading):
        self.plan = document["plan"]
        self.label = label_of(document, facet(self.plan, cells[0]))
        self.emulated = document["emulated"]
        self.cells = cells
        self.heading = heading
        self.styles = series_styles(self.plan, document["cells"])
        self.places = sorted({cell[self.plan["x"]] for cell in cells})

    def figure(self, height, panels, share=False):
        """A figure with its panels side by side, and the label of the lab at its foot."""
        figure = Figure(figsize=(FIGURE_WIDTH, height))
        foot = 0.3 / height
        figure.set_layout_engine("constrained", rect=(0, foot, 1, 1 - foot))
        text = self.label + (" (ratios only)" if self.emulated else "")
        figure.text(0.99, 0.012, text, ha="right", va="bottom", fontsize=8.5, color=LABEL_COLOUR)
        figure.text(0.01, 0.012, self.heading, ha="left", va="bottom", fontsize=8.5,
                    color="#555555")
        axes = figure.subplots(1, panels, squeeze=False, sharex=share, sharey=share)[0]
        return figure, axes

    def plot(self, figure, axes, title, caption):
        """Add the legend to the right of all panels, and render."""
        handles, names = axes[0].get_legend_handles_labels()
        axes[-1].legend(handles, names, loc="upper left", bbox_to_anchor=(1.01, 1.0))
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
        return Plot(title, caption, stream.getvalue())

    def by_series(self, cells=None):
        """Cells per series name, in the order of the styles."""
        groups = in_groups(cells or self.cells, lambda cell: series_name(self.plan, cell))
        return [(name, groups[name]) for name in self.styles if name in groups]

    def place_label(self, place):
        """A tick label of the x axis, with the number of vCPUs where it is known."""
        text = axis_text(self.plan["x"], place)
        if self.plan["x"] != "overcommit":
            return text
        vcpus = {cell.get("vcpus") for cell in self.cells if cell[self.plan["x"]] == place}
        return f"{text}\n{vcpus.pop()} vCPUs" if len(vcpus) == 1 and None not in vcpus else text

    def throughput(self):
        """Operations per second along the x axis, logarithmic."""
        metric = METRICS["ops_per_s"]
        figure, axes = self.figure(4.2, 1)
        for name, cells in self.by_series():
            values = {self.places.index(cell[self.plan["x"]]): repeat_values(cell, metric.name)
                      for cell in cells}
            self.curve(axes[0], name, values)
        axes[0].set_yscale("log")
        axes[0].yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value)))
        axes[0].set_ylabel(metric.unit)
        self.mark_places(axes[0])
        title = AXIS_TITLE.get(self.plan["x"], self.plan["x"])
        return self.plot(figure, axes, f"Throughput against {title}",
                         "Medians; the bars reach from the lowest to the highest repeat, and "
                         "a curve has a gap where a cell failed. Logarithmic scale.")

    def left_by_preemptions(self):
        """Throughput as a share of the same series' at the first place, and the time left."""
        figure, axes = self.figure(4.2, 1)
        for name, cells in self.by_series():
            values = {self.places.index(cell[self.plan["x"]]): repeat_values(cell, "ops_per_s")
                      for cell in cells}
            if values.get(0):
                whole = stats.median(values[0])
                self.curve(axes[0], name, {place: [each / whole for each in found]
                                           for place, found in values.items()})
        shares = [[held_share(cell, self.plan) for cell in self.cells
                   if cell[self.plan["x"]] == place] for place in self.places]
        left = [1 - stats.median([share for share in found if share is not None] or [math.nan])
                for found in shares]
        axes[0].plot(range(len(left)), left, color="#777777", linestyle=":", label="time left")
        axes[0].set_ylim(0, min(axes[0].get_ylim()[1], MOST_SHARE_SHOWN))
        axes[0].set_ylabel(f"share of that at {axis_text(self.plan['x'], self.places[0])}")
        self.mark_places(axes[0])
        return self.plot(figure, axes, "What preemptions leave of the throughput",
                         "Each lock against itself without preemptions, medians and range of the "
                         f"repeats, up to {MOST_SHARE_SHOWN}. Dotted: the share of the time in "
                         "which no vCPU was held back, median of all locks.")

    def curve(self, axes, name, values):
        """One series with the range of its repeats; a cell without values leaves a gap."""
        style = self.styles[name]
        places = range(len(self.places))
        found = [values.get(place) or [math.nan] for place in places]
        middles = [stats.median(each) for each in found]
        below = [middle - min(each) for middle, each in zip(middles, found)]
        above = [max(each) - middle for middle, each in zip(middles, found)]
        axes.errorbar(places, middles, yerr=[below, above], label=name,
                      color=style.colour, marker=style.marker, linestyle=style.dashes,
                      linewidth=1.0 if style.control else 2.0, markersize=6, capsize=3,
                      markerfacecolor="white" if style.control else style.colour,
                      zorder=2 if style.control else 3)

    def mark_places(self, axes):
        """Ticks of a categorical x axis."""
        axes.set_xticks(range(len(self.places)),
                        [self.place_label(place) for place in self.places])
        axes.set_xlim(-0.5, len(self.places) - 0.5)
        axes.grid(axis="x", visible=False)

    def waiting(self):
        """Share of waits that were longer, one panel per place."""
        figure, axes = self.figure(4.2, len(self.places), share=True)
        for panel, place in zip(axes, self.places):
            here = [cell for cell in self.cells if cell[self.plan["x"]] == place]
            for name, cells in self.by_series(here):
                self.tail(panel, name, cells)
            panel.set_title(self.place_label(place).replace("\n", ", "))
            panel.set_xscale("log")
            panel.set_yscale("log")
            panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_time(value)))
            panel.xaxis.set_minor_locator(NullLocator())
            panel.tick_params(axis="x", labelrotation=45)
            panel.set_xlabel("waiting time")
        axes[0].set_ylabel("share of waits at least this long")
        return self.plot(figure, axes, "Distribution of waiting times",
                         "How many acquisitions waited at least as long as the time on the x "
                         "axis, over all repeats. Lower and further left is better; the right "
                         "end of a curve is the longest wait.")

    def tail(self, axes, name, cells):
        """The complementary distribution of a series at one place."""
        style = self.styles[name]
        histogram = stats.merge_histograms(
            each["result"]["wait_histogram"] for cell in cells for each in cell["repeats"]
            if each["status"] == "ok" and each["result"].get("wait_histogram"))
        points = stats.tail_distribution(histogram)
        axes.plot([max(bound, 1) for bound, _ in points], [share for _, share in points],
                  label=name, color=style.colour, linestyle=style.dashes,
                  linewidth=1.0 if style.control else 1.8, drawstyle="steps-post")

    def bars(self, axes, value_of, hatch_of=lambda cell: False):
        """Grouped bars per place, with a label for what has no bar."""
        series = [(name, cells) for name, cells in self.by_series()
                  if not self.styles[name].control]
        width = 0.8 / max(len(series), 1)
        for index, (name, cells) in enumerate(series):
            colour = self.styles[name].colour
            shift = (index - (len(series) - 1) / 2) * width
            bars = axes.bar([self.places.index(cell[self.plan["x"]]) + shift for cell in cells],
                            [value_of(cell) or 0 for cell in cells], width * 0.92, label=name,
                            color=colour)
            for patch, cell in zip(bars, cells):
                if hatch_of(cell):
                    patch.set(hatch="////", edgecolor="white", linewidth=0)
                label_missing(axes, patch, value_of(cell), colour)
        self.mark_places(axes)

    def worst_waits(self):
        """The rare and the longest waits along the x axis, logarithmic."""
        figure, axes = self.figure(4.2, 2, share=True)
        for panel, name in zip(axes, (tail_metric(self.cells), "wait_max_ns")):
            for series, cells in self.by_series():
                self.curve(panel, series, {self.places.index(cell[self.plan["x"]]):
                                           repeat_values(cell, name) for cell in cells})
            panel.set_yscale("log")
            panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_time(value)))
            panel.set_title(METRICS[name].title)
            self.mark_places(panel)
        return self.plot(figure, axes, "Rare waits, and the longest",
                         "Medians and range of the repeats, logarithmic. A thread that shares its "
                         "CPU with others is not running for a time in any case; these say "
                         "whether a lock makes that many short waits or a few long ones.")

    def progress(self):
        """Windows in which a thread starved, and Jain's index, per series and place."""
        has_windows = any(cell["starved_share"] is not None for cell in self.cells)
        figure, axes = self.figure(3.4, 2 if has_windows else 1)
        if has_windows:
            self.bars(axes[0], lambda cell: cell["starved_share"] if cell["starved_share"] is None
                      else 100 * cell["starved_share"])
            axes[0].set_ylim(bottom=0)
            axes[0].set_ylabel("% of windows")
            axes[0].set_title("threads that starved for 100 ms")
        self.bars(axes[-1], lambda cell: cell["jain"])
        axes[-1].set_ylim(0, 1.05)
        axes[-1].set_title("Jain's index")
        return self.plot(figure, axes, "Progress of each thread",
                         "Left, where it was measured: windows of 100 ms of a thread in which it "
                         "got less than a tenth of its fair share; lower is better. Jain's index "
                         "of the threads' shares over a whole run: 1 if all threads got the lock "
                         "equally often, 1/threads if one got it always.")

    def halts_and_kicks(self):
        """Rates of halts and kicks per series and place."""
        figure, axes = self.figure(3.6, 2, share=True)
        seconds = self.plan["duration_ms"] / 1000
        for panel, metric in zip(axes, ("halts", "kicks")):
            self.bars(panel,
                      lambda cell, name=metric: None if cell[name] is None
                      else cell[name] / seconds,
                      lambda cell, name=metric: "host" in cell["sources"].get(name, ""))
            panel.set_title(METRICS[metric].title)
            panel.set_yscale("symlog", linthresh=1)
            panel.set_ylim(bottom=0)
            panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value)))
        axes[0].set_ylabel("per second")
        return self.plot(figure, axes, "Halts and kicks",
                         "Per second, logarithmic above 1. Hatched: counted by the host for the "
                         "whole guest (KVM halt_exits and hypercalls), because the lock cannot "
                         "count; plain: counted by the lock.")

    def all_plots(self):
        """The figures of this facet for which there are measurements."""
        figures = {"ops_per_s": self.throughput, "rings": self.left_by_preemptions,
                   "wait_max_ns": self.worst_waits, "jain": self.progress,
                   "wait_p50_ns": self.waiting,
                   "halts": self.halts_and_kicks}
        return [draw() for metric, draw in figures.items()
                if any(cell[metric] is not None for cell in self.cells)]


def report_plots(document):
    """Every plot of the report, in order."""
    plan = document["plan"]
    groups = in_groups(document["cells"], lambda cell: facet(plan, cell))
    plots = []
    with matplotlib.rc_context(STYLE):
        for items, cells in groups.items():
            plots += Painter(document, cells, facet_text(items)).all_plots()
    return plots
