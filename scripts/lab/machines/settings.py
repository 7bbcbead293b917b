# SPDX-License-Identifier: GPL-2.0
"""How a host is set, as far as that makes a difference to guests: {group: {name: text}}.

Whatever a kernel does not have, or does not show to this user, is left out or marked; nothing
here needs rights, or fails.
"""

import fnmatch
import glob
import os
import re
import shlex

# What a file says whose content this user may not see.
HIDDEN = "cannot be read"

# (group, files): the name is that of the file. What files of the same name say is put together.
FILES = (
    ("kvm", "/sys/module/kvm/parameters/*"),
    ("kvm_intel", "/sys/module/kvm_intel/parameters/*"),
    ("kvm_amd", "/sys/module/kvm_amd/parameters/*"),
    ("scheduler", "/proc/sys/kernel/sched_*"),
    ("scheduler", "/proc/sys/kernel/numa_balancing"),
    # Only root sees these.
    ("scheduler", "/sys/kernel/debug/sched/*"),
    ("scheduler", "/sys/devices/system/cpu/isolated"),
    ("scheduler", "/sys/devices/system/cpu/nohz_full"),
    ("sched_ext", "/sys/kernel/sched_ext/state"),
    ("sched_ext", "/sys/kernel/sched_ext/root/ops"),
    ("frequency", "/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_driver"),
    ("frequency", "/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor"),
    ("frequency", "/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_min_freq"),
    ("frequency", "/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_max_freq"),
    ("frequency", "/sys/devices/system/cpu/cpu[0-9]*/cpufreq/energy_performance_preference"),
    ("frequency", "/sys/devices/system/cpu/cpufreq/boost"),
    ("frequency", "/sys/devices/system/cpu/intel_pstate/no_turbo"),
    ("guest halt poll", "/sys/module/haltpoll/parameters/*"),
    ("cpuidle", "/sys/devices/system/cpu/cpuidle/current_driver"),
    ("cpuidle", "/sys/devices/system/cpu/cpuidle/current_governor"),
    ("smt", "/sys/devices/system/cpu/smt/active"),
    ("smt", "/sys/devices/system/cpu/smt/control"),
    ("mitigations", "/sys/devices/system/cpu/vulnerabilities/*"),
    ("huge pages", "/sys/kernel/mm/transparent_hugepage/enabled"),
    ("huge pages", "/sys/kernel/mm/transparent_hugepage/defrag"),
    ("huge pages", "/proc/sys/vm/nr_hugepages"),
    ("same pages", "/sys/kernel/mm/ksm/run"),
    ("clock", "/sys/devices/system/clocksource/clocksource0/current_clocksource"),
    ("nodes", "/sys/devices/system/node/online"),
)
CPUINFO, CMDLINE = "/proc/cpuinfo", "/proc/cmdline"
MOUNTS, CGROUP = "/proc/self/mounts", "/proc/self/cgroup"

# Of the kernel's command line; the rest says nothing of this, and may be private.
BOOT = re.compile(r"(mitigations|isolcpus|nohz|nohz_full|rcu_nocbs|idle|preempt|nosmt|clocksource|"
                  r"tsc|transparent_hugepage|nopvspin|intel_idle\.\w+|processor\.\w+|"
                  r"\w+_pstate\w*|kvm[\w-]*\.\w+|spectre\w*|nopti|pti|retbleed|l1tf|mds|"
                  r"spec_store_bypass_disable)(=|$)")
CHOSEN = re.compile(r"\[([^\]]+)\]")

# What limits a control group, in either version.
LIMITS = {
    "cgroup2": ("cpu.max", "cpu.weight", "cpuset.cpus", "memory.max", "memory.high"),
    "cpu": ("cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.shares"),
    "cpuset": ("cpuset.cpus",),
    "memory": ("memory.limit_in_bytes",),
}


def first_line(path):
    """The first line of a file; HIDDEN if it cannot be read, None if there is no such file."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.readline().strip()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except OSError:
        return HIDDEN


def local_files(root="/"):
    """{path: text} of all files that count; root is where the tree begins, for tests."""
    found = {}
    for _, pattern in FILES:
        for path in sorted(glob.glob(os.path.join(root, pattern.lstrip("/")))):
            text = first_line(path)
            if text is not None:
                found["/" + os.path.relpath(path, root)] = text
    return found


def remote_files(run):
    """The same of a host on which run() has a shell execute commands: (exit code, output)."""
    patterns = " ".join(pattern for _, pattern in FILES)
    code, output = run(f'for file in {patterns}; do [ -f "$file" ] && '
                       'printf "%s:%s\\n" "$file" "$(head -n 1 "$file" 2>/dev/null)"; done; true')
    if code:
        return {}
    pairs = (line.partition(":") for line in output.splitlines() if line.startswith("/"))
    return {path: text.strip() for path, _, text in pairs}


def group_of(path):
    """The group of a file, or None."""
    return next((group for group, pattern in FILES if fnmatch.fnmatchcase(path, pattern)), None)


def in_groups(files):
    """{group: {name: text}} of {path: text}; of several choices in a file, the one that holds."""
    found = {}
    for path, text in files.items():
        group, name = group_of(path), os.path.basename(path)
        if group is None:
            continue
        chosen = CHOSEN.search(text)
        found.setdefault(group, {}).setdefault(name, []).append(chosen[1] if chosen else text)
    return {group: {name: " / ".join(sorted(set(texts))) for name, texts in names.items()}
            for group, names in found.items()}


def lines_of(path):
    """All lines of a file; none if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read().splitlines()
    except OSError:
        return []


def microcode(root="/"):
    """The revisions of the CPUs' microcode."""
    values = {line.partition(":")[2].strip() for line in lines_of(root + CPUINFO)
              if line.startswith("microcode")}
    return {"microcode": {"revision": " / ".join(sorted(values))}} if values else {}


def boot_options(root="/"):
    """What of the kernel's command line makes a difference."""
    try:
        words = shlex.split(" ".join(lines_of(root + CMDLINE)))
    except ValueError:
        return {}
    pairs = (word.partition("=") for word in words if BOOT.match(word))
    found = {name: value or "set" for name, _, value in pairs}
    return {"boot": found} if found else {}


def hierarchies(root="/"):
    """(kind, mount point, path in it) of each control group of this process.

    The kind is cgroup2, or a controller of the first version.
    """
    mounts = [line.split()[1:4] for line in lines_of(root + MOUNTS) if len(line.split()) > 3]
    for line in lines_of(root + CGROUP):
        controllers, _, path = line.partition(":")[2].partition(":")
        for kind in controllers.split(",") if controllers else ["cgroup2"]:
            where = next((point for point, kind_of_file_system, flags in mounts
                          if kind_of_file_system == "cgroup2" == kind
                          or kind_of_file_system == "cgroup" and kind in flags.split(",")), None)
            if where and kind in LIMITS:
                yield kind, where, path


def cgroup_limits(root="/"):
    """The limits of this process: what each group that it is in says, up to the root."""
    found = {}
    for kind, where, path in hierarchies(root):
        while True:
            for name in LIMITS[kind]:
                text = first_line(f"{root}{where}{path}/{name}")
                if text:
                    found[os.path.normpath(f"{where}{path}/{name}")] = text
            if path in ("/", ""):
                break
            path = os.path.dirname(path)
    return {"cgroup": found} if found else {}


def settings(root="/"):
    """How this machine is set."""
    root = str(root).rstrip("/")
    return {**in_groups(local_files(root or "/")), **microcode(root), **boot_options(root),
            **cgroup_limits(root)}


def remote_settings(run):
    """How a host is set that is reached by a shell."""
    return in_groups(remote_files(run))


def changed(before, after):
    """What two readings of a host know differently: a line for each.

    Control groups are left out, since their names come and go.
    """
    return [f"{group} {name} was {text} and is now {after[group][name]}"
            for group, names in before.items() if group != "cgroup"
            for name, text in names.items()
            if HIDDEN not in (text, after.get(group, {}).get(name, HIDDEN))
            and text != after[group][name]]
