# SPDX-License-Identifier: GPL-2.0
"""A campaign in several jobs: which cells each of them measures."""

import argparse

from lab.errors import LabError
from lab.workload.cells import CONTROL, facet, in_groups

# In a plan: {"job": 2, "of": 5}.
SHARD = "shard"
MOST_JOBS = 1000


def shard_text(shard):
    """How a shard is named: '2/5'."""
    return f"{shard['job']}/{shard['of']}"


def parse_shard(text):
    """An argparse type: I/N."""
    job, slash, jobs = text.partition("/")
    if not slash or not job.isdecimal() or not jobs.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form I/N, for example 2/5")
    if not 1 <= int(job) <= int(jobs) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"{text}: the job is from 1 to the number of jobs, and "
                                         f"that is at most {MOST_JOBS}")
    return {"job": int(job), "of": int(jobs)}


def compared_cells(plan):
    """Lists of cells that are compared with each other, and so have to be measured by one job."""
    compared = {plan["series"], CONTROL, plan.get("also_compared", {}).get("axis")}
    return list(in_groups(plan["cells"], lambda cell: tuple(
        (axis, cell[axis]) for axis in sorted(cell) if axis not in compared)).values())


def units(plan, jobs):
    """What is dealt to the jobs: whole tables, or if these are too few, what is compared."""
    compared = compared_cells(plan)
    host = plan.get("also_compared", {}).get("axis")
    tables = in_groups(compared, lambda cells: tuple(
        item for item in facet(plan, cells[0]) if item[0] != host))
    if len(tables) >= jobs:
        return [sum(members, []) for members in tables.values()]
    if len(compared) < jobs:
        raise LabError(f"{jobs} jobs: this campaign has {len(compared)} places whose cells are "
                       "compared with each other, and a job measures all cells of a place; give "
                       f"at most {len(compared)}")
    return compared


def cut(plan, shard):
    """The part of a plan that a job measures; jobs get about as many cells each."""
    jobs = [[] for _ in range(shard["of"])]
    for cells in sorted(units(plan, shard["of"]), key=len, reverse=True):
        min(jobs, key=len).extend(cells)
    mine = jobs[shard["job"] - 1]
    return {**plan, SHARD: shard, "cells": [cell for cell in plan["cells"] if cell in mine]}
