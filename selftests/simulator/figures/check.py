#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check the lock in the simulator against stored figures, in KTAP.

A cell fails if throughput is more than a tenth below the reference, or the p99.9 wait
more than twice the reference. Both are means over the same seeds as in the reference,
so the outcome depends on the code alone. Where other seeds differ much, throughput may
be lower by that difference, too.
"""

import argparse
import json
import os
import statistics
import sys

import runner

REFERENCE = os.path.join(runner.HERE, "reference.json")
SEEDS = (1, 2, 3)
OTHER_SEEDS = (101, 102, 103)
LEAST_THROUGHPUT = 0.9
MOST_WAIT = 2.0
# A cell in which other seeds differ by more than this says little about a tenth.
MOST_SPREAD = 0.05

HARDWARE_SHAPES = ((1, 1), (2, 2), (2, 1), (4, 2), (8, 8), (8, 4), (8, 2), (16, 2), (64, 64),
                   (64, 32), (64, 8), (256, 64), (1024, 128))
HARDWARE_HOLDS_NS = (100, 1000, 10000, 100000)
EMULATION_SHAPES = ((2, 2), (4, 2), (8, 2), (16, 2))
EMULATION_HOLDS_NS = (200, 1000, 10000)
REPEATED = ((8, 2, "emulation", 20), (64, 32, "hardware", 20), (256, 64, "hardware", 15))
# Virtual ms of a run. What it costs grows with the CPUs, and falls with longer holds.
DURATION_MS = ((4, 200), (8, 100), (32, 50), (64, 25), (128, 12))
LONG_HOLD_NS, LONG_HOLD_DURATION_MS = 100000, 400
# Where the lock that was made worse on purpose is worse by more than a tenth, but not by far.
CONTROL_CELL = {"column": "hardware", "vcpus": 8, "pcpus": 8, "hold_ns": 1000}
CONTROL_LEAST = 0.85
CELL_KEYS = ("vcpus", "pcpus", "hold_ns", "think_ns", "column", "duration_ms")


def duration_ms(pcpus, hold_ns):
    """How long to run a cell."""
    if hold_ns >= LONG_HOLD_NS:
        return LONG_HOLD_DURATION_MS
    return next(duration for most, duration in DURATION_MS if pcpus <= most)


def grid():
    """The cells of a new reference, as dictionaries."""
    shapes = [("hardware", *shape, hold) for shape in HARDWARE_SHAPES
              for hold in HARDWARE_HOLDS_NS if shape[0] < 1024 or hold <= 1000]
    shapes += [("emulation", *shape, hold) for shape in EMULATION_SHAPES
               for hold in EMULATION_HOLDS_NS]
    return [{"vcpus": vcpus, "pcpus": pcpus, "hold_ns": hold, "think_ns": 2 * hold,
             "column": column, "duration_ms": duration_ms(pcpus, hold)}
            for column, vcpus, pcpus, hold in shapes]


def name(cell):
    """How a cell is called in the output."""
    return f"{cell['column']} {cell['vcpus']}/{cell['pcpus']} hold {cell['hold_ns']} ns"


def measure(lock, cells, seeds):
    """Means over the seeds, for each cell."""
    runs = [runner.Cell(lock, seed=seed, **{key: cell[key] for key in CELL_KEYS})
            for cell in cells for seed in seeds]
    results = iter(runner.run_cells(runs))
    means = []
    for _ in cells:
        group = [next(results) for _ in seeds]
        means.append({key: round(statistics.mean(result[key] for result in group), 1)
                      for key in ("ops_per_s", "wait_p999_ns")})
    return means


def update(lock):
    """Write a new reference, and how much other seeds differ from it."""
    cells = grid()
    for cell, mean, other in zip(cells, measure(lock, cells, SEEDS),
                                 measure(lock, cells, OTHER_SEEDS)):
        cell.update(mean)
        cell["spread"] = round(abs(other["ops_per_s"] / mean["ops_per_s"] - 1), 4)
    with open(REFERENCE, "w", encoding="ascii") as file:
        file.write(f'{{"lock": "{lock}", "seeds": {json.dumps(SEEDS)}, "cells": [\n')
        file.write(",\n".join(json.dumps(cell) for cell in cells))
        file.write("\n]}\n")
    stable = sum(is_stable(cell) for cell in cells)
    print(f"{REFERENCE}: {len(cells)} cells, {stable} of them stable")


def load():
    """The stored reference."""
    try:
        with open(REFERENCE, encoding="ascii") as file:
            return json.load(file)
    except (OSError, ValueError) as reason:
        raise runner.SimulatorError(f"{REFERENCE}: {reason}; make one with --update") from reason


def is_stable(cell):
    """Do other seeds give much the same throughput?"""
    return cell["spread"] <= MOST_SPREAD


def verdict(cell, mean):
    """Whether a cell fails; and its figures as text."""
    throughput = mean["ops_per_s"] / cell["ops_per_s"]
    wait = mean["wait_p999_ns"] / max(cell["wait_p999_ns"], 1)
    least = LEAST_THROUGHPUT - (0 if is_stable(cell) else cell["spread"])
    text = (f"throughput {100 * (throughput - 1):+.1f} % (least {100 * (least - 1):+.1f} %), "
            f"p99.9 wait {100 * (wait - 1):+.1f} %")
    return throughput < least or wait > MOST_WAIT, text


class Ktap:
    """Prints the results of a fixed number of tests."""

    def __init__(self, count):
        self.number = 0
        self.failed = 0
        print(f"KTAP version 1\n1..{count}")

    def result(self, passed, description):
        """One test."""
        self.number += 1
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} {self.number} {description}", flush=True)

    @staticmethod
    def note(text):
        """A diagnostic line."""
        print(f"# {text}", flush=True)


def check_cells(ktap, lock, reference):
    """One test for each cell."""
    cells = reference["cells"]
    for cell, mean in zip(cells, measure(lock, cells, reference["seeds"])):
        worse, text = verdict(cell, mean)
        ktap.note(text)
        ktap.result(not worse, name(cell))


def check_repeatable(ktap, lock):
    """The same seed, the same output, with and without skipping over spin loops."""
    for vcpus, pcpus, column, duration in REPEATED:
        cell = runner.Cell(lock, vcpus, pcpus, 1000, 2000, column, duration, 2)
        first = runner.run_raw(cell)
        ktap.result(runner.run_raw(cell) == first,
                    f"{lock} {vcpus}/{pcpus}: same seed, same output")
        ktap.result(runner.run_raw(cell._replace(options=("--single-step",))) == first,
                    f"{lock} {vcpus}/{pcpus}: skipping spin loops changes nothing")
        ktap.result(runner.run_raw(cell._replace(seed=3)) != first,
                    f"{lock} {vcpus}/{pcpus}: another seed, another output")


def check_controls(ktap, reference):
    """What is broken on purpose must be noticed."""
    cell = next(cell for cell in reference["cells"] if
                all(cell[key] == value for key, value in CONTROL_CELL.items()))
    mean = measure("pvticket-worse", [cell], reference["seeds"])[0]
    worse, text = verdict(cell, mean)
    ktap.note(text)
    ktap.result(worse and mean["ops_per_s"] > CONTROL_LEAST * cell["ops_per_s"],
                "a lock made a little more than a tenth worse on purpose is caught")

    cell = runner.Cell("busted", 4, 2, 1000, 2000, "hardware", 10, 1)
    try:
        runner.run_raw(cell)
        caught = False
    except runner.SimulatorError as reason:
        caught = "hold the lock at the same time" in str(reason)
    ktap.result(caught, "a lock that does not lock is caught")


def check_wakeups(ktap, lock):
    """With interrupts off, only a kick ends a halt: whoever misses one never returns."""
    cell = runner.Cell(lock, 16, 2, 1000, 2000, "emulation", 200, 1, ("--irqs-off",))
    result, control = runner.run_cells([
        cell, cell._replace(options=("--irqs-off", "--lose-kicks", "500"))])
    ktap.note(f"{result['kicks']} kicks, least {result['least_ops']} operations of a vCPU")
    ktap.result(result["kicks"] > 500 and result["least_ops"] > 0,
                f"{lock}: no wake-up is lost with interrupts off")
    ktap.result(control["ops"] < result["ops"] / 2, f"{lock}: lost kicks are noticed")


def check(lock):
    """Run everything; exit code 1 if anything fails."""
    reference = load()
    repeatable = (lock, "pvqspinlock", "ticket")
    ktap = Ktap(len(reference["cells"]) + 3 * len(REPEATED) * len(repeatable) + 4)
    for one in repeatable:
        check_repeatable(ktap, one)
    check_controls(ktap, reference)
    check_wakeups(ktap, lock)
    check_cells(ktap, lock, reference)
    return 1 if ktap.failed else 0


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lock", default="pvticket", help="the lock to check")
    parser.add_argument("--update", action="store_true", help="write a new reference")
    args = parser.parse_args()
    if args.update:
        update(args.lock)
        return 0
    return check(args.lock)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except runner.SimulatorError as error:
        sys.exit(f"check: {error}")
