# SPDX-License-Identifier: GPL-2.0
"""Running suites, with those in the background beside the others.

Most suites wait for the clock now and then, or use one CPU only. The CPU time that they leave is
enough for those that just compute.
"""

import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab.testing.ktap import Counts, count

from .patience import Watch, wait
from .suites import LONG

TOP = Path(__file__).resolve().parents[2]
LOGS = TOP / "build" / "check"
LOWEST_PRIORITY = 19


def log_of(name):
    """Where the output of a suite goes."""
    return LOGS / f"{name}.log"


def judge(suite, status, log):
    """Count the results of a suite; its status is a text if it had to be ended."""
    if isinstance(status, str):
        counts = Counts()
        counts.fail(f"{suite.name}: {status}")
        return counts
    if not suite.ktap:
        counts = Counts()
        if status:
            counts.fail(f"{suite.name}: exit code {status}")
        else:
            counts.passed += 1
        return counts
    with open(log, encoding="utf-8", errors="replace") as lines:
        return count((line.rstrip("\n") for line in lines), suite.name, status)


def give_way(process):
    """Let the others have the CPU. Linux may compare sessions as a whole, not their processes."""
    try:
        os.setpriority(os.PRIO_PGRP, process.pid, LOWEST_PRIORITY)
        Path(f"/proc/{process.pid}/autogroup").write_text(str(LOWEST_PRIORITY), "ascii")
    except OSError:
        pass


def end_group(process):
    """End a suite with all processes that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


class Runner:
    """Runs the suites of a check once.

    report: called with a suite before it runs, and with its results and seconds after it.
    """

    def __init__(self, kind, report):
        self.results = {}
        self._kind = kind
        self._report = report
        self._changed = threading.Condition()
        self._processes = set()
        self._ended = False

    def run(self, suites):
        """Run suites; return their counts and seconds by their names, in that order."""
        with ThreadPoolExecutor(1) as pool:
            background = pool.submit(self._run_lane, suites, True)
            try:
                self._run_lane(suites, False)
                background.result()
            finally:
                self._end()
        return {suite.name: self.results[suite.name] for suite in suites}

    def _run_lane(self, suites, background):
        chosen = {suite.name for suite in suites}
        for suite in suites:
            if suite.background == background:
                missing = self._wait_for(chosen.intersection(suite.needs))
                if self._ended:
                    return
                self._run_suite(suite, missing)

    def _wait_for(self, needs):
        """Wait for the results of suites; return which of them failed."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or needs <= set(self.results))
            return [name for name in sorted(needs & set(self.results))
                    if self.results[name][0].failed]

    def _run_suite(self, suite, missing):
        command = (suite.long_command if self._kind == LONG else None) or suite.command
        cpu_s = os.cpu_count() * suite.patience * (4 if command is suite.long_command else 1)
        start = time.monotonic()
        with self._changed:
            self._report(suite, command)
        if missing:
            counts = Counts()
            counts.fail(f"{suite.name}: not run, as it needs {', '.join(missing)}")
        else:
            status = self._run_command(suite, command, cpu_s)
            counts = judge(suite, status, log_of(suite.name))
        with self._changed:
            seconds = time.monotonic() - start
            if not self._ended:
                self._report(suite, command, counts, seconds)
            self.results[suite.name] = counts, seconds
            self._changed.notify_all()

    def _run_command(self, suite, command, cpu_s):
        """Run a suite; return its exit code, or in words why it had to be ended."""
        log = log_of(suite.name)
        with open(log, "wb") as output, \
                subprocess.Popen(command, cwd=TOP, stdin=subprocess.DEVNULL, stdout=output,
                                 stderr=subprocess.STDOUT, start_new_session=True) as process:
            with self._changed:
                self._processes.add(process)
                ended = self._ended
            if suite.background:
                give_way(process)
            try:
                watch = Watch(process.pid, cpu_s, progress=lambda: log.stat().st_size)
                return "ended" if ended else wait(process, watch) or process.returncode
            finally:
                end_group(process)
                with self._changed:
                    self._processes.discard(process)

    def _end(self):
        """End what still runs, if anything does."""
        with self._changed:
            self._ended = True
            running = list(self._processes)
            self._changed.notify_all()
        for process in running:
            end_group(process)
