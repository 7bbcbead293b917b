# SPDX-License-Identifier: GPL-2.0
"""Options of the 'campaign' command, checked as far as one can without a lab."""

import argparse

from lab.campaign.matrix import MATRICES, SETTINGS
from lab.campaign.shard import parse_shard
from lab.machines.base import HOSTS
from lab.workload.cells import HOST, XEN_HOST
from lab.workload.preemption import PREEMPT_MS
from lab.workload.programs import PROGRAM, PROGRAMS


def numbers(convert, minimum, what):
    """An argparse type: a comma-separated list of numbers not below a minimum."""
    def parse(text):
        values = []
        for item in text.split(","):
            try:
                value = convert(item)
            except ValueError:
                raise argparse.ArgumentTypeError(f"'{item}' is not {what}") from None
            if not minimum <= value < float("inf"):
                raise argparse.ArgumentTypeError(f"{item}: must be {what} of at least {minimum}")
            values.append(int(value) if value == int(value) else value)
        if len(set(values)) < len(values):
            raise argparse.ArgumentTypeError(f"'{text}' names a value twice")
        return values
    return parse


def number(minimum):
    """An argparse type: one whole number not below a minimum."""
    def parse(text):
        values = numbers(int, minimum, "a whole number")(text)
        if len(values) > 1:
            raise argparse.ArgumentTypeError(f"'{text}': one number is expected")
        return values[0]
    return parse


def hosts(text):
    """An argparse type: a comma-separated list of kinds of hosts."""
    names = text.split(",")
    for name in names:
        if name not in HOSTS + (XEN_HOST,):
            raise argparse.ArgumentTypeError(f"'{name}' is not one of {', '.join(HOSTS)}, "
                                             f"{XEN_HOST}")
    if len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(f"'{text}' names a host twice")
    return names


def programs(text):
    """An argparse type: a comma-separated list of programs."""
    names = text.split(",")
    for name in names:
        if name not in PROGRAMS:
            raise argparse.ArgumentTypeError(f"'{name}' is not one of {', '.join(PROGRAMS)}")
    if len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(f"'{text}' names a program twice")
    return names


def add_arguments(parser):
    """Options of 'pvlab campaign'."""
    parser.add_argument("--matrix", metavar="NAME",
                        help="what to measure (default: quick): " + "; ".join(
                            f"{name}: {matrix['description']}"
                            for name, matrix in MATRICES.items()))
    parser.add_argument("--locks", metavar="NAME,...", type=lambda text: text.split(","),
                        help="locks to compare; spinlock is the baseline if it is among them")
    parser.add_argument("--host", dest="hosts", metavar="KIND,...", type=hosts,
                        help="KVM modules of the emulated host: stock, patched or both; stock is "
                             "the baseline if it is among them (default: stock); xen: a Xen in "
                             "its place")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--overcommit", metavar="X,...",
                      type=numbers(float, 0.01, "a factor"),
                      help="vCPUs per physical CPU, e.g. 1,1.5,2")
    size.add_argument("--vcpus", metavar="N,...", type=numbers(int, 1, "a whole number"),
                      help="vCPUs of the guests, instead of --overcommit")
    for option, minimum, text in (("--hold-ns", 0, "time the lock is held, ns"),
                                  ("--think-ns", 0, "time between two acquisitions, ns")):
        parser.add_argument(option, metavar="NS,...", help=text,
                            type=numbers(int, minimum, "a whole number"))
    parser.add_argument("--programs", metavar="NAME,...", type=programs,
                        help="programs to measure with (matrix workloads; default: all)")
    parser.add_argument("--preempt-ms", metavar="MS,...", type=numbers(float, 0, "a time"),
                        help="how long holders and waiters are preempted on command (matrix lhp)")
    for option, minimum, text in (("--repeats", 1, "runs of each cell"),
                                  ("--duration-ms", 10, "measured part of a run"),
                                  ("--warmup-ms", 0, "unmeasured start of a run"),
                                  ("--switches", 0, "how often guests take the kernel's locks over "
                                   "or give them back, under load, before they are measured "
                                   "(matrix workloads)"),
                                  ("--seed", 0, "seed of the order of runs (default: random)")):
        parser.add_argument(option, metavar="N", type=number(minimum), help=text)
    parser.add_argument("--wait-quiet", dest="wait_quiet", metavar="SECONDS", type=number(0),
                        help="wait for up to that long, in all, while other work keeps the machine "
                             "busy (default: 0, only say so)")
    parser.add_argument("--timeout", dest="timeout_s", metavar="SECONDS", type=number(1),
                        help="bound on one run; a run that exceeds it fails its cell")
    parser.add_argument("--shard", metavar="I/N", type=parse_shard,
                        help="measure only the I-th of N parts, see 'pvlab shard'")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--out", metavar="DIR",
                       help="new directory for the results (default: results/<time>)")
    where.add_argument("--resume", metavar="DIR", help="continue the campaign in this directory")


def asked_axes(args):
    """The axes given on the command line; None where the matrix decides."""
    return {"lock": args.locks, "overcommit": args.overcommit, "vcpus": args.vcpus,
            "hold_ns": args.hold_ns, "think_ns": args.think_ns, HOST: args.hosts,
            PREEMPT_MS: args.preempt_ms, PROGRAM: args.programs}


def asked_settings(args):
    """The settings given on the command line; None where the matrix decides."""
    return {name: getattr(args, name) for name in SETTINGS}
