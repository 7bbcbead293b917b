# SPDX-License-Identifier: GPL-2.0
"""What the simulator says of systems that no lab has; drawn by 'make curves' there."""

from pathlib import Path

CURVES = Path(__file__).resolve().parents[3] / "Documentation" / "simulator"
FIGURES = (
    ("throughput.svg", "Throughput against overcommit, simulated",
     "Operations per second, logarithmic; one row for each hold time, one column for each number "
     "of vCPUs."),
    ("wait.svg", "Waiting time against overcommit, simulated",
     "99.9th percentile of the time from asking for the lock to getting it, logarithmic."),
    ("fairness.svg", "Fairness against overcommit, simulated",
     "Jain's index over the vCPUs' operations."),
)
NOTICE = ("Not measured in this campaign: the lock core, compiled without a change, and models of "
          "the other locks, on simulated hosts with the costs of hardware. What the model covers, "
          "and how far to trust it, is in Documentation/simulator.rst.")


def simulator_figures(directory=CURVES):
    """[(title, caption, SVG text), ...] of the curves that are there."""
    return [(title, caption, (directory / name).read_text(encoding="utf-8"))
            for name, title, caption in FIGURES if (directory / name).exists()]
