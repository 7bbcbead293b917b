# SPDX-License-Identifier: GPL-2.0
"""That scripts/packages, by which scripts/setup installs, names all that the sources use."""
import re

from .uses import uses

PACKAGES = "scripts/packages"

# Who else has what one installs: a check all that xen needs, for example.
INCLUDED = {"campaign": (), "workloads": ("campaign",), "xen": ("campaign",),
            "manual": ("campaign",), "deb": ("campaign", "manual"),
            "check": ("campaign", "xen", "manual")}
# For whom sources are there; the first that fits. All others are for a check.
USERS = (
    (r"guest/kernel/|host/kvm/|scripts/lab/testing/", "check"),
    (r"scripts/lab/workload/programs", "workloads"),
    (r"scripts/lab/machines/xen|selftests/(pvticketlock|modules)/|selftests/build-mutant", "xen"),
    (r"scripts/manual", "manual"),
    (r"scripts/deb", "deb"),
    (r"guest/|kernel/|host/|scripts/(lab/|pvlab|setup|kernel-release|mirror-sources)", "campaign"),
    (r"selftests/(process|rivals)/", "campaign"),
)
# What is not missed where it is not there.
OPTIONAL = {"campaign": {"git", "sudo"}}


def packages(tree):
    """What scripts/setup does not install, and what it installs for nothing."""
    table = read_table(tree)
    return judge(table, uses(tree, {name for _, names in table.values() for name in names}))


def read_table(tree):
    """The packages by name: for whom each is, and what of it is used."""
    table = {}
    with open(tree.path(PACKAGES), encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if words and words[0] != "#":
                table[words[1]] = words[0], words[2:]
    return table


def user_of(path):
    """For whom a source is there."""
    return next((user for pattern, user in USERS if re.match(pattern, path)), "check")


def provided(table, user):
    """All that is there for one user of the sources."""
    return {name for who, names in table.values() for name in names
            if who in (user, *INCLUDED[user])}


def judge(table, used):
    """Findings; used has what each source uses."""
    found = []
    for path, names in sorted(used.items()):
        user = user_of(path)
        found += [f"{path}:1: {name}: in no package that {PACKAGES} has for {user}"
                  for name in sorted(names - provided(table, user) - OPTIONAL.get(user, set()))]
    everything = set().union(*used.values())
    for package, (_, names) in table.items():
        found += [f"{PACKAGES}:1: {package}: nothing uses its {name}"
                  for name in names if name not in everything]
        if not names:
            found.append(f"{PACKAGES}:1: {package}: say what of it is used")
    return found
