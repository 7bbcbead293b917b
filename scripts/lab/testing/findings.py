# SPDX-License-Identifier: GPL-2.0
"""What "pvlab test" has found out about kernels; scripts/modules-matrix makes a table of it."""

import json
import os
from pathlib import Path

from lab.guest.kernel import STOCK, is_release

LOADS = "module_test"
TAKES_OVER = "takeover_test"


def remember(build, release, facts):
    """Add to what is known about a kernel."""
    path = Path(build) / "kernels" / f"{release}.guest"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps({**known, **facts}, indent=1) + "\n")
    partial.replace(path)


def facts_of(results, counts):
    """What the results of all test programs, by name, tell about a guest kernel."""
    return {"loads": all(results[LOADS]), "takeover": all(results[TAKES_OVER]),
            "tests": f"{counts.passed} of {counts.passed + counts.failed}"}


def remember_run(lab, results, counts):
    """Record a run of all programs in guests; of one that lacks some, nothing is known."""
    variant = lab.options.guest_kernel
    if not (variant == STOCK or is_release(variant)) or not {LOADS, TAKES_OVER} <= set(results):
        return
    build = lab.options.build
    facts = facts_of(results, counts)
    remember(build, lab.guest_kernels[variant].release, facts)
    if lab.has_l1 and lab.options.host == "stock":
        # A guest that has loaded modules has run under its KVM.
        remember(build, lab.options.l1_kernel or lab.kernel.release, {"l1": facts["loads"]})
