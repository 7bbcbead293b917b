# SPDX-License-Identifier: GPL-2.0
"""The 'campaign' command: measure a matrix of cells in the lab and report."""

import copy
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from lab.campaign import options as campaign_options
from lab.campaign.matrix import build_plan
from lab.campaign.options import asked_axes, asked_settings
from lab.campaign.progress import Progress
from lab.campaign.resume import check_identity, resumed_plan
from lab.campaign.runner import Runner, expected_seconds, now_text
from lab.campaign.schedule import blocks, hosts_of, pending_runs
from lab.campaign.shard import cut
from lab.errors import LabError
from lab.guest.kernel import has_kernel
from lab.machines import lab as laboratory
from lab.machines.bare import BareLab
from lab.machines.base import MAX_VCPUS
from lab.machines.load import Patience
from lab.machines.process import ProcessLab
from lab.report.command import write_reports
from lab.report.results import SCHEMA_VERSION, ResultsDirectory, link_latest
from lab.report.summary import summarize
from lab.report.text import render_text
from lab.signals import handled
from lab.workload.cells import HOST, XEN_HOST
from lab.workload.locks import check_lock_names, kernel_of
from lab.workload.preemption import check_options, preempts
from lab.workload.programs import find_programs

EXIT_OK, EXIT_FAILED, EXIT_ERROR, EXIT_INTERRUPTED = 0, 1, 2, 130

# Every QEMU is ended after the longest that a campaign can take: this, and all timeouts.
BOOT_ALLOWANCE_S = 900

PROJECT = str(Path(__file__).resolve().parents[3])
RESULTS = os.environ.get("PVLAB_RESULTS") or os.path.join(PROJECT, "results")


def git_revision():
    """The revision of this project, or None outside a git checkout."""
    try:
        done = subprocess.run(
            ["git", "-C", PROJECT, "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def open_any_lab(options, progress):
    """Open the lab that the options name; only campaigns can use those without a kernel."""
    if options.lab == "process":
        return ProcessLab(options, progress)
    if options.lab == "bare":
        return BareLab(options, progress)
    return laboratory.open_lab(options, progress)


def interrupt(*_):
    """SIGTERM and SIGHUP end a campaign as Ctrl-C does, also in the background."""
    raise KeyboardInterrupt


def check_guest_kernel(kernel):
    """Refuse a kernel whose figures would be those of its checks."""
    if kernel in ("debug", "kcsan"):
        raise LabError(f"--guest-kernel {kernel}: its checks would be all that is measured; "
                       "give stock or tuned")


# What a guest can have; and threads of a process (selftests/process/run.h), or vCPUs of a guest
# without an operating system.
MOST_VCPUS = {"process": 512, "bare": 254}


def check_vcpus(plan, lab):
    """Refuse what no guest of the lab can have, before any of them is booted."""
    most = MOST_VCPUS.get(lab, MAX_VCPUS)
    asked = max((cell["vcpus"] for cell in plan["cells"] if "vcpus" in cell), default=0)
    if asked > most:
        raise LabError(f"--vcpus {asked} (--overcommit {asked / plan['pcpus']:g}): a guest of this "
                       f"lab has at most {most}; give fewer")


def other_kernels(plan):
    """What guests of a campaign run besides its guest kernel."""
    default = plan["guest_kernel"]
    return tuple(sorted({kernel_of(cell["lock"], default) for cell in plan["cells"]} - {default}))


class Campaign:
    """One invocation: a results directory, a session for each boot of the lab, the reports."""

    def __init__(self, args, options, open_lab, stream):
        self.args = args
        self.options = options
        self.open_lab = open_lab
        self.progress = Progress(stream)
        self.begin = time.monotonic()
        self.started = now_text()
        self.plan = None
        self.results = None
        self.session = None

    def prepare(self):
        """Check everything that can be checked without a lab; open the directory."""
        if self.args.locks is not None:
            check_lock_names(self.args.locks)
        check_guest_kernel(self.options.guest_kernel)
        if self.args.resume:
            self.results = ResultsDirectory.resume(self.args.resume)
            self.plan = self.resumed_plan()
        else:
            self.plan = self.new_plan()
            check_vcpus(self.plan, self.options.lab)
            self.check_hosts()
            path = self.args.out or os.path.join(RESULTS, time.strftime("%Y-%m-%d-%H%M%S"))
            self.results = ResultsDirectory.create(
                path, {"schema_version": SCHEMA_VERSION, "plan": self.plan, "sessions": []})
        self.options.guest_kernel = self.plan["guest_kernel"]
        self.options.more_guest_kernels = other_kernels(self.plan)
        if preempts(self.plan):
            self.options.vmm = "pvmm"
        if self.plan["workload"] == "programs":
            self.options.guest_programs = find_programs()
        runs = len(pending_runs(self.plan, self.results.runs))
        self.options.lifetime = BOOT_ALLOWANCE_S + runs * self.plan["timeout_s"]

    def new_plan(self):
        """The plan that the options ask for."""
        seed = self.args.seed
        if seed is None:
            seed = random.SystemRandom().randrange(1 << 32)
        plan = build_plan(self.args.matrix or "quick", asked_axes(self.args),
                          asked_settings(self.args), seed, self.options.pcpus,
                          self.options.guest_kernel)
        return cut(plan, self.args.shard) if self.args.shard else plan

    def resumed_plan(self):
        """The plan of the campaign to continue; options that differ are refused."""
        try:
            self.plan = resumed_plan(self.args, self.results.campaign["plan"],
                                     self.options.pcpus)
            self.check_hosts()
        except LabError:
            self.results.close()
            raise
        return self.plan

    def check_hosts(self):
        """Refuse hosts that cannot be booted before any of them is."""
        check_options(self.plan, self.options)
        for host in hosts_of(self.plan):
            self.lab_options(host).kvm_modules()

    def lab_options(self, host):
        """The options of a lab with this host; all hosts of a plan are of one kind."""
        if host is None:
            return self.options
        if not has_kernel(self.options.guest_kernel):
            raise LabError(f"--host {host}: in the {self.options.lab} lab, this machine is the "
                           "host; leave '--host' out")
        if host == XEN_HOST:
            return self.options.on_xen()
        if self.options.platform == "xen":
            raise LabError(f"--platform xen: there is no KVM host '{host}'; leave '--platform' "
                           f"out and give '--host {host},{XEN_HOST}'")
        options = copy.copy(self.options)
        options.host = host
        if hosts_of(self.plan) != ["stock"]:
            if options.lab == "direct":
                raise LabError("--lab direct: the host of the guests is this machine, and its KVM "
                               "stays as it is; leave '--host' or '--lab' out")
            options.lab = "nested"
        return options

    def measure(self):
        """Run what is left, each block in a lab of its own."""
        pending = pending_runs(self.plan, self.results.runs)
        if not pending:
            self.progress("every run of this campaign has succeeded; only reporting")
            return
        self.progress(f"seed {self.plan['seed']}; results in {self.results.path}")
        self.progress.start(len(pending), expected_seconds(self.plan))
        failures = {}
        patience = Patience(getattr(self.args, "wait_quiet", None) or 0, self.progress)
        for host, runs in blocks(self.plan, pending):
            with self.open_lab(self.lab_options(host), self.progress) as lab:
                self.progress(f"{lab.label}, {host} host" if host else lab.label)
                runner = Runner(lab, self.plan, self.results, self.progress, failures,
                                patience)
                self.begin_session(lab, host, runner.boot(runs))
                runner.run(runs)
            self.end_session()
        self.progress.close()

    def begin_session(self, lab, host, guests):
        """Check that this is still the same campaign, and record how it goes on."""
        old = self.results.campaign
        self.session = self.describe(lab, host, guests)
        before = [each for each in old["sessions"] if each.get(HOST) == host]
        if before:
            check_identity(self.results.path, before[-1], self.session)
        self.results.save_campaign({**old, "sessions": old["sessions"] + [self.session]})

    def end_session(self):
        """The lab is closed; another one may follow."""
        self.session.update(ended=now_text(),
                            duration_s=round(time.monotonic() - self.begin, 1))
        self.begin, self.started = time.monotonic(), now_text()

    def describe(self, lab, host, guests):
        """The record of this session."""
        return {"started": self.started, "ended": None, "ended_by": None, HOST: host,
                "guests": guests,
                "manifest": {**lab.manifest(), "git_revision": git_revision()}}

    def run(self):
        """The whole command; the exit code."""
        failure, code, ended_by = None, EXIT_OK, None
        try:
            with handled(interrupt, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
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
            self.session["ended_by"] = ended_by
            if not self.session["ended"]:
                self.end_session()
        document = summarize(self.results.campaign, self.results.runs)
        try:
            self.write(document)
        finally:
            # Whatever the disk is like, the figures reach the user.
            print(render_text(document), flush=True)
            self.results.close()
        if ended_by:
            self.progress(f"incomplete: {ended_by}; continue with: "
                          f"pvlab campaign --resume {self.results.path}")
        if code == EXIT_OK and any(cell["status"] != "ok" for cell in document["cells"]):
            return EXIT_FAILED
        return code

    def write(self, document):
        """Make the directory show what was measured."""
        self.results.save_campaign(self.results.campaign)
        write_reports(self.results.path, document, self.progress)
        if not self.args.out and not self.args.resume:
            link_latest(self.results.path)


def add_arguments(parser):
    """Options of 'pvlab campaign'."""
    campaign_options.add_arguments(parser)
    laboratory.add_arguments(parser, host=False, more_labs={
        "process": "threads of this machine take the place of vCPUs, which needs no "
                   "virtualization",
        "bare": "vCPUs without an operating system, under any KVM",
        "all": "the same campaign in one lab after the other, real CPUs first, and a report of "
               "all"})


def main(args):
    """Run 'pvlab campaign'; the exit code."""
    if args.lab == "all":
        from lab.campaign import series  # pylint: disable=import-outside-toplevel,cyclic-import
        return series.main(args)
    options = laboratory.LabOptions.from_arguments(args)
    campaign = Campaign(args, options, open_any_lab, sys.stderr)
    campaign.prepare()
    return campaign.run()
