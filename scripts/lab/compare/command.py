# SPDX-License-Identifier: GPL-2.0
"""The 'compare' command: what has changed from one campaign to another."""

import argparse
import sys
from typing import NamedTuple

from lab.compare import gate
from lab.compare.belonging import check_belonging, differences, load
from lab.compare.formats import FORMATS
from lab.compare.pairs import compare_all, means, shared_cells
from lab.errors import LabError
from lab.workload.metrics import METRICS

EXIT_OK, EXIT_WORSE = 0, 1


class Comparison(NamedTuple):
    """Two campaigns side by side."""

    names: tuple
    documents: tuple
    metrics: list
    only: tuple         # ids of cells that only one of them has
    differences: list
    pairs: list
    means: list

    @property
    def before(self):
        """The first document."""
        return self.documents[0]


def compared(names, metrics):
    """Load two campaigns and compare them."""
    documents = tuple(load(name) for name in names)
    check_belonging(*documents, names)
    both, *only = shared_cells(*documents, names)
    pairs = compare_all(metrics, both, documents)
    if not pairs:
        raise LabError(f"{names[0]} and {names[1]}: no repeat of either has "
                       f"{' or '.join(metrics)}; see 'pvlab report' for what they have")
    return Comparison(names, documents, metrics, tuple(only), differences(*documents), pairs,
                      means(documents[0]["plan"], pairs))


def judge(comparison, percent):
    """Tell what is worse by more than so many percent; the exit code."""
    gate.check_complete(comparison.pairs, comparison.only[0], percent, comparison.names)
    noisy = gate.unseen(comparison.pairs, percent)
    if noisy:
        print(f"{noisy} of {len(comparison.pairs)} figures have a noise floor above {percent:g} "
              "%, so that a change as small is not seen; measure on a quiet machine",
              file=sys.stderr)
    found = gate.worse(comparison.pairs, comparison.means, percent)
    for line in found:
        print(f"worse by more than {percent:g} %: {line}", file=sys.stderr)
    if not found:
        print(f"nothing is worse by more than {percent:g} %", file=sys.stderr)
    return EXIT_WORSE if found else EXIT_OK


def metric_names(text):
    """An argparse type: a comma-separated list of metrics that can be better or worse."""
    known = [name for name, metric in METRICS.items() if metric.better]
    names = text.split(",")
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(f"'{name}' is not one of {', '.join(known)}")
    return list(dict.fromkeys(names))


def percentage(text):
    """An argparse type: percent, from 0 to below 100."""
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of percent") from None
    if not 0 <= value < 100:
        raise argparse.ArgumentTypeError(f"{text}: must be at least 0 and below 100")
    return value


def add_arguments(parser):
    """Options of 'pvlab compare'."""
    parser.add_argument("before", metavar="A",
                        help="results directory, or results.json, to compare with")
    parser.add_argument("after", metavar="B", help="the other one")
    parser.add_argument("--metric", metavar="NAME,...", type=metric_names, default=["ops_per_s"],
                        help="what to compare, named as in results.json (ops_per_s)")
    parser.add_argument("--format", choices=sorted(FORMATS), default="text",
                        help="text, csv, or what Go's benchstat reads (text)")
    parser.add_argument("--fail-worse", metavar="PERCENT", type=percentage,
                        help="exit with 1 if something is significantly worse in B, by more than "
                             "this; with 2 if that cannot be judged")


def main(args):
    """Run 'pvlab compare'; the exit code."""
    comparison = compared((args.before, args.after), args.metric)
    print(FORMATS[args.format](comparison), end="", flush=True)
    return EXIT_OK if args.fail_worse is None else judge(comparison, args.fail_worse)
