# SPDX-License-Identifier: GPL-2.0
"""The 'shard' command: a campaign as jobs, for a batch system or for machines by hand."""

import copy
import os
import random
import shlex
from pathlib import Path

from lab.campaign import command as campaign
from lab.campaign.matrix import build_plan
from lab.campaign.options import asked_axes, asked_settings, number
from lab.campaign.shard import MOST_JOBS, cut
from lab.errors import LabError
from lab.machines.lab import LabOptions
from lab.report.results import write_atomically, write_error

JOB, ARRAY = "job", "array.sbatch"
# These mean something to a job, too.
ENVIRONMENT = ("PVLAB_BUILD", "KREL")
PVLAB = Path(__file__).resolve().parents[2] / "pvlab"

# What a job does: also when it is run again, after its node went away.
JOB_SCRIPT = """#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Job $1 of {jobs}, on any machine; 'pvlab merge' joins their results.
set -eu
{environment}cd {directory}
out={out}/job-$1
where=--out
[ ! -e "$out/campaign.json" ] || where=--resume
exec {pvlab} campaign{arguments} --shard "$1/{jobs}" "$where" "$out"
"""
ARRAY_SCRIPT = """#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# All jobs: sbatch {array}
#SBATCH --job-name=pvlab
#SBATCH --array=1-{jobs}
#SBATCH --exclusive
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output={out}/job-%a.log
exec sh {out}/{job} "$SLURM_ARRAY_TASK_ID"
"""
# Of this command only.
OWN_OPTIONS = ("--jobs", "--into")


def add_arguments(parser):
    """Options of 'pvlab shard': its own, and those of a campaign."""
    parser.add_argument("--jobs", metavar="N", type=number(1), required=True,
                        help="how many jobs")
    parser.add_argument("--into", metavar="DIR", required=True,
                        help="new directory for the jobs' scripts and results, which all machines "
                             "see, or that is copied to them and back")
    campaign.add_arguments(parser)


def without(arguments, names):
    """Command-line arguments but for some options and their values."""
    left, skip = [], False
    for word in arguments:
        if skip:
            skip = False
        elif word in names:
            skip = True
        elif word.partition("=")[0] not in names:
            left.append(word)
    return left


def check(args):
    """Refuse what no job could do, before any is written."""
    if args.jobs > MOST_JOBS:
        raise LabError(f"--jobs {args.jobs}: give at most {MOST_JOBS}")
    for option, value in (("--out", args.out), ("--resume", args.resume), ("--shard", args.shard)):
        if value:
            raise LabError(f"{option}: the jobs have that of their own; leave it out")
    if args.lab == "all":
        raise LabError("--lab all: each lab has a campaign of its own; shard one after the other")
    options = LabOptions.from_arguments(args)
    plan = build_plan(args.matrix or "quick", asked_axes(args), asked_settings(args), args.seed,
                      options.pcpus, options.guest_kernel)
    return [cut(plan, {"job": job, "of": args.jobs}) for job in range(1, args.jobs + 1)]


def scripts(args, arguments):
    """{name: text} of the files to be written."""
    out = os.path.abspath(args.into)
    names = {"out": shlex.quote(out), "jobs": args.jobs, "job": JOB,
             "directory": shlex.quote(os.getcwd()), "pvlab": shlex.quote(str(PVLAB)),
             "environment": "".join(f"export {name}={shlex.quote(os.environ[name])}\n"
                                    for name in ENVIRONMENT if os.environ.get(name)),
             "array": shlex.quote(os.path.join(out, ARRAY)),
             "arguments": "".join(f" {shlex.quote(word)}" for word in arguments)}
    return {JOB: JOB_SCRIPT.format(**names), ARRAY: ARRAY_SCRIPT.format(**names)}


def main(args):
    """Run 'pvlab shard'; the exit code."""
    args = copy.copy(args)
    arguments = without(args.arguments, OWN_OPTIONS)
    if args.seed is None:
        # All jobs have the same plan.
        args.seed = random.SystemRandom().randrange(1 << 32)
        arguments += ["--seed", str(args.seed)]
    jobs = check(args)
    try:
        os.makedirs(args.into)
    except FileExistsError as error:
        raise LabError(f"{args.into}: exists; choose another directory") from error
    except OSError as error:
        raise write_error(args.into, error) from error
    for name, text in scripts(args, arguments).items():
        write_atomically(os.path.join(args.into, name), text)
    for number_of, plan in enumerate(jobs, 1):
        print(f"job {number_of}: {len(plan['cells'])} cells, {plan['repeats']} repeats")
    print(f"with Slurm:  sbatch {shlex.quote(os.path.join(args.into, ARRAY))}\n"
          f"or by hand:  sh {shlex.quote(os.path.join(args.into, JOB))} 1    and so on\n"
          f"and then:    pvlab merge {shlex.quote(args.into)} --out DIR")
    return 0
