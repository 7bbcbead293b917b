#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Run many cells of the simulator on all CPUs of this machine."""

import json
import os
import signal
import subprocess
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
SIMULATOR = os.path.dirname(HERE)
DEFAULT_BINARY = os.path.join(SIMULATOR, "..", "..", "build", "simulator", "simulator")
# Of CPU time.
LIMIT_S = 900

# One run. options: further arguments for the simulator, a tuple.
Cell = namedtuple("Cell", "lock vcpus pcpus hold_ns think_ns column duration_ms seed options",
                  defaults=((),))


class SimulatorError(Exception):
    """The simulator failed; the message says which cell and why."""


def binary():
    """Path of the simulator; SIMULATOR in the environment overrides it."""
    path = os.environ.get("SIMULATOR", DEFAULT_BINARY)
    if not os.access(path, os.X_OK):
        raise SimulatorError(f"{path}: no simulator there; build it with "
                             f"'make -C {os.path.relpath(SIMULATOR)}'")
    return path


def command(cell):
    """The command line that runs a cell."""
    return [binary(), "--lock", cell.lock, "--vcpus", str(cell.vcpus),
            "--pcpus", str(cell.pcpus), "--hold", str(cell.hold_ns),
            "--think", str(cell.think_ns), "--column", cell.column,
            "--duration", str(cell.duration_ms), "--seed", str(cell.seed), *cell.options]


def run_raw(cell):
    """Run a cell; return its line of output."""
    words = command(cell)
    done = subprocess.run(["prlimit", f"--cpu={LIMIT_S}", *words], capture_output=True, text=True,
                          check=False)
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise SimulatorError(f"{' '.join(words)}: not finished after {LIMIT_S} s of CPU time")
    if done.returncode:
        raise SimulatorError(f"{' '.join(words)}: exit code {done.returncode}: "
                             f"{done.stderr.strip()}")
    return done.stdout


def run_cells(cells, jobs=None):
    """Run cells, several at a time; return their results in the order of the cells."""
    def one(cell):
        return json.loads(run_raw(cell))

    # The largest first, so that none of them is left over at the end.
    order = sorted(range(len(cells)), key=lambda i: -cells[i].pcpus * cells[i].duration_ms)
    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        results = dict(zip(order, pool.map(lambda i: one(cells[i]), order)))
    return [results[i] for i in range(len(cells))]
