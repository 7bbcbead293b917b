# SPDX-License-Identifier: GPL-2.0
"""Serial console logs, and the signs of trouble in them."""

import re
import threading

# In the order of their gravity within one line: the first that matches names the failure.
SIGNS = (
    ("kernel panic", re.compile(r"Kernel panic - not syncing: (.*)"), True),
    ("soft lockup", re.compile(r"BUG: soft lockup - (.*)"), True),
    ("hard lockup", re.compile(r"(?:NMI watchdog: Watchdog detected hard LOCKUP|"
                               r"watchdog: CPU\d+: Watchdog detected hard LOCKUP)(.*)"), True),
    ("RCU stall", re.compile(r"rcu: INFO: (rcu_\w+ .*detected.* stall.*)"), True),
    ("RCU stall", re.compile(r"(rcu_\w+ kthread (?:starved|timer wakeup).*)"), True),
    ("oops", re.compile(r"(?:\bOops: |general protection fault, )(.*)"), True),
    ("kernel BUG", re.compile(r"(?:kernel BUG at |\bBUG: )(.*)"), True),
    ("hung task", re.compile(r"INFO: task (.* blocked for more than .*)"), False),
    ("WARNING", re.compile(r"\bWARNING: (.*)"), False),
)


def find_sign(line):
    """Return (description, fatal) for a line that tells of trouble, None for any other."""
    for name, pattern, fatal in SIGNS:
        match = pattern.search(line)
        if match:
            return f"{name}: {match.group(1).strip()}", fatal
    return None


class LogWatch:
    """Reads a growing log file and remembers the first sign of trouble in it."""

    def __init__(self, path):
        self.path = path
        self._offset = 0
        self._first = None
        self._first_fatal = None

    def failure(self):
        """The first sign of trouble, or None. Warnings and hung tasks count."""
        self._read()
        return self._first_fatal or self._first

    def fatal(self):
        """The first sign that the kernel can no longer be trusted, or None."""
        self._read()
        return self._first_fatal

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
            self._judge(line)

    def _judge(self, line):
        sign = find_sign(line)
        if not sign:
            return
        description, fatal = sign
        self._first = self._first or description
        if fatal:
            self._first_fatal = self._first_fatal or description


class ConsoleRecorder(threading.Thread):
    """Writes what arrives on a console socket into the log file of the current guest."""

    def __init__(self, socket):
        super().__init__(daemon=True)
        self._socket = socket
        self._lock = threading.Lock()
        self._file = None

    def record_to(self, path):
        """Write everything from now on into a new file at path; None: discard it."""
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
