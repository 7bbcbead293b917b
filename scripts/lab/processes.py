# SPDX-License-Identifier: GPL-2.0
"""What runs on this machine, whose child it is, and how much CPU time it has used."""

import os
from pathlib import Path

# Clock ticks in a second; fields of /proc/PID/stat after the name, by their number there.
TICKS = os.sysconf("SC_CLK_TCK")
STATE, PARENT, SESSION, TIMES = 3, 4, 6, slice(14, 18)


def processes():
    """All that run, by their numbers: state, parent, session, and seconds of CPU time that they
    and their children that have ended have used.
    """
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text("utf-8", errors="replace")
        except OSError:
            continue
        fields = ["", ""] + text.rpartition(")")[2].split()
        fields.insert(0, "")
        found[int(path.parent.name)] = (fields[STATE], int(fields[PARENT]), int(fields[SESSION]),
                                        sum(map(int, fields[TIMES])) / TICKS)
    return found


def family(pid, found):
    """A process, its session, and all descendants."""
    members = {number for number, (_, _, session, _) in found.items() if session == pid}
    members.add(pid)
    while True:
        more = {number for number, (_, parent, _, _) in found.items() if parent in members}
        if more <= members:
            return members & set(found)
        members |= more
