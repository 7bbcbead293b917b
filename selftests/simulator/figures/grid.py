#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Simulate a grid of cells: locks x vCPUs x overcommit x hold times.

Prints a table with the first lock's figures and the others' relative to it, and
writes one line of JSON per run to a file. The same seeds give the same output.
"""

import argparse
import json
import statistics
import sys
import time

import runner


def numbers(text):
    """'1,2.5' -> [1.0, 2.5]"""
    return [float(word) for word in text.split(",")]


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--locks", default="pvticket,pvqspinlock,pvqspinlock-tuned,"
                        "pvticket-fifo,ticket,tas", help="comma-separated; first: compared to")
    parser.add_argument("--vcpus", default="8,64,256", type=numbers)
    parser.add_argument("--overcommit", default="1,2,4,8", type=numbers)
    parser.add_argument("--hold", default="0.1,1,10,100", type=numbers, help="in microseconds")
    parser.add_argument("--think-ratio", default=2.0, type=float, help="think time / hold time")
    parser.add_argument("--column", default="hardware", choices=("hardware", "emulation"))
    parser.add_argument("--duration", default=100, type=int, help="virtual ms per run")
    parser.add_argument("--seeds", default=1, type=int, help="runs per cell; medians are printed")
    parser.add_argument("--jobs", type=int, help="runs at a time (number of CPUs)")
    parser.add_argument("--output", help="append results there, one line of JSON per run")
    parser.add_argument("options", nargs="*", help="after --: further options of the simulator")
    return parser.parse_args()


def shapes(args):
    """All (vcpus, pcpus, hold_ns) with a whole number of CPUs."""
    for vcpus in args.vcpus:
        for overcommit in args.overcommit:
            if vcpus < overcommit or vcpus % overcommit:
                continue
            for hold in args.hold:
                yield int(vcpus), int(vcpus / overcommit), round(hold * 1000)


def summary(results):
    """Medians over the seeds of one lock in one cell."""
    def median(key):
        return statistics.median(result[key] for result in results)

    return {key: median(key) for key in ("ops_per_s", "wait_p999_ns", "wait_max_ns", "jain")}


def print_row(shape, figures, locks):
    """One cell: absolute figures of the first lock, then ratios."""
    vcpus, pcpus, hold_ns = shape
    first = figures[locks[0]]
    words = [f"{vcpus:5}/{pcpus:<4} {hold_ns / 1000:6.1f}us {first['ops_per_s'] / 1000:9.1f}k "
             f"{first['wait_p999_ns'] / 1e6:8.2f}ms {first['jain']:.3f}"]
    for lock in locks[1:]:
        other = figures[lock]
        ratio = first["ops_per_s"] / other["ops_per_s"] if other["ops_per_s"] else float("inf")
        tail = first["wait_p999_ns"] / max(other["wait_p999_ns"], 1)
        words.append(f"{ratio:8.2f} {tail:8.2f}")
    print(" ".join(words))


def main():
    """Run the grid, print the table."""
    args = parse()
    locks = args.locks.split(",")
    cells = [runner.Cell(lock, vcpus, pcpus, hold, round(hold * args.think_ratio), args.column,
                         args.duration, seed, tuple(args.options))
             for vcpus, pcpus, hold in shapes(args) for lock in locks
             for seed in range(1, args.seeds + 1)]
    start = time.monotonic()
    results = runner.run_cells(cells, args.jobs)
    if args.output:
        with open(args.output, "a", encoding="ascii") as file:
            for result in results:
                file.write(json.dumps(result) + "\n")

    print(f"column {args.column}, {args.duration} ms, {args.seeds} seed(s); "
          f"{locks[0]}: ops/s, p99.9 wait, Jain; then {locks[0]} / other: ops/s, p99.9 wait")
    print(" " * 44 + " ".join(f"{lock:>17}" for lock in locks[1:]))
    remaining = iter(results)
    for shape in shapes(args):
        print_row(shape, {lock: summary([next(remaining) for _ in range(args.seeds)])
                          for lock in locks}, locks)
    print(f"{len(cells)} runs in {time.monotonic() - start:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except runner.SimulatorError as error:
        sys.exit(f"grid: {error}")
