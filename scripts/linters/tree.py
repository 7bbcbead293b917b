# SPDX-License-Identifier: GPL-2.0
"""The sources to check, and how checks run their tools."""
import os
import shutil
import signal
import subprocess

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Of CPU time, for each process of a tool: how long it takes is up to what else runs.
TOOL_CPU_S = 1200
NOT_SOURCES = {".git", "build", "results", "__pycache__"}


class LintError(Exception):
    """A tool that is missing or does not work: says what and what to do."""


class Tree:
    """A directory of sources, and a scratch directory for the checks."""

    def __init__(self, top, work, paths=None):
        self.top = top
        self.work = work
        self.paths = sorted(paths if paths is not None else find_sources(top))

    def path(self, relative):
        """The full path of a source."""
        return os.path.join(self.top, relative)

    def ending(self, *endings):
        """The sources whose names end in one of the endings."""
        return [path for path in self.paths if path.endswith(endings)]

    def interpreted_by(self, *interpreters):
        """The scripts whose first line names one of the interpreters."""
        return [path for path in self.paths
                if _interpreter(self.path(path)) in interpreters]


def find_sources(top):
    """All files below top that git knows or would add; without git, all."""
    if os.path.exists(os.path.join(top, ".git")):
        _, output = run(["git", "ls-files", "--cached", "--others",
                         "--exclude-standard"], top)
        return [path for path in output.splitlines()
                if os.path.isfile(os.path.join(top, path))]
    found = []
    for directory, subdirectories, names in os.walk(top):
        subdirectories[:] = set(subdirectories) - NOT_SOURCES
        found += [os.path.relpath(os.path.join(directory, name), top)
                  for name in names]
    return found


def _interpreter(path):
    with open(path, "rb") as source:
        first = source.readline(100).decode(errors="replace").split()
    if not first or not first[0].startswith("#!"):
        return None
    program = os.path.basename(first[0][2:])
    if program == "env" and len(first) > 1:
        program = first[1]
    return program


def run(command, directory, package=None):
    """Run a tool; return its exit code and its output, errors included."""
    if not shutil.which(command[0], path=os.environ["PATH"]):
        raise LintError(f"{command[0]}: not found; install the package "
                        f"{package or command[0]}")
    done = subprocess.run(["prlimit", f"--cpu={TOOL_CPU_S}", "--", *command], cwd=directory,
                          text=True, check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise LintError(f"{command[0]}: not finished after {TOOL_CPU_S} s of CPU time; "
                        "run it by hand: " + " ".join(command))
    return done.returncode, done.stdout


def findings(command, directory, package=None):
    """The output lines of a tool that prints findings and nothing else."""
    code, output = run(command, directory, package)
    lines = [line for line in output.splitlines() if line.strip()]
    if code and not lines:
        lines = [f"{command[0]}: exit code {code} without a finding"]
    return lines
