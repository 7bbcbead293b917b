# SPDX-License-Identifier: GPL-2.0
"""Errors that are reported to the user."""


class LabError(Exception):
    """Something the user has to know: the message names the thing, the cause and the remedy."""


class GuestFailure(LabError):
    """A guest panicked, locked up, died or did not answer in time.

    The lab itself is still usable: the guest can be stopped and another one started.
    """

    def __init__(self, reason, log_path):
        super().__init__(f"{reason} (serial log: {log_path})")
        self.reason = reason
        self.log_path = log_path


class CommandTimeout(GuestFailure):
    """A command ran too long and was killed; the guest still answers."""


class GuestReset(GuestFailure):
    """QEMU ended by itself and without a word in the log: the machine reset or powered off.

    Emulated SVM does that now and then, whatever runs in it.
    """


class GuestStall(GuestFailure):
    """The kernel says that something makes no progress, and it is not waiting for a lock of ours.

    Emulated CPUs stop now and then, whatever runs on them.
    """


class HostLost(GuestFailure):
    """L1 is lost, and all guests with it; the next guest to be started gets a new one."""


class HostReset(HostLost, GuestReset):
    """L1 is lost because the emulated machine reset."""
