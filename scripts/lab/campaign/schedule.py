# SPDX-License-Identifier: GPL-2.0
"""The order of runs: random, in rounds, the same for the same seed."""

import itertools
import random

from lab.report.results import latest_records
from lab.workload.cells import HOST, cell_id, in_groups

# A cell that failed this often is not run again in the same session.
FAILURES_PER_CELL = 2


def run_order(plan):
    """List of (cell, repeat): every round has each cell once, in random order.

    Rounds spread the repeats of a cell over the whole campaign, so that a drift
    of the machine meets all cells alike, and an interrupted campaign has complete
    rounds behind it. Cells of different hosts cannot be mixed in one boot of a host:
    a round has a block for each host, and every other round has the hosts in reverse,
    so that a steady drift of the machine meets all hosts alike, too.

    A plan with more guests than the lab holds goes by the axis plan["block"]: for each of
    its values, in random order, all rounds of the cells that have it.
    """
    shuffler = random.Random(plan["seed"])
    order = []
    if "block" in plan:
        return blocks_of_rounds(plan, shuffler)
    for repeat in range(plan["repeats"]):
        for host in hosts_of(plan)[::-1 if repeat % 2 else 1]:
            block = [(cell, repeat) for cell in plan["cells"] if cell.get(HOST) == host]
            shuffler.shuffle(block)
            order += block
    return order


def blocks_of_rounds(plan, shuffler):
    """run_order() of a plan with blocks; each host has all blocks."""
    order = []
    for host in hosts_of(plan):
        cells = [cell for cell in plan["cells"] if cell.get(HOST) == host]
        blocks_of_cells = list(in_groups(cells, lambda cell: cell[plan["block"]]).values())
        shuffler.shuffle(blocks_of_cells)
        for block, repeat in itertools.product(blocks_of_cells, range(plan["repeats"])):
            shuffler.shuffle(block)
            order += [(cell, repeat) for cell in block]
    return order


def hosts_of(plan):
    """The values of the host axis; None for the only host of a plan without one."""
    return plan["axes"].get(HOST, [None])


def blocks(plan, runs):
    """[(host, runs), ...]: in order, the runs that one boot of the host is for.

    If hosts are compared, every round boots each anew, so that what differs from one
    boot to the next shows in the spread of the repeats.
    """
    compared = len(hosts_of(plan)) > 1
    pieces = itertools.groupby(runs, lambda run: (run[0].get(HOST), compared and run[1]))
    return [(host, list(piece)) for (host, _), piece in pieces]


def pending_runs(plan, records):
    """What is left to do: run_order() without the runs that already succeeded."""
    done = {key for key, record in latest_records(records).items() if record["status"] == "ok"}
    return [(cell, repeat) for cell, repeat in run_order(plan)
            if (cell_id(cell), repeat) not in done]
