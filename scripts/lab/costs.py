# SPDX-License-Identifier: GPL-2.0
"""pvlab measure-costs: what memory, futexes and the scheduler cost on this machine.

Writes a file of costs, which the simulator reads. A program (selftests/process/costs) measures;
what is in the simulator's table follows from that.
"""

import datetime
import json
import statistics
import subprocess
from pathlib import Path

from lab.errors import LabError
from lab.guest.qemu import available_cpus
from lab.machines import load, machine
from lab.machines.base import BUILD, whole_number

PROGRAM = BUILD / "costs" / "measure-costs"
LIMIT_S = 120
CPUIDLE = Path("/sys/devices/system/cpu/cpuidle/current_governor")
HALT_POLL = Path("/sys/module/haltpoll/parameters/guest_halt_poll_ns")


def cpu_pair(text):
    """Two numbers of CPUs: '0,1' -> [0, 1]."""
    cpus = [int(word) for word in text.split(",")]
    if len(cpus) != 2 or cpus[0] == cpus[1]:
        raise ValueError
    return cpus


def add_arguments(parser):
    """Options of 'pvlab measure-costs'."""
    parser.add_argument("file", type=Path, metavar="FILE", help="file of costs to write")
    parser.add_argument("--repeats", type=whole_number(1, 1000), default=9, metavar="N",
                        help="of each measurement; medians count (default: 9)")
    parser.add_argument("--cpus", type=cpu_pair, metavar="CPU,CPU",
                        help="measure on these two (default: the first two)")


def measure_once(cpus):
    """What the program prints."""
    try:
        done = subprocess.run([PROGRAM, *map(str, cpus)], capture_output=True, text=True,
                              timeout=LIMIT_S, check=True)
        return json.loads(done.stdout)
    except FileNotFoundError as error:
        raise LabError(f"{PROGRAM}: not there; run 'make process' first") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{PROGRAM}: not finished after {LIMIT_S} s; is the machine busy?") \
            from error
    except (subprocess.CalledProcessError, ValueError) as error:
        raise LabError(f"{PROGRAM} {' '.join(map(str, cpus))}: {error}: "
                       f"{getattr(error, 'stderr', '') or 'no output'}") from error


def slice_end(length, tick):
    """Slices end at ticks: a time between the last tick that does not end one and that which does.
    """
    return (max(1, round(length / tick)) - 0.5) * tick


def halt_poll_ns(governor=CPUIDLE, limit=HALT_POLL):
    """For how long an idle CPU polls, if its kernel does that."""
    try:
        return int(limit.read_text("ascii")) if governor.read_text("ascii").strip() == "haltpoll" \
            else 0
    except OSError:
        return 0


def entries(seen, poll_ns):
    """The simulator's table: {name: ns}, from what the program has measured."""
    call = seen["futex_call"]
    switch = seen["switch_by_yield"] - call
    # A thread wakes another one on its CPU and sleeps: both halves are taken to cost the same.
    kick = max(0, seen["switch_by_futex"] - 2 * call - switch) / 2
    table = {
        "read_hit": seen["load"],
        "atomic_hit": seen["locked"],
        "barrier": seen["barrier"],
        "transfer_near": seen["transfer"],
        "pause": seen["pause"],
        "exit": call,
        "kick": kick,
        "ipi": seen["wake_idle"] - call - kick,
        "block": kick,
        "idle_wake": seen["woken_idle"] - call - kick - switch,
        "poll_wake": seen["woken_soon"] - call - kick,
        "context_switch": switch,
        "halt_poll": poll_ns,
        "tick": seen["tick"],
        "tick_cost": seen["tick_cost"],
        "latency": 2 * slice_end(seen["slice_of_few"], seen["tick"]),
        "min_granularity": slice_end(seen["slice_of_many"], seen["tick"]),
        "wakeup_granularity": seen["preemption"],
        "noise_period": seen["noise_period"],
        "noise_cost": seen["noise_cost"],
    }
    # Differences of medians that are next to nothing.
    return {name: max(0, value) for name, value in table.items()}


def spread(values):
    """Half of the distance between the quartiles, as a share of the median."""
    middle = statistics.median(values)
    if len(values) < 3 or not middle:
        return None
    quartiles = statistics.quantiles(values, n=4)
    return (quartiles[2] - quartiles[0]) / 2 / middle


def summarize(runs, poll_ns):
    """[(name, ns, noise)]: the entries of the medians, and how far those of single runs are off."""
    middle = {name: statistics.median(run[name] for run in runs)
              for name, value in runs[0].items() if not isinstance(value, str)}
    singles = [entries(run, poll_ns) for run in runs]
    return [(name, value, spread([single[name] for single in singles]))
            for name, value in entries(middle, poll_ns).items()]


def head(cpus, repeats, reading):
    """What is known of the machine, as comments."""
    known = machine.summary()
    now = datetime.datetime.now(datetime.timezone.utc)
    return ["SPDX-License-Identifier: GPL-2.0",
            "Written by pvlab measure-costs. Nanoseconds; Documentation/simulator.rst.",
            f"machine: {known['cpu']}, {known['cpus']} CPUs, measured on {cpus[0]} and {cpus[1]}",
            f"kernel: {known['kernel']}, {known['os']}",
            f"measured: {now:%Y-%m-%d}, medians of {repeats}",
            f"meanwhile: {load.describe(reading)}",
            "+-: half of the distance between the quartiles"]


def lines(comments, summary):
    """The file."""
    for comment in comments:
        yield f"# {comment}"
    for name, value, noise in summary:
        yield f"{name:<20} {value:12.1f}" + ("" if noise is None else f"  # +-{100 * noise:.0f} %")


def main(options):
    """Run the command."""
    cpus = options.cpus or available_cpus()[:2]
    if len(cpus) < 2:
        raise LabError("measure-costs: one usable CPU; costs of lines and wake-ups need two")
    meter = load.Meter()
    runs = [measure_once(cpus) for _ in range(options.repeats)]
    reading = meter.read()
    text = "\n".join(lines(head(cpus, options.repeats, reading),
                           summarize(runs, halt_poll_ns()))) + "\n"
    try:
        options.file.write_text(text, "ascii")
    except OSError as error:
        raise LabError(f"{options.file}: cannot be written: {error.strerror}") from error
    print(text, end="")
    if load.is_busy(reading):
        print("pvlab: the machine was busy: these costs are unreliable")
    return 0
