#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Compare the simulator's column of threads with what was measured on real CPUs.

For each cell that the process lab has measured, prints the throughput of pvticket as a multiple
of PV qspinlock's, measured and simulated, and how far these ratios are apart. Exit code 1 if a
ratio is off by more than a factor of 1.3, or if the other lock is the faster one.
"""

import argparse
import json
import lzma
import os
import statistics
import sys
from collections import defaultdict

import runner

RESULTS = os.path.join(runner.HERE, "..", "..", "..", "Documentation", "results")
CAMPAIGNS = ("process", "holds")
# The lab's names of the locks, and the simulator's.
LOCKS = {"pvticket": "pvticket", "pv-qspinlock": "pvqspinlock"}
OURS, RIVAL = LOCKS
MOST_FACTOR = 1.3
# Closer to 1 than this, a ratio has no order.
EVEN = 0.05
# Runs in which others used more of the CPUs do not count.
MOST_OTHERS = 0.04
SEEDS = (1, 2, 3)
DURATION_MS = 700


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="*", default=[os.path.join(RESULTS, name,
                                                                  "runs.jsonl.xz")
                                                     for name in CAMPAIGNS],
                        help="measured runs: of a campaign, or of compare --json; may be .xz "
                        "(those of process and holds in Documentation/results)")
    parser.add_argument("--costs", metavar="FILE", help="of the machine that they were measured on")
    return parser.parse_args()


def read_runs(path):
    """The results in a file."""
    try:
        with (lzma.open if path.endswith(".xz") else open)(path, "rt", encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
    except (OSError, ValueError, lzma.LZMAError) as reason:
        raise runner.SimulatorError(f"{path}: {reason}; give it runs.jsonl of a campaign of the "
                                    "process lab") from reason
    return [line.get("result", line) for line in lines]


def counts(run):
    """Is it a run that the simulator can do, and that nobody disturbed?"""
    return (run and run.get("lock") in LOCKS and run["hold_is"] == "fixed"
            and run["lock_count"] == 1 and run["others_share"] <= MOST_OTHERS)


def measured(paths):
    """{(hold, think, pcpus, threads): {lock: [operations per second]}}, where both locks are."""
    cells = defaultdict(lambda: defaultdict(list))
    for path in paths:
        for run in filter(counts, read_runs(path)):
            shape = (run["hold_ns"], run["think_ns"], len(run["cpus"].split(",")), run["threads"])
            cells[shape][run["lock"]].append(run["ops_per_s"])
    return {shape: found for shape, found in sorted(cells.items()) if len(found) == len(LOCKS)}


def simulate(shapes, options):
    """{shape: {lock: operations per second}}"""
    cells = [runner.Cell(model, threads, pcpus, hold, think, "threads", DURATION_MS, seed,
                         options)
             for hold, think, pcpus, threads in shapes for model in LOCKS.values()
             for seed in SEEDS]
    results = iter(runner.run_cells(cells))
    return {shape: {lock: statistics.mean(next(results)["ops_per_s"] for _ in SEEDS)
                    for lock in LOCKS} for shape in shapes}


def ratio(figures):
    """Our throughput as a multiple of the other one's."""
    return figures[OURS] / figures[RIVAL]


def verdict(seen, simulated):
    """What is wrong with a simulated ratio, "" if nothing is."""
    wrong = []
    if max(seen / simulated, simulated / seen) > MOST_FACTOR:
        wrong.append("RATIO")
    if abs(seen - 1) > EVEN and (seen > 1) != (simulated > 1):
        wrong.append("ORDER")
    return " ".join(wrong)


def row(shape, found, simulated):
    """A line of the table; and what is wrong with it."""
    hold, think, pcpus, threads = shape
    medians = {name: statistics.median(values) for name, values in found.items()}
    seen, model = ratio(medians), ratio(simulated)
    wrong = verdict(seen, model)
    kops = " ".join(f"{figures[lock] / 1000:8.0f}" for lock in (RIVAL, OURS)
                    for figures in (medians, simulated))
    runs = min(map(len, found.values()))
    return (f"{hold / 1000:5g} {think / 1000:5g} {threads:4}/{pcpus:<2} {kops} "
            f"{seen:9.2f} {model:9.2f} {model / seen:6.2f} {runs:5} {wrong}".rstrip(), wrong)


def main():
    """Print the comparison."""
    args = parse()
    found = measured(args.files)
    if not found:
        raise runner.SimulatorError("no cell has undisturbed runs of both locks; measure on a "
                                    "quiet machine")
    simulated = simulate(found, ("--costs", args.costs) if args.costs else ())
    print(f"thousands of operations per second, {RIVAL} and {OURS}; ratio: {OURS} / {RIVAL}\n"
          f"{'':28}{RIVAL:^18}{OURS:^18}\n"
          " hold think  n/CPUs measured simulat. measured simulat.  "
          "measured simulated    off  runs")
    wrong = 0
    for shape, figures in found.items():
        text, trouble = row(shape, figures, simulated[shape])
        wrong += bool(trouble)
        print(text)
    print(f"{len(found) - wrong} of {len(found)} cells in order and within {MOST_FACTOR}")
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except runner.SimulatorError as error:
        sys.exit(f"process: {error}")
