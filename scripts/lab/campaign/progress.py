# SPDX-License-Identifier: GPL-2.0
"""Live progress: one line that is rewritten on a terminal, plain lines elsewhere."""

import shutil
import time


def clock_text(seconds):
    """Minutes and seconds: 83 -> '1:23'."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Progress:
    """Tells what a campaign does, on a text stream."""

    def __init__(self, stream, now=time.monotonic):
        self.stream = stream
        self.terminal = stream.isatty()
        self.now = now
        self.total = 0
        self.done = 0
        self.started = 0.0
        self.guess = 0.0
        self.line_open = False

    def __call__(self, text):
        """A message that stays."""
        if self.line_open:
            self.stream.write("\r\x1b[K")
            self.line_open = False
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def start(self, total, seconds_each):
        """Count total steps from now on; the first ETA is a guess."""
        self.total, self.done = total, 0
        self.started, self.guess = self.now(), seconds_each

    def remaining(self):
        """Seconds until the end, from the mean of the steps so far."""
        each = (self.now() - self.started) / self.done if self.done else self.guess
        return each * (self.total - self.done)

    def step(self, text):
        """A step begins."""
        line = (f"[{self.done + 1:{len(str(self.total))}}/{self.total}] {text}"
                f"  ETA {clock_text(self.remaining())}")
        if self.terminal:
            width = shutil.get_terminal_size().columns
            self.stream.write(f"\r{line[:width - 1]}\x1b[K")
            self.stream.flush()
            self.line_open = True
        else:
            self(line)

    def step_done(self):
        """The step that began last is over."""
        self.done += 1

    def close(self):
        """Leave the terminal with a clean line."""
        if self.line_open:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self.line_open = False
