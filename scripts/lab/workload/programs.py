# SPDX-License-Identifier: GPL-2.0
"""Real programs in a guest, whose kernel's spinlocks are taken over or not.

Every program comes from Debian's archive and is known for what it contends for. A run of a cell
is one run of its program; the lock of the cell, "takeover" or "spinlock", is switched before it,
in the same guest, by the parameter takeover= of pvticketlock.ko.
"""

import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

from lab.errors import LabError
from lab.workload.lockbench import load_modules, module_build_ids, one_line, read_guest_json
from lab.workload.metrics import METRICS
from lab.workload.workload import Measurement, RunFailure, Workload

TAKEOVER = "/sys/module/pvticketlock/parameters/takeover"
STATISTICS = "/sys/kernel/debug/pvticketlock"
READ_TIMEOUT_S = 60
# A switch waits until every vCPU has been at rest once.
SWITCH_TIMEOUT_S = 60
# What goes on while the locks are switched again and again; and how often in one command.
LOAD = "hackbench -T -g 1 -f {half} -l 100000000"
SWITCHES_AT_ONCE = 20
HOOKED = "off, hooks in place"
COUNTERS = {"halts": "taken_slow", "pickups": "taken_slow_pickup", "kicks": "released_slow_kicked",
            "spurious": "taken_slow_spurious", "overtakes": "taken_overtaking"}


class Program(NamedTuple):
    """A program to run: {seconds}, {vcpus}, {half} (of the vCPUs) and {loops} are filled in.

    pattern finds the figures in its output: "rate", operations per second; or "ops" and
    "seconds"; or just "seconds", which loops operations for each vCPU took.
    """

    title: str
    command: str
    pattern: str
    loops: int = 0


STRESS = ("stress-ng --timeout {{seconds}} --metrics-brief --temp-path /tmp "
          "--{name} {{vcpus}} {more}")


def stressor(title, name, more=""):
    """One of stress-ng's, on each vCPU; the figure is bogo operations per second of real time."""
    pattern = rf"metrc:.*\b{name}\s+\d+(?:\s+[\d.]+){{3}}\s+(?P<rate>[\d.]+)"
    return Program(title, STRESS.format(name=name, more=more).strip(), pattern)


# The axis.
PROGRAM = "program"
PROGRAMS = {
    "hackbench": Program(
        "messages over sockets between threads",
        "hackbench -T -g 1 -f {half} -l {loops}", r"Time: (?P<seconds>[\d.]+)", loops=400),
    "sysbench-threads": Program(
        "threads that yield under contended mutexes",
        "sysbench threads --threads={vcpus} --thread-locks=2 --thread-yields=50 "
        "--time={seconds} --events=0 run",
        r"total time:\s+(?P<seconds>[\d.]+)s\s+total number of events:\s+(?P<ops>\d+)"),
    "perf-sched": Program(
        "perf bench sched messaging: threads and sockets",
        "perf bench -f simple sched messaging -t -g 1 -l {loops}",
        r"^(?P<seconds>[\d.]+)$", loops=20),
    "perf-pipe": Program(
        "perf bench sched pipe: two processes that wake each other",
        "perf bench -f simple sched pipe -l {loops}", r"^(?P<seconds>[\d.]+)$", loops=1500),
    "perf-futex": Program(
        "perf bench futex lock-pi: one futex for all threads",
        "perf bench futex lock-pi -s -t {vcpus} -r {seconds}",
        r"Averaged (?P<rate>\d+) operations/sec"),
    "flock": stressor("locks of one file", "flock"),
    "lockf": stressor("POSIX locks of one file", "lockf"),
    "sem-sysv": stressor("one System V semaphore", "sem-sysv"),
    "fork": stressor("processes: the list of tasks", "fork"),
    "tmpfs": stressor("files in directories of a tmpfs", "dentry", "--dentries 64"),
}


def find_programs():
    """The files of all programs that the guests need; LabError if one is not installed."""
    names = sorted({shlex.split(program.command)[0] for program in PROGRAMS.values()})
    missing = [name for name in names if not shutil.which(name)]
    if missing:
        raise LabError(f"{', '.join(missing)}: not installed, needed by the matrix 'workloads'; "
                       "run 'scripts/setup workloads'")
    return tuple(Path(shutil.which(name)).resolve() for name in names)


def command_of(program, cell, plan):
    """The shell command of a run."""
    vcpus = cell["vcpus"]
    return program.command.format(vcpus=vcpus, half=max(1, vcpus // 2), loops=program.loops,
                                  seconds=max(1, round(plan["duration_ms"] / 1000)))


def rate_of(program, cell, output):
    """Operations per second, from what the program printed."""
    found = re.search(program.pattern, output, re.MULTILINE)
    figures = {name: float(text) for name, text in found.groupdict().items()} if found else {}
    if not figures or not all(figures.values()):
        raise RunFailure("no figure in the output: " + one_line(output)[-300:])
    if "rate" in figures:
        return figures["rate"]
    return figures.get("ops", program.loops * cell["vcpus"]) / figures["seconds"]


class Programs(Workload):
    """Runs of real programs, with the kernel's spinlocks taken over or not."""

    def guest_options(self, plan):
        """Nothing."""
        return {}

    def prepare(self, guest, plan):
        """Load the module and check that the locks can be taken over; the environment."""
        load_modules(guest)
        environment = read_guest_json(guest, "environment")
        environment["modules"] = module_build_ids(guest)
        for takeover in (True, False):
            switch(guest, takeover)
        environment["switches"] = switch_often(guest, plan.get("switches", 0))
        return environment

    def measure(self, guest, cell, plan):
        """Switch, run the program, and read the counters."""
        switch(guest, cell["lock"] == "takeover")
        program = PROGRAMS[cell["program"]]
        before = counters(guest)
        code, output = guest.run(command_of(program, cell, plan), timeout=plan["timeout_s"])
        after = counters(guest)
        if code:
            raise RunFailure(f"{cell['program']} failed with {code}: " + one_line(output)[-300:])
        counted = {name: after[name] - before[name] for name in COUNTERS}
        if cell["lock"] == "spinlock" and any(counted.values()):
            raise RunFailure(f"the spinlocks were not the kernel's own: {counted}")
        return {"ops_per_s": rate_of(program, cell, output), "counters": counted,
                "output": output[-2000:],
                "command": command_of(program, cell, plan)}

    def evaluate(self, result, host_counters):
        """The rate; halts and kicks as the lock counted them, or as the host did."""
        counted = result["counters"]
        metrics = {**dict.fromkeys(METRICS), "ops_per_s": result["ops_per_s"],
                   "halts_host": host_counters.get("halt_exits"),
                   "kicks_host": host_counters.get("hypercalls")}
        sources = {"ops_per_s": "guest"}
        if any(counted.values()):
            metrics.update(halts=counted["halts"] - counted["pickups"], kicks=counted["kicks"],
                           spurious=counted["spurious"])
            sources.update(halts="guest", kicks="guest", spurious="guest")
        return Measurement(result, metrics, sources)


def switch(guest, takeover):
    """Take the spinlocks over or give them back, with all hooks out of the kernel's way."""
    command = f"echo {int(takeover)} > {TAKEOVER} || {{ dmesg | tail -n 3; exit 1; }}; "
    if not takeover:
        command += f"while grep -q '{HOOKED}' {STATISTICS}/takeover; do usleep 100000; done; "
    command += f"grep -qx 'state {'on' if takeover else 'off'}' {STATISTICS}/takeover"
    code, text = guest.run(command, timeout=SWITCH_TIMEOUT_S)
    if code:
        raise RunFailure(f"takeover={int(takeover)} has no effect: " + one_line(text))


def switch_often(guest, count):
    """Take the spinlocks over and give them back under load; return how often, as it counted."""
    load = LOAD.format(half=max(1, guest.vcpus // 2))
    for begin in range(0, count, SWITCHES_AT_ONCE):
        switches = range(begin, min(count, begin + SWITCHES_AT_ONCE))
        command = " && ".join(f"echo {(number + 1) % 2} > {TAKEOVER}" for number in switches)
        code, text = guest.run(f"{load} >/dev/null 2>&1 & load=$!; {command}; code=$?; "
                               "kill -9 $load && exit $code",
                               timeout=len(switches) * SWITCH_TIMEOUT_S)
        if code:
            raise RunFailure(f"switch {begin} or one of the next {SWITCHES_AT_ONCE} failed: "
                             + one_line(text))
    code, text = guest.run(f"sed -n 's/^switches //p' {STATISTICS}/takeover", READ_TIMEOUT_S)
    done = int(text) if code == 0 and text.strip().isdigit() else 0
    if done < count:
        raise RunFailure(f"the locks were switched {done} times, not {count}: " + one_line(text))
    return done


def counters(guest):
    """What the module has counted so far."""
    files = " ".join(COUNTERS.values())
    code, text = guest.run(f"cd {STATISTICS} && cat {files}", timeout=READ_TIMEOUT_S)
    if code:
        raise RunFailure("the counters cannot be read: " + one_line(text))
    return dict(zip(COUNTERS, map(int, text.split())))
