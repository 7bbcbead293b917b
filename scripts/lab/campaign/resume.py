# SPDX-License-Identifier: GPL-2.0
"""May a campaign be continued? Only with the same plan, kernels, modules and machine."""

from lab.campaign.matrix import build_plan
from lab.campaign.options import asked_axes, asked_settings
from lab.campaign.shard import SHARD, cut, shard_text
from lab.errors import LabError
from lab.guest.kernel import STOCK
from lab.machines.settings import changed


def resumed_plan(args, old, pcpus):
    """The plan of a campaign to continue; whatever is asked anew must be the same."""
    kernel = args.guest_kernel or old.get("guest_kernel", STOCK)
    axes = asked_axes(args)
    if axes["vcpus"] is None:
        axes = {axis: old.get("asked", old["axes"]).get(axis) if values is None else values
                for axis, values in axes.items()}
    settings = {name: old[name] if value is None else value
                for name, value in asked_settings(args).items()}
    seed = old["seed"] if args.seed is None else args.seed
    new = build_plan(args.matrix or old["matrix"], axes, settings, seed, pcpus, kernel)
    shard = args.shard or old.get(SHARD)
    if shard != old.get(SHARD):
        raise LabError(f"--shard {shard_text(shard)}: the campaign in {args.resume} is "
                       + (f"part {shard_text(old[SHARD])}" if SHARD in old else "whole")
                       + "; leave the option out")
    if shard:
        new = cut(new, shard)
    for key in old:
        if key not in ("cells", "asked") and new.get(key) != old[key]:
            raise LabError(f"--resume {args.resume}: {key} differs: the campaign there has "
                           f"{old[key]}, now it is {new.get(key)}; leave the option out, or "
                           "start a new campaign with --out")
    if new["cells"] != old["cells"]:
        raise LabError(f"--resume {args.resume}: the matrix '{old['matrix']}' of this version has "
                       "other cells; start a new campaign with --out")
    return new


# What must be the same for runs of two sessions to be comparable.
IDENTITY = ("label", "pcpus", "kernel", "qemu", "vmm", "machine", "host")


def identity(session):
    """The part of a session that resumed runs must share."""
    guests = {size: {name: environment.get(name)
                     for name in ("kernel", "spinlock_implementation", "modules")}
              for size, environment in session.get("guests", {}).items()}
    manifest = {name: session["manifest"].get(name) for name in IDENTITY}
    return manifest, guests


def check_identity(path, old, new):
    """Refuse to mix runs of different kernels, modules or machines in one cell."""
    (old_manifest, old_guests), (new_manifest, new_guests) = identity(old), identity(new)
    pairs = [(name, old_manifest[name], new_manifest[name]) for name in IDENTITY]
    pairs += [(f"guest with {size} vCPUs", old_guests[size], environment)
              for size, environment in new_guests.items() if size in old_guests]
    for name, before, now in pairs:
        # None: an earlier version did not record it.
        if before not in (None, now):
            raise LabError(f"--resume {path}: {name} was {before} and is now {now}; the runs would "
                           "not be comparable; start a new campaign with --out")
    found = changed(*(session["manifest"].get("settings") or {} for session in (old, new)))
    if found:
        raise LabError(f"--resume {path}: {found[0]}; the runs would not be comparable; set it "
                       "as it was, or start a new campaign with --out")
