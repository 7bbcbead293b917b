# SPDX-License-Identifier: GPL-2.0
"""Which settings of a host spoil a measurement, why, and how to set them."""

from typing import NamedTuple

from lab.machines import machine
from lab.machines.load import describe, is_busy
from lab.machines.settings import HIDDEN

CPUS = "/sys/devices/system/cpu"
HALT_POLL_NS = "200000"
# A vCPU that spins for longer than this exits, so that the host can run another one.
EXITS = (("kvm_intel", "ple_gap", "128"), ("kvm_amd", "pause_filter_count", "3000"))
GOOD_CLOCKS = ("tsc", "kvm-clock", "hyperv_clocksource_tsc_page")
NO_LIMIT_V1 = "-1"


class Advice(NamedTuple):
    """One setting; spoils is false for what only has to be known."""

    spoils: bool
    what: str
    why: str
    remedy: str = ""


def value(settings, group, name):
    """What a setting is; "" if that is not known."""
    text = settings.get(group, {}).get(name, "")
    return "" if text == HIDDEN else text


def frequency(settings):
    """Frequencies that follow the load."""
    governor = value(settings, "frequency", "scaling_governor")
    if governor and governor != "performance":
        yield Advice(True, f"governor {governor}", "CPUs are slower after they were idle, which "
                     "lengthens short runs and those of locks that halt",
                     f"echo performance | tee {CPUS}/cpu*/cpufreq/scaling_governor")
    if value(settings, "frequency", "boost") == "1":
        yield Advice(True, "boost is on", "the frequency depends on how many CPUs work, and on the "
                     "temperature", f"echo 0 > {CPUS}/cpufreq/boost")
    if value(settings, "frequency", "no_turbo") == "0":
        yield Advice(True, "turbo is on", "the frequency depends on how many CPUs work, and on the "
                     "temperature", f"echo 1 > {CPUS}/intel_pstate/no_turbo")


def siblings(settings):
    """Two CPUs that are one core."""
    if value(settings, "smt", "active") == "1":
        yield Advice(True, "SMT is on", "two vCPUs may share one core, or not, from run to run",
                     f"echo off > {CPUS}/smt/control")


def quota(path, settings):
    """The CPU limit that a file of the control group says; None if it says none."""
    text = value(settings, "cgroup", path)
    if path.endswith("/cpu.max") and text and text.split()[0] != "max":
        return "max", text
    if path.endswith("/cpu.cfs_quota_us") and text and text != NO_LIMIT_V1:
        return NO_LIMIT_V1, text
    return None


def limits(settings):
    """Control groups that take the CPU away, or memory."""
    for path in settings.get("cgroup", {}):
        found = quota(path, settings)
        if found:
            yield Advice(True, f"CPU quota {found[1]} in {path}", "once it is used up, the kernel "
                         "stops all of the lab until the period ends",
                         f"echo {found[0]} > {path}, or run pvlab in another control group")


def memory(settings):
    """Pages that are put together, moved or compacted while it is measured."""
    if value(settings, "same pages", "run") == "1":
        yield Advice(True, "KSM runs", "it takes CPU time, and makes guests wait when they write",
                     "echo 0 > /sys/kernel/mm/ksm/run")
    if value(settings, "scheduler", "numa_balancing") not in ("", "0") \
            and value(settings, "nodes", "online") not in ("", "0"):
        yield Advice(True, "NUMA balancing is on", "it unmaps pages of guests to see who uses "
                     "them, and moves vCPUs between nodes", "sysctl kernel.numa_balancing=0")
    if value(settings, "huge pages", "enabled") not in ("", "never"):
        yield Advice(False, f"huge pages: {value(settings, 'huge pages', 'enabled')}", "whether "
                     "guests get them depends on how fragmented the memory is; restarting the "
                     "machine, or 'never', makes two campaigns alike",
                     "echo never > /sys/kernel/mm/transparent_hugepage/enabled")


def kvm(settings):
    """How KVM deals with vCPUs that spin, and with those that halt."""
    poll = value(settings, "kvm", "halt_poll_ns")
    if poll and poll != HALT_POLL_NS:
        yield Advice(False, f"halt_poll_ns is {poll}", f"the default is {HALT_POLL_NS}: for how "
                     "long KVM polls before a halted vCPU gives up its CPU, which is part of what "
                     "halting costs",
                     f"echo {HALT_POLL_NS} > /sys/module/kvm/parameters/halt_poll_ns")
    for module, name, usual in EXITS:
        if value(settings, module, name) == "0":
            yield Advice(True, f"{name} is 0", "spinning vCPUs never exit, so that the host takes "
                         "them for busy: locks that spin look worse than elsewhere",
                         f"end all guests, unload {module}, and load it with {name}={usual}")


def scheduling(settings):
    """Another scheduler than the kernel's own."""
    if value(settings, "sched_ext", "state") == "enabled":
        name = value(settings, "sched_ext", "ops") or "a BPF program"
        yield Advice(True, f"the scheduler is {name}", "figures are those of this scheduler, and "
                     "nobody else's", "stop the program that has loaded it")


def clock(settings):
    """Clocks that take long to read."""
    source = value(settings, "clock", "current_clocksource")
    if source and source not in GOOD_CLOCKS:
        yield Advice(True, f"the clock is {source}", "reading it takes a microsecond or more, in "
                     "an exit from the guest", "look in dmesg why the TSC was found unstable; "
                     "echo tsc > /sys/devices/system/clocksource/clocksource0/"
                     "current_clocksource if it is offered")


def mitigations(settings):
    """Exits that cost less than elsewhere, or more."""
    if value(settings, "boot", "mitigations"):
        yield Advice(False, f"mitigations={value(settings, 'boot', 'mitigations')}", "exits cost "
                     "something else than with the kernel's own choice",
                     "boot without the option, or compare with nobody else")


RULES = (frequency, siblings, limits, memory, kvm, scheduling, clock, mitigations)


def advice(settings):
    """What is to be said of the settings of a host; what is not known says nothing."""
    return [each for rule in RULES for each in rule(settings)]


def beneath(cpuinfo=machine.CPUINFO):
    """Whether this machine is itself a guest."""
    if "hypervisor" in machine.cpu_field("flags", cpuinfo).split():
        yield Advice(False, "this machine is a virtual one", "its host may take CPUs away, which "
                     "shows as steal, and hides its own settings from here",
                     "use a machine of one's own, or look at the noise of the figures")


def neighbours(reading):
    """What a meter of the load has seen of others."""
    if is_busy(reading):
        yield Advice(True, "other work keeps the machine busy", describe(reading),
                     "end it, or run campaigns with --wait-quiet SECONDS")


def unknown(settings):
    """Settings that this user may not see."""
    hidden = [f"{group} {name}" for group, names in settings.items()
              for name, text in names.items() if HIDDEN in text]
    if hidden:
        yield Advice(False, f"not readable: {', '.join(hidden)}", "this user may not see them",
                     "run 'pvlab doctor' as root")
