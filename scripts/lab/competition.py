# SPDX-License-Identifier: GPL-2.0
"""Guests that compete: run a cell in all of them at once, and put the results together.

Each run warms up and cools down for longer than the runs may be apart, so that whatever is
measured in a guest is measured while the others work. That it was is checked by the guests'
clocks, which KVM sets from one clock.
"""

from concurrent.futures import ThreadPoolExecutor

from lab.workload import RunFailure

# By how much the measured intervals of guests that compete may be apart.
MOST_APART_MS = 500

# Metrics of the second guest that are worth a place beside those of the first.
OTHER_METRICS = ("ops_per_s", "wait_p999_ns", "wait_max_ns", "jain")


def run_together(workload, guests, cell, plan):
    """The raw results of the cell in each of the guests, measured at the same time."""
    if len(guests) == 1:
        return [workload.measure(guests[0], cell, plan)]
    with ThreadPoolExecutor(len(guests)) as pool:
        futures = [pool.submit(workload.measure, guest, cell, plan) for guest in guests]
    results = [future.result() for future in futures]
    check_overlap(results)
    return results


def check_overlap(results):
    """Fail the run unless each guest was measured while the others worked."""
    began = [result.get("began_ns") for result in results]
    if None in began:
        raise RunFailure("lockbench.ko in the guest does not tell when measuring began; "
                         "rebuild the modules")
    apart_ms = (max(began) - min(began)) / 1e6
    if apart_ms > MOST_APART_MS:
        raise RunFailure(f"the guests were measured {apart_ms:.0f} ms apart, which is more than "
                         f"{MOST_APART_MS} ms, so that one was not competing")


def other_metrics(first, other):
    """What the second guest adds to the metrics of the first."""
    added = {f"other_{name}": other[name] for name in OTHER_METRICS}
    rates = (first["ops_per_s"], other["ops_per_s"])
    added["guests_jain"] = sum(rates) ** 2 / (2 * sum(rate * rate for rate in rates))
    return added
