# SPDX-License-Identifier: GPL-2.0
"""pvlab setup: get what campaigns need, and build it."""

import os
import subprocess

from lab.errors import LabError
from lab.machines.base import PROJECT

STEPS = (
    ("scripts/setup", "campaign"),
    ("make", "-s", f"-j{os.cpu_count()}", "modules", "vmm", "process", "bare"),
)


def add_arguments(_parser):
    """It has no options."""


def main(_options):
    """Run the command."""
    for step in STEPS:
        status = subprocess.run(step, cwd=PROJECT, check=False).returncode
        if status:
            raise LabError(f"{' '.join(step)}: exit code {status}; its messages are above")
    print("pvlab: the lab is ready for 'pvlab campaign'")
    return 0
