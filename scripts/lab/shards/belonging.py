# SPDX-License-Identifier: GPL-2.0
"""Which results can be joined, and which machine each comes from."""

from lab.campaign.resume import identity
from lab.campaign.shard import SHARD, shard_text
from lab.errors import LabError
from lab.machines.settings import changed
from lab.report.summary import summarize
from lab.workload.cells import HOST

# The axis that tells machines apart.
MACHINE = "machine"
# What parts of one campaign may differ in.
NOT_OF_ALL = (SHARD, "cells")
# And campaigns of several machines.
NOT_OF_MACHINES = ("seed", "asked")


def check_merged(parts):
    """Refuse what has been joined already."""
    for part in parts:
        if MACHINE in part.campaign["plan"]["axes"]:
            raise LabError(f"{part.path}: is joined already; give the parts that it is made of")


def check_plans(parts):
    """All have measured the same, or parts of the same."""
    first = parts[0].campaign["plan"]
    free = NOT_OF_ALL if SHARD in first else NOT_OF_ALL + NOT_OF_MACHINES
    for part in parts[1:]:
        plan = part.campaign["plan"]
        if (SHARD in plan) != (SHARD in first):
            raise LabError(f"{part.path}: one of this and {parts[0].path} is a part of a campaign, "
                           "the other a whole one; join parts, or whole ones")
        for key in dict.fromkeys([*first, *plan]):
            if key not in free and plan.get(key) != first.get(key):
                raise LabError(f"{part.path}: {key} is {plan.get(key)}, and {first.get(key)} in "
                               f"{parts[0].path}; they are not of one campaign")


def check_jobs(parts, partial):
    """Every job once, and none missing."""
    seen = {}
    for part in parts:
        shard = part.campaign["plan"].get(SHARD)
        if not shard:
            return
        if shard["of"] != parts[0].campaign["plan"][SHARD]["of"]:
            raise LabError(f"{part.path}: is part {shard_text(shard)}, but {parts[0].path} is "
                           f"{shard_text(parts[0].campaign['plan'][SHARD])}; they are not of one "
                           "campaign")
        if shard["job"] in seen:
            raise LabError(f"{part.path}: is part {shard_text(shard)}, as {seen[shard['job']]} is; "
                           "leave one of them out")
        seen[shard["job"]] = part.path
    jobs = parts[0].campaign["plan"][SHARD]["of"]
    missing = [str(job) for job in range(1, jobs + 1) if job not in seen]
    if missing and not partial:
        raise LabError(f"{', '.join(missing)} of {jobs} jobs missing; run them, or join the others "
                       "with --partial")


def check_complete(parts, partial):
    """Refuse a part whose job has not come to its end."""
    for part in parts:
        if not part.campaign["sessions"]:
            raise LabError(f"{part.path}: nothing has been measured there yet; run the job")
        document = summarize(part.campaign, part.runs)
        if document["status"] != "complete" and not partial:
            raise LabError(f"{part.path}: is incomplete ({document['status_reason']}); run the job "
                           "again to go on, or join what there is with --partial")


def check_sessions(parts):
    """The same lab, kernels and modules everywhere; each machine set as it was."""
    first, by_machine = {}, {}
    for part, session in ((part, session) for part in parts
                          for session in part.campaign["sessions"]):
        manifest, guests = identity(session)
        manifest["git_revision"] = session["manifest"].get("git_revision")
        manifest["programs"] = session["manifest"].get("programs")
        manifest.pop("machine")
        # Hosts that are compared have different modules.
        known = first.setdefault(session.get(HOST), (manifest, dict(guests), part.path))
        check_same(part, known, manifest, guests)
        known[1].update(guests)
        settings = session["manifest"].get("settings") or {}
        where, before = by_machine.setdefault(machine_key(session), (part.path, settings))
        found = changed(before, settings)
        if found:
            raise LabError(f"{part.path}: on the same machine, {found[0]} ({where}); measure both "
                           "with the same")


def check_same(part, first, manifest, guests):
    """Compare what is measured with that of the first part."""
    known, known_guests, where = first
    pairs = [(name, known[name], manifest[name]) for name in known]
    pairs += [(f"guest with {size} vCPUs", known_guests[size], guest)
              for size, guest in guests.items() if size in known_guests]
    for name, before, now in pairs:
        if before != now and None not in (before, now):
            raise LabError(f"{part.path}: {name} is {now}, and {before} in {where}; they do not "
                           "belong together: measure all with the same")


def machine_key(session):
    """What tells one machine from another."""
    manifest = session["manifest"]
    return (manifest.get("node"), *sorted((manifest.get("machine") or {}).items()))


def machine_text(session):
    """A short name of a machine."""
    manifest = session["manifest"]
    known = manifest.get("machine") or {}
    return manifest.get("node") or f"{known.get('cpu', 'unknown')}, {known.get('cpus', '?')} CPUs"


def machines(parts):
    """{path: name} of each part's machine; two machines of one name get numbers."""
    names, found = {}, {}
    for part in parts:
        keys = {machine_key(session) for session in part.campaign["sessions"]}
        if len(keys) > 1:
            raise LabError(f"{part.path}: was measured on several machines, so that its cells "
                           "have no machine of their own; measure the part anew")
        key = keys.pop()
        if key not in names:
            text = machine_text(part.campaign["sessions"][0])
            same = sum(name.partition(" #")[0] == text for name in names.values())
            names[key] = f"{text} #{same + 1}" if same else text
        found[part.path] = names[key]
    return found


def check_machines(parts, of_part):
    """Whole campaigns are joined only as those of several machines."""
    seen = {}
    for part in parts:
        name = of_part[part.path]
        if SHARD not in part.campaign["plan"] and name in seen:
            raise LabError(f"{part.path}: is a whole campaign of the same machine ({name}) as "
                           f"{seen[name]}; compare them with 'pvlab compare'")
        seen[name] = part.path
