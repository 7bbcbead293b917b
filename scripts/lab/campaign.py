# SPDX-License-Identifier: GPL-2.0
"""The 'campaign' command: measure a matrix of cells in the lab and report."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

from lab.campaign_options import add_arguments, asked_axes, asked_settings
from lab.errors import LabError
from lab.locks import check_lock_names
from lab.matrix import build_plan, choose_matrix
from lab.progress import Progress
from lab.report import write_reports
from lab.report_text import render_text
from lab.results import SCHEMA_VERSION, ResultsDirectory, link_latest
from lab.resume import check_identity, resumed_plan
from lab.runner import Runner, now_text
from lab.schedule import pending_runs
from lab.summary import summarize

__all__ = ["add_arguments", "main"]

EXIT_OK, EXIT_FAILED, EXIT_ERROR, EXIT_INTERRUPTED = 0, 1, 2, 130

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def git_revision():
    """The revision of this project, or None outside a git checkout."""
    try:
        done = subprocess.run(
            ["git", "-C", PROJECT, "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


@contextlib.contextmanager
def signals_interrupt():
    """Let SIGTERM and SIGHUP end a campaign as Ctrl-C does."""
    def interrupt(_signal, _frame):
        raise KeyboardInterrupt
    old = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


class Campaign:
    """One invocation: a results directory, one session in the lab, the reports."""

    def __init__(self, args, open_lab, stream):
        self.args = args
        self.open_lab = open_lab
        self.progress = Progress(stream)
        self.begin = time.monotonic()
        self.results = None
        self.session = None

    def prepare(self):
        """Check everything that can be checked without a lab; open the directory."""
        choose_matrix(self.args.matrix or "quick")
        if self.args.locks is not None:
            check_lock_names(self.args.locks)
        if self.args.resume:
            self.results = ResultsDirectory.resume(self.args.resume)
            self.check_resumable()
            return
        path = self.args.out or os.path.join(PROJECT, "results", time.strftime("%Y-%m-%d-%H%M%S"))
        self.results = ResultsDirectory.create(
            path, {"schema_version": SCHEMA_VERSION, "plan": None, "sessions": []})

    def check_resumable(self):
        """Refuse options that differ from the campaign to continue."""
        old = self.results.campaign["plan"]
        try:
            resumed_plan(self.args, old, old["pcpus"])
        except LabError:
            self.results.close()
            raise

    def plan_for(self, pcpus):
        """The plan, now that the number of physical CPUs is known."""
        old = self.results.campaign["plan"]
        if old:
            return resumed_plan(self.args, old, pcpus)
        seed = self.args.seed
        if seed is None:
            seed = random.SystemRandom().randrange(1 << 32)
        return build_plan(self.args.matrix or "quick", asked_axes(self.args),
                          asked_settings(self.args), seed, pcpus)

    def measure(self):
        """Boot, check that this is still the same campaign, and run what is left."""
        old = self.results.campaign
        if old["plan"] and not pending_runs(old["plan"], self.results.runs):
            self.progress("every run of this campaign has succeeded; only reporting")
            return
        with self.open_lab(self.args, self.progress) as lab:
            plan = self.plan_for(lab.pcpus)
            self.progress(f"{lab.label}; seed {plan['seed']}; results in {self.results.path}")
            runner = Runner(lab, plan, self.results, self.progress)
            self.session = self.describe(lab, runner.boot())
            if old["sessions"]:
                check_identity(self.results.path, old["sessions"][-1], self.session)
            self.results.save_campaign({**old, "plan": plan,
                                        "sessions": old["sessions"] + [self.session]})
            runner.run_pending()

    def describe(self, lab, guests):
        """The record of this session."""
        return {"started": now_text(), "ended": None, "ended_by": None, "guests": guests,
                "manifest": {**lab.manifest(), "label": lab.label, "emulated": lab.emulated,
                             "pcpus": lab.pcpus, "git_revision": git_revision()}}

    def run(self):
        """The whole command; the exit code."""
        failure, code, ended_by = None, EXIT_OK, None
        try:
            with signals_interrupt():
                self.measure()
        except KeyboardInterrupt:
            code, ended_by = EXIT_INTERRUPTED, "interrupted"
        except LabError as error:
            failure, code, ended_by = error, EXIT_ERROR, str(error)
        self.progress.close()
        if code != EXIT_OK and not self.recorded():
            self.leave_untouched()
            if failure:
                raise failure
            self.progress("interrupted before the first result; nothing was kept")
            return code
        return self.conclude(code, ended_by)

    def recorded(self):
        """Did this session add anything to the directory?"""
        return self.session in self.results.campaign["sessions"] and self.results.runs

    def leave_untouched(self):
        """Undo what prepare() did."""
        if self.args.resume:
            self.results.close()
        else:
            self.results.discard()

    def conclude(self, code, ended_by):
        """Report what was measured, however it ended; the exit code."""
        if self.session:
            self.session.update(ended=now_text(), ended_by=ended_by,
                                duration_s=round(time.monotonic() - self.begin, 1))
        document = summarize(self.results.campaign, self.results.runs)
        print(render_text(document), flush=True)
        if ended_by:
            self.progress(f"incomplete: {ended_by}; continue with: "
                          f"pvlab campaign --resume {self.results.path}")
        try:
            self.results.save_campaign(self.results.campaign)
            write_reports(self.results.path, document, self.progress)
            if not self.args.out and not self.args.resume:
                link_latest(self.results.path)
        finally:
            self.results.close()
        if code == EXIT_OK and any(cell["status"] != "ok" for cell in document["cells"]):
            return EXIT_FAILED
        return code


def main(args, open_lab):
    """Run 'pvlab campaign' with the given way to open a lab; the exit code."""
    campaign = Campaign(args, open_lab, sys.stderr)
    campaign.prepare()
    return campaign.run()
