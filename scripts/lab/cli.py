# SPDX-License-Identifier: GPL-2.0
"""The command line of pvlab.

Every command is a module with add_arguments(parser) and main(options), which returns the exit
code: 0 if all is well, 1 if what was measured or tested is not. Errors exit with 2.
"""

import argparse
import importlib
import signal
import subprocess
import sys
from pathlib import Path

from lab.errors import LabError
from lab.signals import handled

COMMANDS = (
    ("setup", "get what campaigns need, and build it", "lab.setup"),
    ("doctor", "say what this machine can do, and why", "lab.doctor"),
    ("shell", "an interactive shell in the emulated host or in a guest", "lab.shell"),
    ("campaign", "measure locks in overcommitted guests, and report", "lab.campaign.command"),
    ("measure-costs", "measure what memory, futexes and the scheduler cost here", "lab.costs"),
    ("report", "show the results of a campaign again", "lab.report.command"),
    ("compare", "compare two campaigns", "lab.compare.command"),
    ("shard", "split a campaign into jobs for several machines", "lab.shards.split"),
    ("merge", "join the results of jobs, or of machines", "lab.shards.merge"),
    ("test", "run the kselftests in a guest", "lab.testing.kselftest"),
)
VERSION_SCRIPT = Path(__file__).resolve().parents[1] / "version"
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143


class Version(argparse.Action):
    """The option that prints the version."""

    def __init__(self, **options):
        super().__init__(nargs=0, **options)

    def __call__(self, parser, *_):
        sys.exit(subprocess.run([VERSION_SCRIPT], check=False).returncode)


def make_parser(modules):
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(prog="pvlab", description="Boot KVM hosts and guests, test "
                                     "paravirtual locks and measure them.")
    parser.add_argument("--version", action=Version, help="show the version and exit")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, summary, _ in COMMANDS:
        command = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        command.set_defaults(module=modules[name])
        modules[name].add_arguments(command)
    return parser


def terminate(*_):
    """SIGTERM and SIGHUP unwind like an exception, so that nothing is left behind."""
    sys.exit(EXIT_TERMINATED)


def run(arguments):
    """Run a command that may raise; return the exit code."""
    modules = {name: importlib.import_module(module) for name, _, module in COMMANDS}
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = make_parser(modules).parse_args(arguments)
    # Those of the command, as they were given.
    options.arguments = arguments[1:]
    return options.module.main(options)


def main(arguments=None):
    """Run a command; return the exit code."""
    try:
        with handled(terminate, signal.SIGTERM, signal.SIGHUP):
            return run(arguments)
    except LabError as error:
        print(f"pvlab: error: {error}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("pvlab: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
