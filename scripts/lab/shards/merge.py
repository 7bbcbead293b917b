# SPDX-License-Identifier: GPL-2.0
"""The 'merge' command: the results of several jobs or machines as one campaign."""

import os
import sys

from lab.campaign.shard import SHARD
from lab.errors import LabError
from lab.report.command import write_reports
from lab.report.results import CAMPAIGN, SCHEMA_VERSION, ResultsDirectory
from lab.report.summary import summarize
from lab.report.text import render_text
from lab.shards import belonging
from lab.shards.belonging import MACHINE
from lab.workload.cells import cell_id


def notify(text):
    """Messages are apart from the tables."""
    print(text, file=sys.stderr)


def part_paths(path):
    """The results directories that a path stands for: itself, or those of the jobs below it."""
    if os.path.exists(os.path.join(path, CAMPAIGN)) or not os.path.isdir(path):
        return [path]
    below = [os.path.join(path, name) for name in os.listdir(path)]
    found = [each for each in below if os.path.exists(os.path.join(each, CAMPAIGN))]
    if not found:
        raise LabError(f"{path}: no results there, and none of jobs in it; give the directories of "
                       "the jobs")
    return found


def load_parts(paths):
    """The parts, in the order of jobs."""
    found = dict.fromkeys(os.path.realpath(part) for path in paths for part in part_paths(path))
    parts = [ResultsDirectory.load(path) for path in found]
    return sorted(parts, key=lambda part: (part.campaign["plan"].get(SHARD, {}).get("job", 0),
                                           part.path))


def check(parts, partial):
    """Refuse what does not belong together; {path: name of its machine}."""
    belonging.check_merged(parts)
    belonging.check_plans(parts)
    belonging.check_jobs(parts, partial)
    belonging.check_complete(parts, partial)
    belonging.check_sessions(parts)
    of_part = belonging.machines(parts)
    belonging.check_machines(parts, of_part)
    return of_part


def merged_plan(parts, of_part):
    """The plan of all, with the machine as one more axis that nothing is compared along."""
    plan = {key: value for key, value in parts[0].campaign["plan"].items() if key != SHARD}
    names = list(dict.fromkeys(of_part.values()))
    cells = [{**cell, MACHINE: of_part[part.path]} for part in parts
             for cell in part.campaign["plan"]["cells"]]
    return {**plan, "axes": {**plan["axes"], MACHINE: names},
            "facets": plan["facets"] + [MACHINE], "cells": cells}


def merged_campaign(parts, of_part):
    """What campaign.json says of all."""
    sessions = [{**session, MACHINE: of_part[part.path],
                 "job": part.campaign["plan"].get(SHARD, {}).get("job")}
                for part in parts for session in part.campaign["sessions"]]
    known = {of_part[part.path]: part.campaign["sessions"][-1]["manifest"] for part in parts}
    return {"schema_version": SCHEMA_VERSION, "plan": merged_plan(parts, of_part),
            "sessions": sessions,
            "machines": {name: {key: manifest.get(key) for key in
                                ("machine", "node", "settings", "load_before")}
                         for name, manifest in known.items()}}


def merged_run(part, record, machine, results):
    """A record as one of the whole; its log comes along."""
    cell = {**record["axes"], MACHINE: machine}
    record = {**record, "axes": cell, "cell": cell_id(cell)}
    if record.get("log"):
        name = f"{os.path.basename(part.path)}-{os.path.basename(record['log'])}"
        record["log"] = results.keep_log(part.file(record["log"]), name)
    return record


def write(path, parts, of_part):
    """Make the results directory; nothing is left of it if that fails."""
    results = ResultsDirectory.create(path, merged_campaign(parts, of_part))
    try:
        for part in parts:
            for record in part.runs:
                results.append_run(merged_run(part, record, of_part[part.path], results))
    except LabError:
        results.discard()
        raise
    return results


def add_arguments(parser):
    """Options of 'pvlab merge'."""
    parser.add_argument("parts", metavar="DIR", nargs="+",
                        help="results of a job or of a machine, or a directory of such, as 'pvlab "
                             "shard' makes it")
    parser.add_argument("--out", metavar="DIR", required=True,
                        help="new directory for the results of all")
    parser.add_argument("--partial", action="store_true",
                        help="join what there is, although jobs are missing or incomplete")


def main(args):
    """Run 'pvlab merge'; the exit code."""
    parts = load_parts(args.parts)
    if len(parts) < 2 and not args.partial:
        raise LabError(f"{args.parts[0]}: one part is nothing to join; give all of them")
    of_part = check(parts, args.partial)
    results = write(args.out, parts, of_part)
    document = summarize(results.campaign, results.runs)
    try:
        write_reports(args.out, document, notify)
    finally:
        results.close()
    print(render_text(document), flush=True)
    return 0
