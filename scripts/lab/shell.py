# SPDX-License-Identifier: GPL-2.0
"""pvlab shell: an interactive shell in the emulated host or in a guest."""

import contextlib
import os
import select
import sys
import termios
import tty

from lab.errors import GuestFailure, LabError
from lab.machines.base import MAX_VCPUS, MIN_GUEST_MB, GuestSpec, LabOptions, whole_number
from lab.machines.lab import add_arguments as add_lab_arguments
from lab.machines.lab import open_lab

ESCAPE = b"\x1d"  # Ctrl-]


def add_arguments(parser):
    """Add the options of the command."""
    parser.add_argument("--l2", action="store_true", help="in a guest instead of its host")
    parser.add_argument("--vcpus", type=whole_number(1, MAX_VCPUS), default=4,
                        metavar="N", help="of the guest (default: 4)")
    parser.add_argument("--mem", type=whole_number(MIN_GUEST_MB, 1 << 20), default=512,
                        metavar="MIB", help="MiB of the guest (default: 512)")
    add_lab_arguments(parser)


@contextlib.contextmanager
def raw_terminal():
    """Pass every key on, also Ctrl-C."""
    if not sys.stdin.isatty():
        yield
        return
    saved = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, saved)


def bridge(console, check):
    """Connect the terminal with a console until that ends or Ctrl-] is typed."""
    sources = [console, sys.stdin.fileno()]
    while True:
        ready = select.select(sources, [], [], 0.5)[0]
        if not ready and not check():
            return
        for source in ready:
            if source is console:
                data = console.recv(65536)
                if not data:
                    return
                os.write(sys.stdout.fileno(), data)
                continue
            data = os.read(source, 65536)
            if ESCAPE in data:
                return
            if not data:
                sources.remove(source)
            console.sendall(data)


def alive(what):
    """Whether a guest or a lab has not ended yet."""
    try:
        what.poll()
    except GuestFailure:
        return False
    return True


def main(options):
    """Run the command."""
    lab_options = LabOptions.from_arguments(options, interactive="l2" if options.l2 else "l1")
    with open_lab(lab_options, lambda line: print(f"pvlab: {line}", file=sys.stderr)) as lab:
        if options.l2:
            spec = GuestSpec("shell", options.vcpus, options.mem, interactive=True)
            where = lab.start_guests([spec])[0]
        elif not lab.has_l1:
            raise LabError("shell: guests run directly on this machine, there is no L1; "
                           "use --l2, or '--lab nested'")
        else:
            where = lab
        print("pvlab: 'exit' or Ctrl-] leaves and ends the lab", file=sys.stderr)
        with raw_terminal(), lab.open_console() as console:
            bridge(console, lambda: alive(where))
    return 0
