# SPDX-License-Identifier: GPL-2.0
"""pvlab test: run the kselftests in a guest and in its host, and collect their KTAP."""

import fnmatch
import os
import shlex
import time
from dataclasses import dataclass
from pathlib import Path

from lab.errors import GuestFailure, GuestReset, GuestStall, LabError
from lab.guest.kernel import STOCK, is_debians
from lab.guest.serial_log import excerpt
from lab.machines.base import MAX_VCPUS, LabOptions, whole_number
from lab.machines.lab import add_arguments as add_lab_arguments
from lab.machines.lab import open_lab
from lab.machines.nested import HOUSEKEEPING_CPUS
from lab.testing.controls import CONTROLS, run_control
from lab.testing.findings import remember_run
from lab.testing.ktap import Counts, Parser, note

OVERCOMMIT = 4
# How often what a GuestReset or GuestStall has interrupted is run again. A kernel that panics, or
# stands still in our code, says so in its log, and that counts as a failure at once.
RESETS_TOLERATED = 3
DEFAULT_TIMEOUT = 180
# In a second, of 50; machines may be slow.
LEAST_NUDGES = 5


def add_arguments(parser):
    """Add the options of the command."""
    parser.add_argument("--vcpus", type=whole_number(1, MAX_VCPUS), default=0, metavar="N",
                        help=f"of the guest (default: {OVERCOMMIT} for each CPU it runs on)")
    parser.add_argument("--only", metavar="GLOB", default="*",
                        help="only test programs whose names match")
    parser.add_argument("--in-guest", action="store_true",
                        help="neither the test programs of the host nor negative controls")
    parser.add_argument("--taken-over", action="store_true",
                        help="also the tests of the module's own locks while the kernel's are "
                             "taken over")
    parser.add_argument("--timeout", type=whole_number(1, 86400), default=DEFAULT_TIMEOUT,
                        metavar="SECONDS",
                        help=f"bound on each test program (default: {DEFAULT_TIMEOUT})")
    parser.add_argument("--output", type=Path, metavar="FILE",
                        help="where the KTAP goes (default: build/KREL/selftests.ktap)")
    add_lab_arguments(parser)


def find_programs(directory, pattern):
    """Names, relative to the directory, of the executables that match."""
    return sorted(str(path.relative_to(directory)) for path in Path(directory).rglob("*")
                  if path.is_file() and os.access(path, os.X_OK)
                  and fnmatch.fnmatch(path.name, pattern))


def environment():
    """The variables for tests, SELFTEST_*, as a prefix of a shell command."""
    return "".join(f"{name}={shlex.quote(value)} " for name, value in os.environ.items()
                   if name.startswith("SELFTEST_"))


class LineStream:
    """Turns pieces of text into lines for several readers."""

    def __init__(self, *readers):
        self._readers = readers
        self._rest = ""

    def write(self, text):
        """Pass all lines on that are complete."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._pass_on(line.rstrip("\r"))

    def close(self):
        """Pass on what is left."""
        if self._rest:
            self._pass_on(self._rest)

    def _pass_on(self, line):
        for reader in self._readers:
            reader(line)


class TestRun:
    """Runs test programs one after another and writes one KTAP document."""

    def __init__(self, output, total, timeout):
        self.counts = Counts()
        # By program, whether it has passed in each of the guests.
        self.results = {}
        # And stalls, of emulated machines, after which something was run again.
        self.resets = 0
        self._output = output
        self._timeout = timeout
        self._number = 0
        self._emit("TAP version 13")
        self._emit(f"1..{total}")

    def _emit(self, line):
        print(line, flush=True)
        self._output.write(line + "\n")
        self._output.flush()

    def run(self, name, run, may_repeat=False, variables=""):
        """Run one program by run(command, timeout, on_output) and count its results.

        Return whether its guest can still be used; or None, with nothing counted but a reset, if
        the emulated machine has reset itself and the program may be run again.
        """
        start = time.monotonic()
        parser = Parser()
        stream = LineStream(parser.feed, lambda line: self._emit(f"  {line}"))
        directory, _, program = f"/selftests/{name}".rpartition("/")
        reason = ""
        try:
            status, _ = run(f"cd {shlex.quote(directory)} && "
                            f"{variables}{environment()}./{shlex.quote(program)}",
                            self._timeout, stream.write)
        except (GuestReset, GuestStall) as failure:
            status, reason = 1, str(failure)
            if may_repeat:
                self.resets += 1
                stream.close()
                self._show_log(failure)
                self._emit(f"# {name}: {reason}: running it again")
                return None
            self._show_log(failure)
        except GuestFailure as failure:
            status, reason = 1, str(failure)
            self._show_log(failure)
        stream.close()
        self._number += 1
        counts = parser.finish(name, status)
        if reason:
            counts.problems.append(f"{name}: {reason}")
            counts.failed += not counts.failed
            self._emit(f"# {reason}")
        self.counts.add(counts)
        self.results.setdefault(name, []).append(not counts.failed)
        skipped = counts.skipped and not counts.passed and not counts.failed
        self._emit(f"{'not ok' if counts.failed else 'ok'} {self._number} {name}"
                   + (" # SKIP" if skipped else f" # {time.monotonic() - start:.1f} s"))
        return not reason

    def _show_log(self, failure):
        """Copy what the kernel said of a failure: its log may not outlive this run."""
        for line in excerpt(failure.log_path) if failure.log_path else ():
            self._emit(f"# | {line}")

    def record(self, name, problem):
        """Count a check that is no program; problem is None if it passed."""
        self._number += 1
        if problem:
            self.counts.fail(f"{name}: {problem}")
            self._emit(f"# {problem}")
        else:
            self.counts.succeed(name)
        self._emit(f"{'not ok' if problem else 'ok'} {self._number} {name}")

    def skip_all(self, names, reason):
        """Count programs that cannot run here as skipped."""
        for name in names:
            self._number += 1
            self.counts.skipped += 1
            self._emit(f"ok {self._number} {name} # SKIP {reason}")


@dataclass
class GuestKind:
    """A guest to run tests in, and which of them."""

    name: str
    patterns: tuple = ("*",)
    vcpus: int = 0
    pcpus: int = 0
    cpu_flags: str = ""
    append: str = ""                # to the kernel's command line
    environment: str = ""           # of the programs, as a prefix of a shell command
    taken_over: bool = False        # the kernel's spinlocks are
    stock: bool = False             # any kernel would show the same
    on_demand: bool = False         # only if programs are chosen by name

    def start(self, lab, options):
        """Boot it."""
        vcpus = self.vcpus or options.vcpus or OVERCOMMIT * lab.pcpus
        return lab.start_guest(self.name, vcpus=vcpus, pcpus=self.pcpus,
                               cpu_flags=self.cpu_flags, append=self.append)

    def programs(self, names):
        """The programs to run in it."""
        return [name for name in names
                if any(fnmatch.fnmatch(name, pattern) for pattern in self.patterns)]


# Guest kernels without ftrace, by which spinlocks are taken over.
UNTRACEABLE = ("kcsan",)
# In guests whose spinlocks are not paravirtualized, for one reason each.
REFUSED = "takeover_refused_test"
# In guests whose kernels want modules signed.
SIGNING = "signing_test"

# By platform. Under Xen, each of them boots Xen and its dom0.
GUESTS = {
    "kvm": (
        GuestKind("selftest"),
        GuestKind("selftest-taken-over", ("hotplug_test", "lock_test"),
                  environment="SELFTEST_TAKEOVER=1 ", taken_over=True),
        GuestKind("selftest-no-pv-unhalt", ("module_test", REFUSED), 2,
                  cpu_flags="-kvm-pv-unhalt", stock=True),
        GuestKind("selftest-realtime-hint", ("module_test", REFUSED), 2,
                  cpu_flags="kvm-hint-dedicated=on", stock=True),
        GuestKind("selftest-nopvspin", ("module_test", REFUSED), 2, append="nopvspin", stock=True),
        GuestKind("selftest-one-vcpu", ("module_test", REFUSED), 1, stock=True),
        GuestKind("selftest-sig-enforce", (SIGNING,), 2, append="module.sig_enforce=1",
                  stock=True, on_demand=True),
        # It locks itself down.
        GuestKind("selftest-lockdown", (SIGNING,), 2, environment="SELFTEST_LOCKDOWN=1 ",
                  stock=True, on_demand=True),
    ),
    "xen": (
        GuestKind("xen-overcommitted"),
        GuestKind("xen-pinned", ("xen_test", "statistics_test", "hotplug_test"), 2, pcpus=2),
        GuestKind("xen-nopvspin", ("module_test", REFUSED), 2, append="xen_nopvspin"),
    ),
}


def kinds_for(platform, guest_kernel, taken_over, chosen=False):
    """The guests that a kernel is tested in; chosen: with programs that somebody has named."""
    taken_over = taken_over and guest_kernel not in UNTRACEABLE
    return [kind for kind in GUESTS[platform]
            if (taken_over or not kind.taken_over) and (chosen or not kind.on_demand)
            and (is_debians(guest_kernel) or not kind.stock)]


def resets_tolerated(lab):
    """How often a guest or its host may reset: never where no SVM is emulated."""
    return RESETS_TOLERATED if lab.emulated else 0


def start_guest(lab, kind, options):
    """Boot a guest, again if an emulated one fails: nothing of ours runs while it boots."""
    for _ in range(resets_tolerated(lab)):
        try:
            return kind.start(lab, options)
        except GuestFailure as failure:
            note(f"{kind.name}: {failure}: starting it again")
    return kind.start(lab, options)


def run_in_guest(lab, kind, options, names, tests):
    """Run programs in a guest, in a new one after each failure of the guest."""
    guest = None
    resets = 0
    names = list(names)
    while names:
        if guest is None:
            guest = start_guest(lab, kind, options)
        healthy = tests.run(names[0], guest.run, may_repeat=resets < resets_tolerated(lab),
                            variables=kind.environment)
        if healthy is None:
            resets += 1
            guest.stop()
            guest = None
            continue
        name = names.pop(0)
        sign = guest.failure()
        if sign:
            tests.counts.fail(f"{name}: {sign}")
            note(f"guest {guest.name}: {sign} (serial log: {guest.log_path})")
        if sign or not healthy:
            guest.stop()
            guest = None
    if guest:
        guest.stop()


def find_controls(kernel, pattern):
    """The negative controls of a guest kernel, or of Xen, whose names match."""
    return [control for control in CONTROLS.get(kernel, ())
            if fnmatch.fnmatch(control.name, pattern)]


def run_controls(lab, controls, options, tests):
    """Run the negative controls of a guest kernel, each in a guest of its own."""
    for control in controls:
        for attempt in range(1 + resets_tolerated(lab)):
            tests.resets += attempt > 0
            guest = start_guest(lab, GuestKind(control.name), options)
            try:
                problem = run_control(control, guest, options.timeout)
                break
            except (GuestReset, GuestStall) as reset:
                problem = str(reset)
            finally:
                guest.stop()
        tests.record(f"{control.name} is caught", problem)


def run_in_host(lab, names, tests):
    """Run programs in L1, in a new one after each failure of it."""
    resets = 0
    names = list(names)
    while names:
        lab.ensure_host()
        if tests.run(names[0], lab.run_host, may_repeat=resets < resets_tolerated(lab)) is None:
            resets += 1
            continue
        name = names.pop(0)
        sign = lab.host_failure()
        if sign:
            tests.counts.fail(f"{name}: {sign}")
            note(sign)


def missing_nudges(lab):
    """What is wrong with the interrupts that keep L1's CPUs going (see nudge.c), or None."""
    def count():
        line = lab.run_host("grep CAL: /proc/interrupts")[1].split()
        return [int(word) for word in line[1:] if word.isdigit()]

    before, start = count(), time.monotonic()
    time.sleep(1)
    after, seconds = count(), time.monotonic() - start
    for cpu, (old, new) in enumerate(zip(before, after)):
        if cpu >= HOUSEKEEPING_CPUS and new - old < LEAST_NUDGES:
            return f"CPU {cpu} of L1 was interrupted {new - old} times in {seconds:.1f} s; " \
                   "does nudge run?"
    return None


def main(options):
    """Run the command."""
    lab_options = LabOptions.from_arguments(options)
    directory = lab_options.products / "selftests"
    in_guest = find_programs(directory / "run", options.only)
    # The kernel of the guests makes no difference to their host.
    in_host = find_programs(directory / "run-l1", options.only) \
        if lab_options.guest_kernel == STOCK and not options.in_guest else []
    control_kind = "xen" if lab_options.platform == "xen" else lab_options.guest_kernel
    controls = find_controls(control_kind, options.only) if not options.in_guest else []
    kinds = kinds_for(lab_options.platform, lab_options.guest_kernel, options.taken_over,
                      chosen=options.only != "*")
    if not in_guest + in_host + controls:
        raise LabError(f"{directory}/run: no test program matches '{options.only}'; "
                       "build them first (make check does)")
    output = options.output or lab_options.products / "selftests.ktap"
    with open(output, "w", encoding="utf-8") as file, \
            open_lab(lab_options, note) as lab:
        total = sum(len(kind.programs(in_guest)) for kind in kinds) \
            + len(controls) + len(in_host) + lab.has_l1
        tests = TestRun(file, total, options.timeout)
        if lab.has_l1:
            tests.record("the CPUs of L1 are nudged", missing_nudges(lab))
        for kind in kinds:
            run_in_guest(lab, kind, options, kind.programs(in_guest), tests)
        if lab_options.platform == "kvm":
            remember_run(lab, tests.results, tests.counts, options.only == "*")
        run_controls(lab, controls, options, tests)
        if lab.has_l1:
            run_in_host(lab, in_host, tests)
        else:
            tests.skip_all(in_host, "needs the nested lab")
    for problem in tests.counts.problems:
        note(f"failed: {problem}")
    if tests.resets:
        note(f"{tests.resets} resets or stalls of emulated machines, after which a test was run "
             "again")
    note(f"KTAP is in {output}")
    print(tests.counts)
    return 1 if tests.counts.failed else 0
