#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Compare the simulator's emulation column with what the nested lab measured.

For each number of vCPUs on two CPUs, and for each lock, prints throughput relative to the
stock lock's there, in the lab and simulated, and how far the two are apart. Exit code 1 if
a ratio is off by more than a factor of two, or the locks are not in the same order.
"""

import json
import os
import statistics
import sys

import runner

MEASURED = os.path.join(runner.HERE, "lab.json")
SEEDS = (1, 2, 3)
DURATION_MS = 1000
BASELINE = "stock"
MOST_FACTOR = 2.0


def load():
    """The lab's figures: ranges of thousands of operations per second."""
    with open(MEASURED, encoding="ascii") as file:
        return json.load(file)


def simulate(lab):
    """Thousands of operations per second, for each row and number of vCPUs."""
    cells = [runner.Cell(row["lock"], vcpus, lab["pcpus"], lab["hold_ns"], lab["think_ns"],
                         "emulation", DURATION_MS, seed, tuple(row["options"]))
             for row in lab["rows"] for vcpus in lab["vcpus"] for seed in SEEDS]
    results = iter(runner.run_cells(cells))
    return {(row["name"], vcpus): statistics.median(next(results)["ops_per_s"]
                                                    for _ in SEEDS) / 1000
            for row in lab["rows"] for vcpus in lab["vcpus"]}


def measured_range(lab, name, vcpus):
    """The least and the most that the lab has seen."""
    row = next(row for row in lab["rows"] if row["name"] == name)
    return row["kops"].get(str(vcpus))


def off_by(ratio, least, most):
    """1 if the ratio is in the range, else the factor between it and the nearer end."""
    if ratio < least:
        return least / ratio
    return max(ratio / most, 1.0)


def compare(lab, simulated, vcpus):
    """Print the rows for a number of vCPUs; return the worst factor."""
    base = statistics.mean(measured_range(lab, BASELINE, vcpus))
    worst = 1.0
    for row in lab["rows"]:
        seen = measured_range(lab, row["name"], vcpus)
        figure = simulated[row["name"], vcpus]
        ratio = figure / simulated[BASELINE, vcpus]
        line = f"{vcpus:4}  {row['name']:14} {figure:8.1f}k {ratio:8.3f}"
        if seen:
            least, most = seen[0] / base, seen[1] / base
            factor = off_by(ratio, least, most)
            worst = max(worst, factor)
            line += f"   lab {seen[0]:g}-{seen[1]:g}k {least:.3f}-{most:.3f}   x{factor:.2f}"
            line += "  FAR" if factor > MOST_FACTOR else ""
        print(line)
    return worst


def inversions(lab, simulated, vcpus):
    """Pairs that the lab saw clearly in one order and the simulator in the other."""
    names = [row["name"] for row in lab["rows"] if measured_range(lab, row["name"], vcpus)]
    return [(slow, fast) for slow in names for fast in names
            if measured_range(lab, slow, vcpus)[1] < measured_range(lab, fast, vcpus)[0]
            and simulated[slow, vcpus] >= simulated[fast, vcpus]]


def main():
    """Print the comparison."""
    lab = load()
    simulated = simulate(lab)
    failed = False
    print("vCPUs lock          simulated  to stock")
    for vcpus in lab["vcpus"]:
        failed |= compare(lab, simulated, vcpus) > MOST_FACTOR
        # With a CPU for each vCPU all locks are nearly equal: no order to speak of.
        if vcpus > lab["pcpus"]:
            for slow, fast in inversions(lab, simulated, vcpus):
                failed = True
                print(f"{vcpus:4}  {slow} is slower than {fast} in the lab, not here")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except runner.SimulatorError as error:
        sys.exit(f"calibrate: {error}")
