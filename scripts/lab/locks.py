# SPDX-License-Identifier: GPL-2.0
"""The locks that lockbench.ko knows, and how reports draw them."""

from typing import NamedTuple

from lab.errors import LabError


class Lock(NamedTuple):
    """One lock of lockbench.ko."""

    name: str
    title: str
    colour: str
    marker: str
    dashes: str


KNOWN_LOCKS = {lock.name: lock for lock in (
    Lock("pvticket", "paravirtual ticket lock of pvticketlock.ko", "#0072B2", "o", "-"),
    Lock("ticket", "the same ticket lock, spinning only", "#D55E00", "s", "-"),
    Lock("spinlock", "the running kernel's raw_spinlock_t", "#333333", "^", "-"),
    Lock("tas", "test-and-set", "#009E73", "D", "-"),
    Lock("busted", "no exclusion at all: a run of it must fail", "#CC79A7", "x", ":"),
)}


def check_lock_names(names):
    """Refuse names that are not in KNOWN_LOCKS, duplicates, and an empty list."""
    if not names:
        raise LabError("--locks: the list is empty; name at least one of: "
                       + ", ".join(KNOWN_LOCKS))
    for name in names:
        if name not in KNOWN_LOCKS:
            raise LabError(f"--locks: unknown lock '{name}'; known locks are: "
                           + ", ".join(KNOWN_LOCKS))
        if list(names).count(name) > 1:
            raise LabError(f"--locks: '{name}' is named twice; name each lock once")
