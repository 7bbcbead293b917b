# SPDX-License-Identifier: GPL-2.0
"""Guests that compete: run a cell in all of them at once, and put the results together.

Each run warms up and cools down for longer than the runs may be apart, so that whatever is
measured in a guest is measured while the others work. That it was is checked by the guests'
clocks, which are compared with this machine's just before.
"""

import time
from concurrent.futures import ThreadPoolExecutor

from lab.workload.workload import RunFailure

CLOCK = "/proc/uptime"
CLOCK_TIMEOUT_S = 30

# By how much the measured intervals of guests that compete may be apart.
MOST_APART_MS = 1000

# Metrics of the second guest that are worth a place beside those of the first.
OTHER_METRICS = ("ops_per_s", "wait_p999_ns", "wait_p9999_ns", "wait_max_ns", "jain")


def run_together(workload, guests, cell, plan):
    """The raw results of the cell in each of the guests, measured at the same time."""
    if len(guests) == 1:
        return [workload.measure(guests[0], cell, plan)]
    boots_ns = [boot_time_ns(guest) for guest in guests]
    with ThreadPoolExecutor(len(guests)) as pool:
        futures = [pool.submit(workload.measure, guest, cell, plan) for guest in guests]
    results = [future.result() for future in futures]
    if any(result.get("began_ns") is None for result in results):
        raise RunFailure("lockbench.ko in the guest does not tell when measuring began; "
                         "rebuild the modules")
    check_overlap([boot_ns + result["began_ns"] for boot_ns, result in zip(boots_ns, results)])
    return results


def boot_time_ns(guest):
    """When a guest booted, by this machine's clock, in nanoseconds."""
    before = time.monotonic_ns()
    code, text = guest.run(f"cat {CLOCK}", timeout=CLOCK_TIMEOUT_S)
    after = time.monotonic_ns()
    try:
        uptime = float(text.split()[0])
    except (IndexError, ValueError):
        raise RunFailure(f"{CLOCK} of the guest cannot be read (exit code {code}): "
                         f"{text.strip()}") from None
    return (before + after) // 2 - round(uptime * 1e9)


def check_overlap(began):
    """Fail the run unless each guest was measured while the others worked."""
    apart_ms = (max(began) - min(began)) / 1e6
    if apart_ms > MOST_APART_MS:
        raise RunFailure(f"the guests were measured {apart_ms:.0f} ms apart, which is more than "
                         f"{MOST_APART_MS} ms, so that one was not competing")


def other_metrics(first, other):
    """What the second guest adds to the metrics of the first."""
    added = {f"other_{name}": other.get(name) for name in OTHER_METRICS}
    rates = (first["ops_per_s"], other["ops_per_s"])
    added["guests_jain"] = sum(rates) ** 2 / (2 * sum(rate * rate for rate in rates))
    return added
