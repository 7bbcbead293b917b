# SPDX-License-Identifier: GPL-2.0
"""How long a program may go on: by the CPU time that it uses, and by whether it gets on at all.

What a busy machine, or one that stands still for minutes, makes slow is not over its limits: time
in which a program waits for a CPU or a disk is not counted, and neither is time in which whoever
watches it cannot run.
"""

import os
import signal
import subprocess

from lab.processes import family, processes

# Less than this in a second is no work, but a program that looks now and then whether it may go on.
IDLE_SHARE = 0.02
# Without its CPU time or its output growing.
IDLE_S = 300
# How a program ends of which nothing is left to say: as that of timeout(1).
STATUS = 124


class Watch:
    """Watches a process, about once a second.

    cpu_s: seconds of CPU time for it and all its children. idle_s: seconds without any progress.
    progress: returns what changes when it gets on, its output for example.
    """

    def __init__(self, pid, cpu_s, idle_s=IDLE_S, progress=lambda: None):
        self.used_s = 0
        self._pid = pid
        self._cpu_s = cpu_s
        self._idle_s = idle_s
        self._progress = progress
        self._last = None
        self._idle = 0

    def look(self):
        """The reason to end it, or None. One call is one second, however long ago the last was."""
        found = processes()
        members = family(self._pid, found)
        used = sum(found[number][3] for number in members)
        waits_for_cpu = any(found[number][0] in "RD" for number in members)
        now = self._progress()
        works = used - self.used_s > IDLE_SHARE or now != self._last or waits_for_cpu
        self._idle = 0 if works else self._idle + 1
        self._last = now
        # Whoever has ended, and whose parent has not waited for it, has taken its time with it.
        self.used_s = max(used, self.used_s)
        if self.used_s > self._cpu_s:
            return f"not finished after {self._cpu_s} s of CPU time"
        if self._idle > self._idle_s:
            return f"no progress in {self._idle_s} s"
        return None


def wait(process, watch):
    """Wait for a process; return None, or the reason to end it."""
    while True:
        try:
            process.wait(1)
            return None
        except subprocess.TimeoutExpired:
            reason = watch.look()
            if reason:
                return reason


def end_session(pid):
    """End a process that leads a session, and all that belong to it."""
    for number in family(pid, processes()) | {pid}:
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            continue
