# SPDX-License-Identifier: GPL-2.0
"""The real agent, run by this machine's shell behind a socket, and agents that misbehave."""
# What is opened here outlives the function; a clean-up closes it.
# pylint: disable=consider-using-with

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts")
sys.path.insert(0, SCRIPTS)

AGENT = os.path.join(SCRIPTS, "lab", "guest", "initramfs", "agent")


class RealAgent:
    """The agent of the guests, started as in a guest but on a socket."""

    def __init__(self):
        self.line, end = socket.socketpair()
        self.rundir = tempfile.TemporaryDirectory(prefix="pvlab-test-")
        # The agent opens its line by name; busybox gives it the commands it has in a guest.
        self._process = subprocess.Popen(
            ["busybox", "sh", "-c", self._script(), "agent"], stdin=end, stdout=end,
            stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"})
        end.close()

    def _script(self):
        with open(AGENT, encoding="utf-8") as file:
            text = file.read()
        text = text.replace('exec 3<>"$1"', "exec 3<&0 3>&1")
        return text.replace("/run/", f"{self.rundir.name}/")

    def close(self):
        """End the agent."""
        self.line.close()
        self._process.kill()
        self._process.wait()
        self.rundir.cleanup()


class ScriptedAgent:
    """An agent that answers every request with what a function makes of it."""

    def __init__(self, answer):
        self.line, self._end = socket.socketpair()
        self._answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(ConnectionError), self._end, \
                self._end.makefile("rb") as requests:
            for request in requests:
                ident = request.split()[0].decode()
                answer = self._answer(ident)
                if answer is None:
                    return
                self._end.sendall(answer)
