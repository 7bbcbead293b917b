# SPDX-License-Identifier: GPL-2.0
"""The machine's end of the line to the agent in L1 or in a guest (see initramfs/agent)."""

import codecs
import re
import secrets
import select
import socket
import time

from lab.errors import LabError
from lab.guest import qemu

POLL_SECONDS = 0.5
MAX_OUTPUT = 64 << 20
READY = b"@pvlab ready\n"
# Written by initramfs/run-guest when the QEMU of a guest has ended.
EXIT = re.compile(rb"\n@pvlab exit (\d+)\n(.*)\n@pvlab gone\n", re.DOTALL)
# The agent ends a command that runs too long itself; this is how long it may take to say so.
GRACE_SECONDS = 40


class LineClosed(LabError):
    """The other end of an agent line has gone; the message says what it left behind."""


class LineReset(LineClosed):
    """The machine at the other end has reset, or powered off."""


class LineTimeout(LabError):
    """The agent did not answer in time."""


class MalformedAnswer(LabError):
    """The agent sent something that is not its protocol."""


def connect(path, timeout, check=None):
    """Connect to the unix socket at path, which QEMU may still have to create."""
    deadline = time.monotonic() + timeout
    while True:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.connect(str(path))
            return line
        except OSError as error:
            line.close()
            if check:
                check()
            if time.monotonic() > deadline:
                raise LineTimeout(f"{path}: QEMU did not open this socket within "
                                  f"{timeout} s: {error.strerror}") from error
            time.sleep(0.02)


def _decoding(on_output):
    """Return a function that passes bytes on as text, whole characters only."""
    if on_output is None:
        return lambda data: None
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return lambda data: on_output(decoder.decode(data))


def _length_of_beginning(data, marker):
    """How many bytes at the end of data may be the beginning of the marker."""
    return next(length for length in range(len(marker) - 1, -1, -1)
                if data.endswith(marker[:length]))


class AgentLine:
    """Runs commands through an agent, one at a time; an answer is never taken for another.

    The check function is called at least every half second while the line waits; it raises if
    the guest is known to be lost.
    """

    def __init__(self, line, check=None):
        self._line = line
        self._check = check or (lambda: None)
        self._buffer = b""

    def close(self):
        """Close the machine's end of the line."""
        self._line.close()

    def poll(self):
        """Raise if the other end is known to have gone."""
        self._receive(time.monotonic(), "")

    def wait_ready(self, timeout):
        """Wait until the agent has started."""
        deadline = time.monotonic() + timeout
        while READY not in self._buffer:
            self._receive(deadline, f"the agent did not start within {timeout:g} s")
        self._buffer = self._buffer.partition(READY)[2]

    def run(self, command, timeout, on_output=None):
        """Run a shell command; return (status, output, timed_out).

        on_output, if given, is called with each piece of output (text) as it arrives.
        """
        ident = secrets.token_hex(8)
        quoted = command.replace("\\", "\\\\").replace("\n", "\\n")
        deadline = time.monotonic() + timeout + GRACE_SECONDS
        late = f"no answer from the agent within {timeout + GRACE_SECONDS:g} s"
        self._send(f"{ident} {max(1, round(timeout))} {quoted}\n".encode(), deadline, late)
        self._skip_past(f"@pvlab begin {ident}\n".encode(), deadline, late)
        output = self._read_output(f"\n@pvlab end {ident} ".encode(), deadline, late, on_output)
        status, timed_out = self._read_status(deadline, late)
        return status, output.decode(errors="replace"), timed_out

    def _send(self, data, deadline, late):
        while data:
            self._check()
            if time.monotonic() > deadline:
                raise LineTimeout(late)
            if select.select([], [self._line], [], POLL_SECONDS)[1]:
                try:
                    data = data[self._line.send(data):]
                except OSError:
                    self._check_end()

    def _skip_past(self, marker, deadline, late):
        while marker not in self._buffer:
            self._buffer = self._buffer[-MAX_OUTPUT:]
            self._receive(deadline, late)
        self._buffer = self._buffer.partition(marker)[2]

    def _read_output(self, marker, deadline, late, on_output):
        pass_on = _decoding(on_output)
        passed = 0
        while marker not in self._buffer:
            if len(self._buffer) > MAX_OUTPUT:
                raise MalformedAnswer(f"the command printed more than {MAX_OUTPUT >> 20} MiB")
            self._receive(deadline, late)
            if marker not in self._buffer:
                safe = len(self._buffer) - _length_of_beginning(self._buffer, marker)
                pass_on(self._buffer[passed:safe])
                passed = safe
        output, _, self._buffer = self._buffer.partition(marker)
        pass_on(output[passed:])
        return output

    def _read_status(self, deadline, late):
        while b"\n" not in self._buffer:
            self._receive(deadline, late)
        line, _, self._buffer = self._buffer.partition(b"\n")
        match = re.fullmatch(rb"(\d+)( timeout)?", line)
        if not match:
            raise MalformedAnswer(f"the agent sent {line!r} where an exit status was expected")
        return int(match.group(1)), bool(match.group(2))

    def _receive(self, deadline, late):
        self._check()
        wait = deadline - time.monotonic()
        if late and wait < 0:
            raise LineTimeout(late)
        if not select.select([self._line], [], [], max(0, min(wait, POLL_SECONDS)))[0]:
            return
        try:
            data = self._line.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._check_end()
        self._buffer += data
        self._look_for_exit()

    def _check_end(self):
        """The line is closed. Give QEMU the time to be seen as gone, which tells more."""
        for _ in range(20):
            self._check()
            time.sleep(0.1)
        raise LineClosed("QEMU closed the agent's line")

    def _look_for_exit(self):
        match = EXIT.search(self._buffer)
        if match:
            said = match.group(2).decode(errors="replace")
            end = qemu.describe_end(int(match.group(1)), said)
            raise (LineReset if end.reset else LineClosed)(f"its QEMU {end}")
