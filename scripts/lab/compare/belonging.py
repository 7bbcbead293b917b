# SPDX-License-Identifier: GPL-2.0
"""Do two campaigns belong together, and what else differs between them?"""

import os

from lab.errors import LabError
from lab.report.command import load_document
from lab.report.results import check_schema, read_json

# What has to be the same, or the figures mean something else: (what it is, where it is).
SAME = (
    ("lab", ("label",)),
    ("emulated", ("emulated",)),
    ("workload", ("plan", "workload")),
    ("duration_ms", ("plan", "duration_ms")),
    ("warmup_ms", ("plan", "warmup_ms")),
    ("CPU model", ("manifest", "machine", "cpu")),
    ("number of CPUs", ("manifest", "machine", "cpus")),
)
# What may differ, since it may be why the two are compared.
MAY_DIFFER = ("git_revision", "kernel", "guest_kernels", "qemu", "vmm", "machine", "hosts",
              "compiler", "programs", "nesting", "l1", "settings")
UNKNOWN = "not recorded"


def load(path):
    """The results document of a directory, or of a results.json alone."""
    if os.path.isfile(path):
        document = read_json(path)
        check_schema(path, document)
    else:
        document = load_document(path)
    if "labs" in document:
        raise LabError(f"{path}: has the campaigns of several labs; name the directory of one of "
                       "them")
    missing = [name for name in ("plan", "cells", "manifest", "label") if name not in document]
    if missing:
        raise LabError(f"{path}: has no '{missing[0]}'; give a results directory of 'pvlab "
                       "campaign', or the results.json in it")
    return document


def member(document, names):
    """What stands at the end of a path of names; None if it was not recorded."""
    for name in names:
        document = (document or {}).get(name)
    return document


def check_belonging(before, after, names):
    """Refuse two documents whose difference would say nothing; names are their paths."""
    if os.path.realpath(names[0]) == os.path.realpath(names[1]):
        raise LabError(f"{names[1]}: is the same campaign as {names[0]}; give two of them")
    for what, path in SAME:
        left, right = member(before, path), member(after, path)
        # None: an earlier version did not record it.
        if left != right and None not in (left, right):
            raise LabError(f"{names[1]}: the {what} is '{right}', and '{left}' in {names[0]}; the "
                           f"figures cannot be compared; measure both with the same {what}")


def flat(value, name=""):
    """{dotted name: value} of what is nested."""
    if not isinstance(value, dict):
        return {name: value}
    found = {}
    for key, each in value.items():
        found.update(flat(each, f"{name}.{key}" if name else key))
    return found


def recorded(document):
    """What the manifest tells of the machine, kernels and modules, by dotted name."""
    manifest = document["manifest"]
    found = flat({name: manifest[name] for name in MAY_DIFFER if name in manifest})
    for guest in manifest.get("guests", {}).values():
        found.update(flat(guest.get("modules") or {}, "modules"))
    return found


def differences(before, after):
    """[(name, before, after), ...] of what is recorded and differs."""
    left, right = recorded(before), recorded(after)
    pairs = [(name, left.get(name, UNKNOWN), right.get(name, UNKNOWN))
             for name in dict.fromkeys([*left, *right])]
    # Not every user sees all settings, and earlier versions recorded none.
    return [pair for pair in pairs if pair[1] != pair[2]
            and not ("settings" in pair[0].split(".") and UNKNOWN in pair[1:])]
