# SPDX-License-Identifier: GPL-2.0
"""Signals that end a program, as exceptions for as long as it has something to undo."""

import contextlib
import signal


@contextlib.contextmanager
def handled(handler, *numbers):
    """Let a function handle signals; afterwards, whatever did so before does again."""
    old = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, before in old.items():
            signal.signal(number, before)
