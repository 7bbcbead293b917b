# SPDX-License-Identifier: GPL-2.0
"""The client of lockbench.ko in a guest: run it, and believe nothing unchecked."""

import json

from lab.workload import preemption
from lab.workload.cells import GUESTS
from lab.workload.competition import MOST_APART_MS
from lab.workload.locks import lockbench_name
from lab.workload.metrics import METRICS
from lab.workload.workload import Measurement, RunFailure, Workload

DIRECTORY = "/sys/kernel/debug/lockbench"
MODULES = ("pvticketlock", "lockbench")
PREPARE_TIMEOUT_S = 30

# On a busy machine the benchmark may be late to begin or to end the measured interval.
SHORTEST_SHARE = 0.8
LONGEST_SHARE = 1.5
LONGEST_EXTRA_NS = 2_000_000_000

# Host-side counters that stand in where a lock cannot count its own halts and kicks.
HOST_COUNTERS = {"halts": "halt_exits", "kicks": "hypercalls"}


def parse_json(text, what):
    """Parse the guest's JSON, or fail the run with what came instead."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise RunFailure(f"{what} is not valid JSON ({error}): {text[:200]!r}") from error


def one_line(text):
    """The output of a command that failed, for a message."""
    return " / ".join(line.strip() for line in text.splitlines() if line.strip())


def read_guest_json(guest, name):
    """Read one of lockbench's files."""
    code, text = guest.run(f"cat {DIRECTORY}/{name}", timeout=PREPARE_TIMEOUT_S)
    if code:
        raise RunFailure(f"{DIRECTORY}/{name}: cannot read: {text.strip()}; "
                         "is lockbench.ko loaded in the guest?")
    return parse_json(text, name)


def load_modules(guest):
    """Load the modules under test, unless they are loaded already."""
    command = " && ".join(f"modprobe {module}" for module in MODULES)
    code, text = guest.run(f"{command} || {{ dmesg | tail -n 3; false; }}",
                           timeout=PREPARE_TIMEOUT_S)
    if code:
        raise RunFailure(f"{' or '.join(MODULES)} cannot be loaded in the guest: "
                         + one_line(text) + "; build them with 'make modules'")


def module_build_ids(guest):
    """The build IDs of the modules under test, which identify exactly what was measured."""
    identities = {}
    for module in MODULES:
        note = f"/sys/module/{module}/notes/.note.gnu.build-id"
        code, text = guest.run(f"od -An -v -tx1 {note}", timeout=PREPARE_TIMEOUT_S)
        # The note's header (three words) and its name "GNU\\0" come before the ID.
        identities[module] = "".join(text.split())[32:] if code == 0 else None
    return identities


class Lockbench(Workload):
    """Runs of lockbench.ko: one thread per vCPU of the guest."""

    def guest_options(self, plan):
        """Who preempts on command has to be told at the start."""
        return preemption.guest_options(plan)

    def prepare(self, guest, plan):
        """Check that the guest's lockbench has the plan's locks; return its environment."""
        load_modules(guest)
        offered = {lock["name"]: lock for lock in read_guest_json(guest, "locks")}
        for cell in plan["cells"]:
            name = lockbench_name(cell["lock"])
            if name not in offered:
                raise RunFailure(f"lockbench.ko in the guest has no lock '{name}', only "
                                 + ", ".join(offered) + "; rebuild the modules")
        environment = read_guest_json(guest, "environment")
        environment["modules"] = module_build_ids(guest)
        return environment

    def measure(self, guest, cell, plan):
        """One run, as asked and verified."""
        asked = all_settings(cell, plan)
        line = " ".join(f"{key}={value}" for key, value in asked.items())
        line += " " + timing(cell, plan)
        code, text = guest.run(
            f"cd {DIRECTORY} && echo '{line}' > run && cat result || "
            "{ dmesg | tail -n 3; false; }", timeout=plan["timeout_s"])
        if code:
            raise RunFailure(f"lockbench refused '{line}': " + one_line(text))
        result = parse_json(text, "result")
        verify(result, cell, plan)
        if preemption.preempts(plan):
            preemption.verify(result, cell)
            result.update(preemption.counts(result, cell, plan))
        return result

    def evaluate(self, result, host_counters):
        """Metrics of a result; the host's counters where the lock has none of its own."""
        metrics = {name: result.get(name) for name in METRICS}
        sources = {name: "guest" for name, value in metrics.items() if value is not None}
        for name, counter in HOST_COUNTERS.items():
            metrics[f"{name}_guest"] = result.get(name)
            metrics[f"{name}_host"] = host_counters.get(counter)
            if metrics[name] is None and metrics[f"{name}_host"] is not None:
                metrics[name] = metrics[f"{name}_host"]
                sources[name] = "host"
        return Measurement(result, metrics, sources)


def timing(cell, plan):
    """How long to run; guests that compete run longer on both sides of what is measured."""
    warmup, text = plan["warmup_ms"], f"duration_ms={plan['duration_ms']}"
    if cell.get(GUESTS, 1) == 1:
        return f"{text} warmup_ms={warmup}"
    return f"{text} warmup_ms={warmup + MOST_APART_MS} cooldown_ms={MOST_APART_MS}"


def asked_settings(cell):
    """What a cell asks of lockbench, by lockbench's own names."""
    asked = {"lock": lockbench_name(cell["lock"]), "threads": cell["vcpus"],
             "hold_ns": cell["hold_ns"], "think_ns": cell["think_ns"]}
    if "sharing" in cell:
        # "4 random": how many locks, and how a thread chooses among them.
        count, _, choice = cell["sharing"].partition(" ")
        asked.update(lock_count=int(count), random=int(choice == "random"))
    if "hold_is" in cell:
        asked["hold_is"] = cell["hold_is"]
    if "irqs_off" in cell:
        asked["irqs_off"] = cell["irqs_off"]
    return asked


def all_settings(cell, plan):
    """What a run asks of lockbench but for times."""
    return asked_settings(cell) | preemption.asked_settings(cell, plan)


def verify(result, cell, plan):
    """Fail the run unless lockbench did what was asked and the lock excluded."""
    for key, value in all_settings(cell, plan).items():
        if result.get(key) != value:
            raise RunFailure(f"asked for {key}={value}, but the result has {result.get(key)}")
    verify_duration(result.get("duration_ns"), plan["duration_ms"] * 1_000_000)
    shares = result.get("thread_ops", [])
    if len(shares) != cell["vcpus"]:
        raise RunFailure(f"asked for {cell['vcpus']} threads, but {len(shares)} report shares")
    if result.get("exclusion_ok") is not True:
        raise RunFailure(f"the lock '{cell['lock']}' did not exclude: "
                         f"{result.get('exclusion_violations')} violations seen")
    if not result.get("ops"):
        raise RunFailure("no operation was completed in the measured interval")


def verify_duration(measured_ns, asked_ns):
    """The measured interval must be about as long as asked."""
    longest = LONGEST_SHARE * asked_ns + LONGEST_EXTRA_NS
    if measured_ns is None or not SHORTEST_SHARE * asked_ns <= measured_ns <= longest:
        raise RunFailure(f"asked for a duration of {asked_ns} ns, but {measured_ns} ns were "
                         f"measured (accepted: {SHORTEST_SHARE * asked_ns:.0f} to {longest:.0f})")
