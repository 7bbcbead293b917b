# SPDX-License-Identifier: GPL-2.0
"""The same campaign in all labs that this machine has, those with real CPUs first."""

import copy
import os
import sys
import time

from lab.campaign.command import EXIT_OK, RESULTS, Campaign, open_any_lab
from lab.errors import LabError
from lab.machines import lab as laboratory
from lab.report.command import load_series, write_series
from lab.report.results import link_latest, write_error
from lab.report.text import render_series

ALL = "all"


def notify(text):
    """Tell how it goes on."""
    print(text, file=sys.stderr, flush=True)


def labs_of(options):
    """The names of the labs, in order: guests on real CPUs, threads on them, emulated hosts."""
    without = laboratory.why_not_bare(options)
    bare = [] if without else ["bare"]
    if without:
        notify(f"there are no vCPUs without an operating system: {without}")
    reason = laboratory.why_not_direct(options)
    if not reason:
        return ["direct", *bare, "process"]
    notify(f"guests cannot run directly under KVM: {reason}; real CPUs are those of the labs "
           "without a guest kernel, guests those of the nested one")
    return ["process", *bare, "nested"]


def arguments_for(args, name, path):
    """The command line of the campaign in one of the labs."""
    args = copy.copy(args)
    args.lab, args.out = name, os.path.join(path, name)
    return args


def main(args):
    """Run the campaigns; the exit code is that of the first which does not end well."""
    if args.resume:
        raise LabError(f"--lab {ALL}: each lab has a campaign of its own; give the directory of "
                       "one of them to --resume, with its lab")
    if args.matrix not in (None, "quick", "full"):
        raise LabError(f"--matrix {args.matrix}: not all labs can measure it; name one with --lab")
    path = args.out or os.path.join(RESULTS, time.strftime("%Y-%m-%d-%H%M%S"))
    try:
        os.makedirs(path)
    except FileExistsError as error:
        raise LabError(f"{path}: results directory exists; choose another one") from error
    except OSError as error:
        raise write_error(path, error) from error
    probe = copy.copy(args)
    probe.lab = "auto"
    code = EXIT_OK
    for name in labs_of(laboratory.LabOptions.from_arguments(probe)):
        one = arguments_for(args, name, path)
        campaign = Campaign(one, laboratory.LabOptions.from_arguments(one), open_any_lab,
                            sys.stderr)
        campaign.prepare()
        code = campaign.run()
        if code != EXIT_OK:
            break
    documents = load_series(path)
    if documents:
        write_series(path, documents, notify)
        print(render_series(documents), flush=True)
        if not args.out:
            link_latest(path)
    return code
