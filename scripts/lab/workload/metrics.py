# SPDX-License-Identifier: GPL-2.0
"""The quantities a run yields: what they mean, and how they are printed."""

from typing import NamedTuple


class Metric(NamedTuple):
    """One measured quantity; better is +1 (more), -1 (less) or 0 (neither)."""

    name: str
    title: str
    unit: str
    better: int
    kind: str
    meaning: str


METRICS = {metric.name: metric for metric in (
    Metric("ops_per_s", "throughput", "operations per second", +1, "number",
           "acquisitions of the lock by all threads, per second of the measured interval"),
    Metric("wait_p50_ns", "wait p50", "ns", -1, "time",
           "median time from asking for the lock to owning it"),
    Metric("wait_p99_ns", "wait p99", "ns", -1, "time",
           "99th percentile of the waiting time"),
    Metric("wait_p999_ns", "wait p99.9", "ns", -1, "time",
           "99.9th percentile of the waiting time"),
    Metric("wait_p9999_ns", "wait p99.99", "ns", -1, "time",
           "99.99th percentile of the waiting time"),
    Metric("wait_max_ns", "wait max", "ns", -1, "time",
           "longest waiting time seen"),
    Metric("jain", "Jain's index", "1/threads to 1", +1, "index",
           "fairness between threads: (sum x)^2 / (n * sum x^2), 1 when all have equal shares"),
    Metric("starved_share", "starved", "share of all windows", -1, "percent",
           "windows of 100 ms of a thread in which it got less than a tenth of its fair share"),
    Metric("idle_share", "idle", "share of the CPUs' time", 0, "percent",
           "CPU time not used, although each thread either works or waits"),
    Metric("others_share", "others", "share of the CPUs' time", 0, "percent",
           "CPU time that other processes used while it was measured"),
    Metric("kick_to_run_p50_ns", "kick to run", "ns", -1, "time",
           "median time from a kick until the vCPU that was halted runs again"),
    Metric("halts", "halts", "per run", 0, "number",
           "times a waiting vCPU gave its CPU back by halting"),
    Metric("kicks", "kicks", "per run", 0, "number",
           "times an unlocker woke a halted vCPU"),
    Metric("spurious", "spurious", "per run", 0, "number",
           "returns from a halt that found the lock not yet free"),
    Metric("overtakes", "overtakes", "per run", 0, "number",
           "times the lock was taken ahead of a halted waiter whose turn it was"),
    Metric("other_ops_per_s", "throughput of the other guest", "operations per second", 0,
           "number", "ops_per_s of the second of two guests that compete"),
    Metric("other_wait_p999_ns", "wait p99.9 in the other guest", "ns", 0, "time",
           "wait_p999_ns of the second of two guests that compete"),
    Metric("other_wait_p9999_ns", "wait p99.99 in the other guest", "ns", 0, "time",
           "wait_p9999_ns of the second of two guests that compete"),
    Metric("other_wait_max_ns", "wait max in the other guest", "ns", 0, "time",
           "wait_max_ns of the second of two guests that compete"),
    Metric("other_jain", "Jain's index in the other guest", "1/threads to 1", 0, "index",
           "jain of the second of two guests that compete"),
    Metric("guests_jain", "Jain's index of the guests", "1/guests to 1", +1, "index",
           "fairness between two guests that compete: of their operations per second"),
    Metric("rings", "rings", "per run", 0, "number",
           "times a vCPU rang the doorbell, warm-up included"),
    Metric("preempt_planned", "planned", "per run", 0, "number",
           "rings that the plan of preemptions answers, warm-up included"),
    Metric("preempt_done", "done", "per run", 0, "number",
           "vCPUs that the VMM has held back for as long as planned, warm-up included"),
    Metric("preempt_seen", "seen", "per run", 0, "number",
           "rings that by the guest's clock took as long as a preemption, warm-up included"),
    Metric("preempt_each_ns", "time of each", "ns", 0, "time",
           "how long the VMM has held a vCPU back, on average"),
    Metric("steal_ns", "steal time", "ns, all vCPUs", 0, "time",
           "time runnable vCPUs waited for a physical CPU"),
)}


def format_number(value):
    """Three significant digits with k, M or G: 645000 -> '645k'."""
    if value is None:
        return "-"
    for factor, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= factor * 0.9995:
            return three_digits(value / factor) + suffix
    return three_digits(value)


def format_time(value_ns):
    """Three significant digits with a unit: 58200000 -> '58.2 ms'."""
    if value_ns is None:
        return "-"
    for factor, suffix in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
        if abs(value_ns) >= factor * 0.9995:
            return f"{three_digits(value_ns / factor)} {suffix}"
    return f"{three_digits(value_ns)} ns"


def format_index(value):
    """A number between 0 and 1."""
    return "-" if value is None else f"{value:.3f}"


def format_percent(value):
    """A share between 0 and 1 as a percentage."""
    return "-" if value is None else f"{three_digits(100 * value)} %"


def three_digits(value):
    """Fixed-point text with three significant digits, integers left alone."""
    if value == int(value) and abs(value) < 1000:
        return str(int(value))
    if abs(value) >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.2f}"


FORMATTERS = {"number": format_number, "time": format_time, "index": format_index,
              "percent": format_percent}


def format_metric(name, value):
    """The text of one value of the named metric."""
    return FORMATTERS[METRICS[name].kind](value)
