# SPDX-License-Identifier: GPL-2.0
"""A lab without machines: plausible lockbench results, and faults on demand."""

import argparse
import json
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))

# pylint: disable=wrong-import-position
from lab.campaign.command import add_arguments  # noqa: E402
from lab.errors import GuestFailure, LabError  # noqa: E402

LOCKS = ("pvticket", "ticket", "spinlock", "tas", "busted")

# Throughput per lock at 1x, 2x and 4x, as the nested lab has shown it.
OPS_PER_S = {
    "pvticket": {1: 650e3, 2: 250e3, 4: 110e3},
    "ticket": {1: 480e3, 2: 2.4e3, 4: 600},
    "spinlock": {1: 660e3, 2: 320e3, 4: 140e3},
    "tas": {1: 500e3, 2: 400e3, 4: 330e3},
    "busted": {1: 900e3, 2: 900e3, 4: 900e3},
}
# What the patched host does for a lock that halts.
PATCHED_GAIN = {"pvticket": 1.5}
LONGEST_NS = {1: 3e5, 2: 5.8e7, 4: 2.08e8}


def make_result(request, noise, gain=1):
    """What lockbench would answer to a run line."""
    lock, threads = request["lock"], int(request["threads"])
    overcommit = min(max(1, threads // 2), 4)
    overcommit = {1: 1, 2: 2, 3: 2, 4: 4}[overcommit]
    seconds = int(request["duration_ms"]) / 1000
    rate = OPS_PER_S[lock][overcommit] * gain * noise.uniform(0.97, 1.03)
    ops = max(1, int(rate * seconds))
    mean_wait = threads / rate * 1e9
    histogram = make_histogram(ops, mean_wait, LONGEST_NS[overcommit], lock)
    shares = [int(ops / threads * noise.uniform(0.9, 1.1)) for _ in range(threads)]
    counts = lock == "pvticket"
    return {
        **{key: int(value) for key, value in request.items() if value.isdigit()},
        "lock": lock, "implementation": f"fake {lock}", "threads": threads,
        "hold_ns": int(request["hold_ns"]), "think_ns": int(request["think_ns"]),
        "duration_ns": int(seconds * 1e9), "ops": ops, "ops_per_s": ops / seconds,
        "wait_p50_ns": quantile(histogram, 0.5), "wait_p99_ns": quantile(histogram, 0.99),
        "wait_p999_ns": quantile(histogram, 0.999), "wait_max_ns": histogram[-1][0],
        "wait_histogram": histogram, "thread_ops": shares,
        "jain": sum(shares) ** 2 / (threads * sum(each * each for each in shares)),
        "halts": int(ops * 0.2) if counts else None if lock == "spinlock" else 0,
        "kicks": int(ops * 0.19) if counts else None if lock == "spinlock" else 0,
        "spurious": int(ops * 0.01) if counts else None,
        "overtakes": int(ops * 0.3) if counts else None if lock == "spinlock" else 0,
        "steal_ns": int((overcommit - 1) * 2e9 * seconds),
        "exclusion_ok": lock != "busted", "exclusion_violations": 7 if lock == "busted" else 0,
    }


def make_rings(request, inject):
    """What lockbench and pvmm would tell of preemptions on command."""
    if "ring" not in request:
        return {"rings": None}
    rings = int(request["duration_ms"]) * 1000 // int(request["ring_us"])
    rules = dict(rule.split(",", 1) for rule in inject.split(";"))
    rule = rules.get(f"{request['ring']}:{request['ring_lock']}")
    done = rings if rule else 0
    each_us = int(rule.partition("us")[0].removeprefix("for=")) if rule else 0
    return {"ring": request["ring"], "rings": rings, "doorbell_rings": rings,
            "ring_histogram": [[each_us * 1000 + 40000, rings]], "preempt_planned": done,
            "preempt_done": done, "preempt_held_us": done * each_us, "preempt_modes": 1}


def make_histogram(ops, mean_wait, longest, lock):
    """A body around the mean and a thin tail up to the longest wait."""
    counts, bound, left = [], mean_wait / 8, ops
    longest = max(longest * (0.2 if lock == "pvticket" else 1), mean_wait * 2)
    while bound < longest and left > 1:
        share = 0.3 if bound < mean_wait * 2 else 0.6
        count = max(1, int(left * share))
        counts.append([int(bound), count])
        left -= count
        bound *= 1.35
    counts.append([int(longest), max(left, 1)])
    return counts


def quantile(histogram, share):
    """Upper bound of the bucket that holds the quantile."""
    left = share * sum(count for _, count in histogram)
    for bound, count in histogram:
        left -= count
        if left <= 0:
            return bound
    return histogram[-1][0]


class FakeGuest:
    """Answers lockbench's commands; faults come from the lab's list."""

    # pylint: disable-next=too-many-arguments # all that tells guests apart
    def __init__(self, lab, name, vcpus, kernel, inject):
        self.lab = lab
        self.inject = inject
        self.name = name
        self.vcpus = vcpus
        self.kernel = kernel
        self.command_line = f"qemu-system-x86_64 -name {name} -smp {vcpus}"
        self.log_path = os.path.join(lab.directory, f"{name}.log")
        self.alive = True
        self.neighbours = 0
        self.trouble = lab.boot_warning
        self.halts = 0
        with open(self.log_path, "w", encoding="utf-8") as log:
            log.write("booted\n")

    def run(self, command, timeout=30):
        """Answer one shell command."""
        if not self.alive or timeout <= 0:
            raise AssertionError("a stopped guest was used")
        if command.startswith("modprobe "):
            return self.lab.modprobe
        if command == "cat /proc/uptime":
            return 0, f"{time.monotonic()} 0.00\n"
        if command.startswith("od "):
            return 0, "04 00 00 00 14 00 00 00 03 00 00 00 47 4e 55 00 ab cd\n"
        if command.endswith("/locks"):
            return 0, json.dumps([{"name": name, "implementation": f"fake {name}",
                                   "description": ""} for name in self.lab.locks])
        if command.endswith("/environment"):
            return 0, json.dumps({"kernel": "6.1.0-fake", "online_cpus": self.vcpus,
                                  "hypervisor": "KVMKVMKVM", "pv_unhalt": True,
                                  "cpuid_kvm_features": "0x01007efb", "pause_ns": 201.5,
                                  "spinlock_implementation": "PV qspinlock"})
        line = command.split("'")[1]
        return self.lab.bench(self, dict(item.split("=") for item in line.split()))

    def counters(self):
        """Counters of the pretended host."""
        return {"halt_exits": self.halts, "hypercalls": self.halts // 2}

    def failure(self):
        """What the serial log tells."""
        return self.trouble

    def stop(self):
        """End the guest, and with it its log."""
        self.alive = False
        with open(self.log_path, "a", encoding="utf-8") as log:
            log.write("the last words\n")


# pylint: disable-next=too-many-instance-attributes # each is something to look at
class FakeLab:
    """The lab's interface; faults maps (lock, vcpus) to the name of a fault."""

    label = "emulated: fake lab"
    emulated = True
    guest_limit = None
    workloads = {}
    # How far the clocks of competing guests are apart; a barrier that runs wait at.
    apart_ms = 0
    together = None

    def __init__(self, directory, pcpus=2, faults=None, interrupt_after=None, locks=LOCKS,
                 kernel="6.1.0-fake"):
        self.directory = directory
        self.pcpus = pcpus
        self.faults = faults or {}
        self.interrupt_after = interrupt_after
        self.locks = locks
        self.kernel = kernel
        self.kvm = {"stock": "1234", "patched": "5678"}
        self.modprobe = 0, ""
        self.boot_warning = None
        self.noise = random.Random(1)
        self.guests = []
        self.seeds = set()
        self.requests = []
        self.closed = False
        self.host = "stock"
        self.boots = []
        self.platform = "kvm"

    def open(self, options):
        """Boot the host that the options ask for."""
        self.host = options.host
        self.platform = options.platform
        self.boots.append((options.lab, options.host))
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.closed = True

    def manifest(self):
        """A few of the facts of a real manifest."""
        label = "emulated: fake Xen" if self.platform == "xen" else self.label
        return {"label": label, "emulated": self.emulated, "pcpus": self.pcpus,
                "kernel": self.kernel, "qemu": "7.2", "machine": {"cpus": 2},
                "host": {"kvm": self.host, "modules": {"kvm.ko": self.kvm[self.host]}}}

    # pylint: disable-next=too-many-arguments # those of the lab
    def start_guest(self, name, vcpus=1, kernel="stock", inject="", seed=0):
        """Boot a pretended guest."""
        if self.faults.get(("boot", vcpus)):
            raise GuestFailure("no answer from the guest's agent in 60 s", None)
        guest = FakeGuest(self, name, vcpus, kernel, inject)
        self.seeds.add(seed)
        self.guests.append(guest)
        guest.neighbours = sum(each.alive for each in self.guests)
        return guest

    def most_alive(self):
        """How many guests there were at most at a time."""
        return max(guest.neighbours for guest in self.guests)

    def bench(self, guest, request):
        """One run, with the fault that was asked for."""
        self.requests.append({**request, "kernel": guest.kernel, "guest": guest.name})
        if self.interrupt_after is not None and len(self.requests) > self.interrupt_after:
            raise KeyboardInterrupt
        fault = self.faults.get((request["lock"], guest.vcpus))
        gain = PATCHED_GAIN.get(request["lock"], 1) if self.host == "patched" else 1
        if self.together:
            self.together.wait(10)
        result = make_result(request, self.noise, gain) | make_rings(request, guest.inject)
        result["began_ns"] = 10 ** 18 + self.apart_ms * 10 ** 6 * guest.name.endswith("guest2")
        guest.halts += 1000
        if fault == "timeout":
            raise GuestFailure("no answer within 60 s", guest.log_path)
        if fault == "lab dies":
            raise LabError("the lab's QEMU was killed by signal 9; run the campaign again")
        if fault == "refused":
            return 1, "sh: write error: Invalid argument\nlockbench: unknown lock\n"
        if fault == "soft lockup":
            guest.trouble = "watchdog: BUG: soft lockup - CPU#1 stuck for 22s!"
        elif fault == "garbage":
            return 0, "not json"
        elif fault:
            result.update(fault)
        return 0, json.dumps(result)


def parse(*arguments):
    """Parsed options of 'pvlab campaign'."""
    parser = argparse.ArgumentParser(prog="pvlab campaign")
    add_arguments(parser)
    return parser.parse_args(arguments)
