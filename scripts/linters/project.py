# SPDX-License-Identifier: GPL-2.0
"""Checks of the project's own rules."""
import os
import re

from .c_code import configure

SPDX = re.compile(r"SPDX-License-Identifier: GPL-2\.0")
SPDX_WITHIN_LINES = 3

# Data, prose, and what Kconfig writes itself, have no place for a comment.
# A patch begins with its mail header and has the license of what it changes;
# a litmus test begins with its name, as herd7 and the kernel's own have it.
WITHOUT_SPDX = (".json", ".litmus", ".md", ".patch", ".pdf", ".png", ".svg", ".txt", ".xz",
                "/defconfig", "README", ".gitignore", "series", "debian/changelog", "source/format",
                ".dkms")


def spdx(tree):
    """Every source names its license."""
    found = []
    for path in tree.paths:
        if path.endswith(WITHOUT_SPDX):
            continue
        with open(tree.path(path), encoding="utf-8", errors="replace") as source:
            head = [source.readline() for _ in range(SPDX_WITHIN_LINES)]
        if not any(SPDX.search(line) for line in head):
            found.append(f"{path}:1: no SPDX-License-Identifier: GPL-2.0 in the "
                         f"first {SPDX_WITHIN_LINES} lines")
    return found


def _options(path):
    with open(path, encoding="utf-8") as config:
        return {line.strip() for line in config if line.startswith("CONFIG_")}


def defconfig(tree):
    """scripts/defconfig is what Kconfig's defaults yield."""
    os.makedirs(tree.work, exist_ok=True)
    config = os.path.join(tree.work, "alldefconfig")
    configure(tree, "alldefconfig", config)
    stored = _options(tree.path("scripts/defconfig"))
    defaults = _options(config)
    return ([f"scripts/defconfig: {line} is not Kconfig's default"
             for line in sorted(stored - defaults)] +
            [f"scripts/defconfig: {line} is missing"
             for line in sorted(defaults - stored)])
