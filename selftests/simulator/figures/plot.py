#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Draw curves from the output of grid.py: one row per hold time, one column per number of
vCPUs, overcommit on the x axis, one curve per lock."""

import argparse
import json
import statistics
import sys
from collections import defaultdict

import matplotlib
matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402 pylint: disable=wrong-import-position

METRICS = {
    "ops_per_s": ("operations per second", 1),
    "wait_p999_ns": ("p99.9 wait (us)", 1e-3),
    "jain": ("Jain's fairness index", 1),
}


def load(path):
    """{(hold, vcpus): {lock: {overcommit: [result]}}}"""
    plots = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    with open(path, encoding="ascii") as file:
        for line in file:
            result = json.loads(line)
            key = (result["hold_ns"], result["vcpus"])
            plots[key][result["lock"]][result["overcommit"]].append(result)
    return plots


def draw_curves(axes, curves, metric):
    """One small plot."""
    scale = METRICS[metric][1]
    for lock, points in curves.items():
        overcommit = sorted(points)
        values = [scale * statistics.median(result[metric] for result in points[x])
                  for x in overcommit]
        axes.plot(overcommit, values, marker=".", label=lock)
    axes.set_xscale("log", base=2)
    if metric != "jain":
        axes.set_yscale("log")
    axes.set_xticks([1, 2, 4, 8], ["1x", "2x", "4x", "8x"])
    axes.grid(alpha=0.3)


def draw(plots, metric, path):
    """The whole figure."""
    holds = sorted({hold for hold, _ in plots})
    vcpus = sorted({number for _, number in plots})
    figure, grid = pyplot.subplots(len(holds), len(vcpus), squeeze=False, sharex=True,
                                   figsize=(3.2 * len(vcpus), 2.4 * len(holds)))
    for row, hold in enumerate(holds):
        for column, number in enumerate(vcpus):
            axes = grid[row][column]
            draw_curves(axes, plots.get((hold, number), {}), metric)
            axes.set_title(f"{number} vCPUs, hold {hold / 1000:g} us", fontsize=8)
            axes.tick_params(which="both", labelsize=7)
    handles, labels = max((axes.get_legend_handles_labels() for axes in grid.flat),
                          key=lambda legend: len(legend[0]))
    figure.legend(handles, labels, loc="upper center", ncols=len(labels), fontsize=8)
    figure.supylabel(METRICS[metric][0], fontsize=9)
    figure.supxlabel("overcommit", fontsize=9)
    figure.tight_layout(rect=(0, 0, 1, 0.96))
    figure.savefig(path, metadata={"Date": None})


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description="Draw curves from the output of grid.py.")
    parser.add_argument("results", help="written by grid.py --output")
    parser.add_argument("figure", help="SVG file to write")
    parser.add_argument("--metric", default="ops_per_s", choices=sorted(METRICS))
    args = parser.parse_args()
    matplotlib.rcParams["svg.hashsalt"] = "simulator"
    matplotlib.rcParams["svg.fonttype"] = "none"
    try:
        plots = load(args.results)
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"plot: {args.results}: {error}; give it a file from grid.py --output")
    if not plots:
        sys.exit(f"plot: {args.results}: no results in it; give it a file from grid.py --output")
    draw(plots, args.metric, args.figure)


if __name__ == "__main__":
    main()
