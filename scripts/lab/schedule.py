# SPDX-License-Identifier: GPL-2.0
"""The order of runs: random, in rounds, the same for the same seed."""

import random

from lab.cells import cell_id

# A cell that failed this often is not run again in the same session.
FAILURES_PER_CELL = 2


def run_order(plan):
    """List of (cell, repeat): every round has each cell once, in random order.

    Rounds spread the repeats of a cell over the whole campaign, so that a drift
    of the machine meets all cells alike, and an interrupted campaign has complete
    rounds behind it.
    """
    shuffler = random.Random(plan["seed"])
    order = []
    for repeat in range(plan["repeats"]):
        this_round = [(cell, repeat) for cell in plan["cells"]]
        shuffler.shuffle(this_round)
        order += this_round
    return order


def latest_records(records):
    """The last record of each (cell, repeat); a resumed campaign retries failed ones."""
    return {(record["cell"], record["repeat"]): record for record in records}


def pending_runs(plan, records):
    """What is left to do: run_order() without the runs that already succeeded."""
    done = {key for key, record in latest_records(records).items() if record["status"] == "ok"}
    return [(cell, repeat) for cell, repeat in run_order(plan)
            if (cell_id(cell), repeat) not in done]
