# SPDX-License-Identifier: GPL-2.0
"""The locks that campaigns compare, and how reports draw them."""

from typing import NamedTuple

from lab.errors import LabError
from lab.guest.kernel import has_kernel


class Lock(NamedTuple):
    """A lock of lockbench.ko, or one of the guest kernel's in a kernel of its own."""

    name: str
    title: str
    colour: str
    marker: str
    dashes: str
    kernel: str = ""        # the variant of the guest's kernel; "" is the campaign's
    lockbench: str = ""     # what lockbench.ko calls it; "": the same
    in_line: bool = False   # a waiter knows when it is the next in line
    stands_for: str = ""    # where there is no kernel: what in one this lock is


KNOWN_LOCKS = {lock.name: lock for lock in (
    Lock("pvticket", "paravirtual ticket lock of pvticketlock.ko", "#0072B2", "o", "-",
         in_line=True),
    Lock("ticket", "the same ticket lock, spinning only", "#D55E00", "s", "-", in_line=True),
    Lock("spinlock", "the running kernel's raw_spinlock_t", "#333333", "^", "-"),
    Lock("spinlock-tuned", "raw_spinlock_t that spins as long as on hardware", "#8C6D31", "v",
         "--", kernel="tuned", lockbench="spinlock"),
    Lock("spinlock-ticket", "raw_spinlock_t in a kernel where it is this lock", "#56B4E9", "X",
         "--", kernel="ticket", lockbench="spinlock"),
    Lock("takeover", "the running kernel's spinlocks, taken over by pvticketlock.ko", "#56B4E9",
         "P", "-"),
    Lock("tas", "test-and-set", "#009E73", "D", "-"),
    Lock("pv-qspinlock", "the kernel's own PV qspinlock, out of its source", "#333333", "^", "-",
         stands_for="spinlock"),
    Lock("pv-qspinlock-tuned", "the same with a SPIN_THRESHOLD of 2^12", "#8C6D31", "v", "--",
         stands_for="spinlock-tuned"),
    Lock("pv-qspinlock-6.12", "PV qspinlock of 6.12", "#777777", "<", "-."),
    Lock("pv-qspinlock-tuned-6.12", "the same with a SPIN_THRESHOLD of 2^12", "#B99A5B", ">",
         "-."),
    Lock("qspinlock", "the kernel's native qspinlock, out of its source", "#CC79A7", "h", ":"),
    Lock("pthread-mutex", "glibc's mutex", "#E69F00", "*", ":"),
    Lock("busted", "no exclusion at all: a run of it must fail", "#CC79A7", "x", ":"),
)}


def lockbench_name(name):
    """What lockbench.ko calls a lock."""
    lock = KNOWN_LOCKS.get(name)
    return lock.lockbench if lock and lock.lockbench else name


def same_lock(one, other):
    """Are they the same lock, in different kernels or set differently?"""
    first, second = (KNOWN_LOCKS[name].stands_for or name if name in KNOWN_LOCKS else name
                     for name in (one, other))
    return lockbench_name(first) == lockbench_name(second)


def kernel_of(name, default):
    """The guest kernel that a lock is measured in."""
    lock = KNOWN_LOCKS.get(name)
    return lock.kernel if lock and lock.kernel else default


def named_for(kernel, names):
    """Names for locks where all guests run this kernel: its own lock is named after it."""
    if not has_kernel(kernel):
        return without_kernel(names)
    own = {lock.lockbench: lock.name for lock in KNOWN_LOCKS.values() if lock.kernel == kernel}
    renamed = [own.get(name, name) for name in names]
    return list(dict.fromkeys(renamed))


def without_kernel(names):
    """Names for locks where there is no kernel: those that stand for the kernel's."""
    there = {lock.stands_for: lock.name for lock in KNOWN_LOCKS.values() if lock.stands_for}
    return list(dict.fromkeys(there.get(name, name) for name in names))


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
