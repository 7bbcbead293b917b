# SPDX-License-Identifier: GPL-2.0
"""What "pvlab test" has found out about kernels; scripts/modules-matrix makes a table of it."""

import json
import os
from pathlib import Path

from lab.guest.kernel import is_debians

# What is known from one program already.
PROGRAMS = {"loads": "module_test", "takeover": "takeover_test"}


def remember(build, release, facts):
    """Add to what is known about a kernel."""
    path = Path(build) / "kernels" / f"{release}.guest"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps({**known, **facts}, indent=1) + "\n")
    partial.replace(path)


def facts_of(results, counts, complete):
    """What the results of test programs, by name, tell about a guest kernel."""
    facts = {fact: all(results[name]) for fact, name in PROGRAMS.items() if name in results}
    if complete:
        facts["tests"] = f"{counts.passed} of {counts.passed + counts.failed}"
    return facts


def remember_run(lab, results, counts, complete):
    """Record a run of programs in guests; complete: of all there are."""
    variant = lab.options.guest_kernel
    if not results or not is_debians(variant):
        return
    build = lab.options.build
    remember(build, lab.guest_kernels[variant].release, facts_of(results, counts, complete))
    if lab.has_l1 and lab.options.host == "stock":
        # A guest in which a program has passed has run under its KVM.
        passed = any(any(guests) for guests in results.values())
        remember(build, lab.options.l1_kernel or lab.kernel.release, {"l1": passed})
