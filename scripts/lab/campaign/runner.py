# SPDX-License-Identifier: GPL-2.0
"""Run a plan in a lab: guests booted once, a record per run, failures contained."""

import datetime
import re
import time
from typing import NamedTuple

from lab.campaign.schedule import FAILURES_PER_CELL
from lab.errors import GuestFailure, LabError
from lab.guest.kernel import BARE, NO_KERNEL, STOCK
from lab.machines import load
from lab.workload.cells import GUESTS, cell_id, cell_text
from lab.workload.competition import other_metrics, run_together
from lab.workload.lockbench import Lockbench
from lab.workload.locks import kernel_of
from lab.workload.programs import Programs
from lab.workload.workload import RunFailure

WORKLOADS = {"lockbench": Lockbench, "programs": Programs}

# A guest that fails to boot this often in a row is given up, and its cells with it.
BOOT_ATTEMPTS = 2

# Kernels of guests that need not be named.
PLAIN = (STOCK, NO_KERNEL, BARE)

ORDINALS = {2: "second", 3: "third"}

# What a run costs besides its warm-up and duration, for the first ETA.
OVERHEAD_S = 0.7


def now_text():
    """The date and time, for people."""
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def expected_seconds(plan):
    """What a run will take, roughly."""
    return OVERHEAD_S + (plan["duration_ms"] + plan["warmup_ms"]) / 1000


class GuestKey(NamedTuple):
    """Cells with the same key run in the same guest."""

    vcpus: int
    kernel: str
    number: int = 1     # 2 is the one that the first competes with

    @classmethod
    def of_cell(cls, cell, plan):
        """The keys of a cell's guests."""
        kernel = kernel_of(cell["lock"], plan["guest_kernel"])
        return [cls(cell["vcpus"], kernel, number + 1) for number in range(cell.get(GUESTS, 1))]

    def name(self):
        """A name for files and records."""
        kernel = "" if self.kernel in PLAIN else f"-{self.kernel}"
        return f"{self.vcpus}{kernel}" + (f"-guest{self.number}" if self.number > 1 else "")

    def text(self):
        """How messages name the guest."""
        kernel = "" if self.kernel in PLAIN else f" and the {self.kernel} kernel"
        which = "" if self.number == 1 else f"{ORDINALS[self.number]} "
        return f"{which}guest with {self.vcpus} vCPUs{kernel}"


class Guests:
    """The guests of a campaign: kept alive, replaced when they fail.

    They are booted once, unless there are more than the lab holds: then the guest that has
    not been used for longest makes room for another.
    """

    def __init__(self, lab, plan, workload, progress):
        self.lab = lab
        self.plan = plan
        self.workload = workload
        self.progress = progress
        self.environments = {}
        self._alive = {}
        self._boot_signs = {}
        self._failed_boots = {}

    def boot_all(self, cells):
        """Boot the guests the first cells need, as far as there is room; LabError if none works.

        With a plan that goes by blocks, those are the cells of the first block.
        """
        if "block" in self.plan:
            axis = self.plan["block"]
            cells = [cell for cell in cells if cell[axis] == cells[0][axis]]
        keys = list(dict.fromkeys(key for cell in cells for key in self.keys(cell)))
        if self.lab.guest_limit is not None:
            keys = keys[:self.lab.guest_limit]
        for key in sorted(keys):
            try:
                self.get(key)
            except (GuestFailure, RunFailure) as failure:
                reason = f"{key.text()}: {failure}"
                self.progress(reason)
        if not self._alive:
            raise LabError(f"no guest can be used; the last was the {reason}")

    def keys(self, cell):
        """The keys of the guests that a cell runs in."""
        return GuestKey.of_cell(cell, self.plan)

    def get_all(self, keys):
        """The running guests of a cell, none of which makes room for another."""
        return [self.get(key, keys) for key in keys]

    def get(self, key, keep=()):
        """The running guest, booted if need be; GuestFailure if it cannot be."""
        if key in self._alive:
            # The last is the one that was used last.
            self._alive[key] = self._alive.pop(key)
            return self._alive[key]
        self.make_room(keep)
        return self.boot(key)

    def make_room(self, keep):
        """Stop the guest that was used longest ago, if there is no room for another."""
        limit = self.lab.guest_limit
        if limit is not None and len(self._alive) >= limit:
            self.stop(next(key for key in self._alive if key not in keep))

    def boot(self, key):
        """Boot a guest and make it ready."""
        failures = self._failed_boots.setdefault(key, [])
        if len(failures) >= BOOT_ATTEMPTS:
            raise RunFailure(f"given up after {len(failures)} failed boots: {failures[-1]}")
        guest = None
        try:
            guest = self.lab.start_guest(f"campaign-{key.name()}", vcpus=key.vcpus,
                                         kernel=key.kernel,
                                         **self.workload.guest_options(self.plan))
            environment = self.workload.prepare(guest, self.plan)
        except (GuestFailure, RunFailure) as failure:
            failures.append(str(failure))
            if guest:
                guest.stop()
            raise
        failures.clear()
        self._alive[key] = guest
        self._boot_signs[key] = guest.failure()
        self.environments[key.name()] = {
            **environment, "vcpus": key.vcpus, "guest_kernel": key.kernel,
            "command_line": guest.command_line, "boot_warning": guest.failure()}
        spinlock = environment.get("spinlock_implementation")
        self.progress(f"{key.text()} is up" + (f": spinlock is {spinlock}" if spinlock else ""))
        return guest

    def trouble(self, key):
        """The sign of trouble in the guest's log, unless it was there before the first run."""
        sign = self._alive[key].failure()
        return None if sign == self._boot_signs[key] else sign

    def stop(self, key):
        """Stop a guest that failed; the next get() boots it again."""
        guest = self._alive.pop(key, None)
        if guest:
            guest.stop()


def growth(before, after):
    """How much each counter has grown."""
    return {name: after[name] - before[name] for name in before if name in after}


class Runner:
    """Carries runs of a plan out and appends a record to the results for each.

    failures counts those of each cell, for all runners of a campaign; patience is how long it may
    wait for a quiet machine.
    """

    # pylint: disable-next=too-many-arguments # what a campaign has
    def __init__(self, lab, plan, results, progress, failures, patience):
        self.plan = plan
        self.results = results
        self.progress = progress
        self.workload = lab.workloads.get(plan["workload"], WORKLOADS[plan["workload"]])()
        self.guests = Guests(lab, plan, self.workload, progress)
        self._failures = failures
        self._patience = patience
        # Look before the first run.
        self._busy = True

    def boot(self, runs):
        """Boot all guests that the runs need; their environments."""
        self.guests.boot_all([cell for cell, _ in runs])
        return self.guests.environments

    def run(self, runs):
        """Every outcome is on disk before the next run."""
        for cell, repeat in runs:
            self.progress.step(f"{cell_text(self.plan, cell)}, "
                               f"repeat {repeat + 1}/{self.plan['repeats']}")
            if self._busy:
                self._patience.wait()
            if self._failures.get(cell_id(cell), 0) < FAILURES_PER_CELL:
                self.run_once(cell, repeat)
            self.progress.step_done()

    def run_once(self, cell, repeat):
        """One run and its record."""
        record = {"cell": cell_id(cell), "axes": cell, "repeat": repeat, "started": now_text()}
        begin, meter = time.monotonic(), load.Meter()
        try:
            record.update(self.measure(cell), status="ok")
        except RunFailure as failure:
            record.update(self.failure(cell, str(failure), None))
        except GuestFailure as failure:
            record.update(self.failure(cell, failure.reason, failure.log_path))
            self.replace_guests(record, failure.log_path)
        record["elapsed_s"] = round(time.monotonic() - begin, 3)
        record["machine"] = meter.read()
        self._busy = load.is_busy(record["machine"])
        self.results.append_run(record)

    def measure(self, cell):
        """Run the cell between two looks at the host's counters."""
        keys = self.guests.keys(cell)
        guests = self.guests.get_all(keys)
        before = [guest.counters() for guest in guests]
        results = run_together(self.workload, guests, cell, self.plan)
        counters = [growth(earlier, guest.counters()) for earlier, guest in zip(before, guests)]
        for key, guest in zip(keys, guests):
            reason = self.guests.trouble(key)
            if reason:
                raise GuestFailure(reason, guest.log_path)
        return self.evaluate(results, counters)

    def evaluate(self, results, counters):
        """The part of a record that tells what was measured, in one guest or in two."""
        first, *others = ({"host_counters": counted,
                           **self.workload.evaluate(result, counted)._asdict()}
                          for result, counted in zip(results, counters))
        for other in others:
            first["metrics"] |= other_metrics(first["metrics"], other["metrics"])
            first["other"] = other
        return first

    def failure(self, cell, reason, log_path):
        """The part of a record that tells of a failed run."""
        self._failures[cell_id(cell)] = self._failures.get(cell_id(cell), 0) + 1
        self.progress(f"FAILED: {cell_text(self.plan, cell)}: {reason}"
                      + (f" (serial log: {log_path})" if log_path else ""))
        return {"status": "failed", "reason": reason, "log": None}

    def replace_guests(self, record, log_path):
        """Stop the cell's guests, keep the whole serial log of one, and boot others."""
        keys = self.guests.keys(record["axes"])
        for key in keys:
            self.guests.stop(key)
        self.keep_log(record, log_path)
        for key in keys:
            try:
                self.guests.get(key, keys)
            except (GuestFailure, RunFailure) as failure:
                self.progress(f"{key.text()} did not come back: {failure}")

    def keep_log(self, record, log_path):
        """Copy the guest's serial log next to the results."""
        if log_path:
            text = f"{cell_text(self.plan, record['axes'])} repeat {record['repeat'] + 1}"
            name = re.sub(r"[^\w.]+", "-", text) + ".log"
            record["log"] = self.results.keep_log(log_path, name)
