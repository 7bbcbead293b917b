# SPDX-License-Identifier: GPL-2.0
"""Serial console logs, and the signs of trouble in them."""

import re
import threading
import time

# How bad it is: the kernel goes on; it makes no progress, perhaps only for a while; it is lost.
WARNS, HANGS, DIES = range(3)

# The first that matches a line names the failure.
SIGNS = (
    ("kernel panic", DIES, re.compile(r"Kernel panic - not syncing: (.*)")),
    ("soft lockup", HANGS, re.compile(r"BUG: soft lockup - (.*)")),
    ("hard lockup", HANGS, re.compile(r"Watchdog detected hard LOCKUP (.*)")),
    ("RCU stall", HANGS, re.compile(r"rcu: INFO: (rcu_\w+ .*detected.* stall.*)")),
    ("RCU stall", HANGS, re.compile(r"rcu: (rcu_\w+ kthread (?:starved|timer wakeup).*)")),
    ("KASAN", DIES, re.compile(r"BUG: KASAN: (.*)")),
    ("KCSAN", WARNS, re.compile(r"BUG: KCSAN: (.*)")),
    ("oops", DIES, re.compile(r"(?:\bOops: |general protection fault, )(.*)")),
    ("kernel BUG", DIES, re.compile(r"(?:kernel BUG at |\bBUG: )(.*)")),
    ("hung task", WARNS, re.compile(r"INFO: task (.* blocked for more than .*)")),
    ("lockdep", WARNS, re.compile(r"INFO: (trying to register non-static key.*)")),
    ("WARNING", WARNS, re.compile(r"\bWARNING: (.*)")),
)

# What stock kernels say of themselves. ACPI's interrupt cannot wake dom0 up; the kernel ignores
# that when it suspends to idle, and when it resumes, is told that it ends what has not begun.
NO_SIGN = re.compile(r"WARNING: .* irq_set_irq_wake\+")

# A frame in one of the modules.
OURS = re.compile(r"\+0x\w+/0x\w+ \[(pvticketlock|lockbench)")
# Seconds without another line, and at most, until a kernel has told all of a failure.
QUIET_S, PATIENCE_S = 1, 10
EXCERPT_LINES = 60


def find_sign(line):
    """Return (description, gravity) for a line that tells of trouble, None for any other."""
    if NO_SIGN.search(line):
        return None
    for name, gravity, pattern in SIGNS:
        match = pattern.search(line)
        if match:
            return f"{name}: {match.group(1).strip()}", gravity
    return None


def excerpt(path):
    """The lines of a log from its first sign of trouble on, as many as one can read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            lines = log.read().splitlines()
    except OSError:
        return []
    for number, line in enumerate(lines):
        if find_sign(line):
            return lines[number:number + EXCERPT_LINES]
    return []


class LogWatch:
    """Reads a growing log file and remembers the first sign of trouble of each gravity.

    Any number of threads may ask.
    """

    def __init__(self, path):
        self.path = path
        self._offset = 0
        self._first = {}
        self._lock = threading.Lock()

    def failure(self):
        """The worst sign of trouble, or None."""
        return self.sign(WARNS)

    def sign(self, gravity):
        """The first of the worst signs of trouble of at least this gravity, or None."""
        with self._lock:
            self._read()
            worst = max(self._first, default=-1)
            return self._first[worst] if worst >= gravity else None

    def settle(self):
        """Wait until nothing more arrives: backtraces follow a sign."""
        end = time.monotonic() + PATIENCE_S
        before = -1
        while before != self._offset and time.monotonic() < end:
            before = self._offset
            time.sleep(QUIET_S)
            self.failure()

    def blames_us(self):
        """Whether what follows the first sign of trouble has a frame of the modules."""
        return any(OURS.search(line) for line in excerpt(self.path))

    def _read(self):
        try:
            with open(self.path, "rb") as log:
                log.seek(self._offset)
                data = log.read()
        except FileNotFoundError:
            return
        end = data.rfind(b"\n") + 1
        self._offset += end
        for line in data[:end].decode(errors="replace").splitlines():
            sign = find_sign(line)
            if sign:
                self._first.setdefault(sign[1], sign[0])


class ConsoleRecorder(threading.Thread):
    """Writes what arrives on a console socket into the log file of the current guest."""

    def __init__(self, socket):
        super().__init__(daemon=True)
        self._socket = socket
        self._lock = threading.Lock()
        self._file = None

    def record_to(self, path):
        """Write everything from now on into a new file at path; None: discard it."""
        # pylint: disable-next=consider-using-with # closed when the next log begins
        log = open(path, "wb", buffering=0) if path else None
        with self._lock:
            if self._file:
                self._file.close()
            self._file = log

    def run(self):
        while True:
            try:
                data = self._socket.recv(65536)
            except OSError:
                data = b""
            if not data:
                self.record_to(None)
                return
            with self._lock:
                if self._file:
                    self._file.write(data)
