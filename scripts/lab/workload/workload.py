# SPDX-License-Identifier: GPL-2.0
"""What the runner asks of a workload that it measures in guests."""

from typing import NamedTuple


class RunFailure(Exception):
    """A run that ended, but whose result must not count; the guest is still usable."""


class Measurement(NamedTuple):
    """One run: the raw result, and the metrics taken from it with their source."""

    result: dict
    metrics: dict
    sources: dict


class Workload:
    """Something that can be measured in a guest."""

    def guest_options(self, plan):
        """What the guests of a plan need besides vCPUs and a kernel; see lab.base.GuestSpec."""
        raise NotImplementedError

    def prepare(self, guest, plan):
        """Make a booted guest ready; return a description of its environment."""
        raise NotImplementedError

    def measure(self, guest, cell, plan):
        """Run the cell once and return its raw result, verified against the cell."""
        raise NotImplementedError

    def evaluate(self, result, host_counters):
        """Turn a raw result and the host's counters into a Measurement."""
        raise NotImplementedError
