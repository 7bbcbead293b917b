# SPDX-License-Identifier: GPL-2.0
"""How busy the machine is with other things than what this program does."""

import os
import time
from pathlib import Path

from lab.processes import TICKS, family, processes

STAT = Path("/proc/stat")
PRESSURE = Path("/proc/pressure/cpu")
CPUINFO = Path("/proc/cpuinfo")
# Fields of the first line of /proc/stat that are neither idle nor somebody else's.
BUSY = (0, 1, 2, 5, 6)
STEAL = 7
# So many CPUs that others have, or the host has taken, make a busy machine.
QUIET_CPUS = 0.25


def own_seconds():
    """CPU time of this process and of all that it has started."""
    found = processes()
    return sum(found[number][3] for number in family(os.getpid(), found))


def stalled_us():
    """How long something has waited for a CPU; None where the kernel does not say."""
    try:
        line = PRESSURE.read_text("ascii").splitlines()[0]
    except OSError:
        return None
    return int(line.rpartition("total=")[2])


def mhz():
    """The frequency of the CPUs, on average; None where the kernel does not say."""
    values = [float(line.partition(":")[2]) for line in CPUINFO.read_text("utf-8").splitlines()
              if line.startswith("cpu MHz")]
    return round(sum(values) / len(values)) if values else None


class Meter:
    """Measures from when it is made until it is read."""

    def __init__(self):
        self._load = os.getloadavg()[0]
        self._mhz = mhz()
        self._start = self._now()

    @staticmethod
    def _now():
        ticks = [int(word) for word in STAT.read_text("ascii").split("\n")[0].split()[1:]]
        return (time.monotonic(), sum(ticks[each] for each in BUSY) / TICKS, ticks[STEAL] / TICKS,
                own_seconds(), stalled_us())

    def read(self):
        """What was going on: CPUs that others used and that the host took, on average; the share
        of the time in which something waited for a CPU; load and frequency before and after.
        """
        now = self._now()
        seconds, busy, steal, own = (after - before
                                     for after, before in zip(now[:4], self._start[:4]))
        seconds = max(seconds, 1 / TICKS)
        stalled = None if now[4] is None else (now[4] - self._start[4]) / 1e4 / seconds
        return {"others_cpus": round(max(0.0, busy - own) / seconds, 2),
                "steal_cpus": round(steal / seconds, 2),
                "pressure_pct": stalled if stalled is None else round(stalled, 1),
                "load": [round(self._load, 2), round(os.getloadavg()[0], 2)],
                "mhz": [self._mhz, mhz()]}


def is_busy(reading):
    """Whether what a meter read makes figures unreliable."""
    return reading["others_cpus"] + reading["steal_cpus"] > QUIET_CPUS


class Patience:
    """Waits until the machine is quiet, for so many seconds in all."""

    def __init__(self, seconds, progress, sleep=time.sleep):
        self._left = seconds
        self._progress = progress
        self._sleep = sleep

    def wait(self):
        """Return when it is quiet, or when there is no patience left."""
        said = False
        while self._left > 0:
            meter = Meter()
            self._sleep(1)
            self._left -= 1
            reading = meter.read()
            if not is_busy(reading):
                return
            if not said:
                self._progress(f"the machine is busy: {describe(reading)}; waiting for up to "
                               f"{self._left} s")
            said = True
        if said:
            self._progress("the machine is still busy; going on")


def describe(reading):
    """A reading in words."""
    pressure = reading["pressure_pct"]
    return (f"others use {reading['others_cpus']:.1f} CPUs, the host takes "
            f"{reading['steal_cpus']:.1f}, load {reading['load'][-1]:.1f}"
            + (f", CPU pressure {pressure:.0f} %" if pressure is not None else ""))
