# SPDX-License-Identifier: GPL-2.0
"""guest/kernel/ticket: the series applies to Debian's source, and its core is kernel/."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
TICKET = TOP / "guest" / "kernel" / "ticket"
VERSIONS = sorted(path.name for path in TICKET.iterdir() if path.is_dir())
IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.org")


def run(*command, **options):
    """Run a command, and return what it says; its failure is one of the test."""
    result = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if result.returncode:
        raise AssertionError(f"{command[0]}: {result.stdout}{result.stderr}")
    return result.stdout


def touched(patches):
    """The files of the source that patches change."""
    text = "".join(patch.read_text() for patch in patches)
    created = set(re.findall(r"^--- /dev/null\n\+\+\+ b/(.*)$", text, re.M))
    return sorted(set(re.findall(r"^--- a/(.*)$", text, re.M)) - created)


class Series:
    """The series for a version, and a repository with as much of the source as it changes."""

    def __init__(self, version, directory):
        self.source = Path(directory, "source")
        patches = Path(directory, "patches")
        run(TICKET / "series", version, patches)
        self.patches = sorted(patches.glob("*.patch"))
        self.source.mkdir()
        run("tar", "-xf", f"/usr/src/linux-source-{version}.tar.xz", "-C", self.source,
            "--strip-components=1",
            *(f"linux-source-{version}/{name}" for name in touched(self.patches)))
        self.git("init", "-q")
        self.commit()

    def git(self, *arguments):
        """Run git on the source."""
        return run("git", *IDENTITY, *arguments, cwd=self.source)

    def commit(self):
        """What is in the source becomes a commit, and has a name."""
        self.git("add", "-A", "-f")
        self.git("commit", "-qm", "source")
        return self.git("rev-parse", "HEAD").strip()

    def apply(self):
        """As a maintainer would."""
        self.git("am", "-q", *self.patches)


def core_files():
    """Pairs: a file of the core, and what it is called in the kernel's source."""
    return [line.split() for line in run(TICKET / "core-files").splitlines()]


class SeriesTest(unittest.TestCase):
    """For each version that there is a series for, and whose source is installed."""

    def check(self, series):
        """git am takes it, the core is the same, and a source that lacks a line is refused."""
        series.apply()
        for ours, theirs in core_files():
            self.assertEqual((TOP / ours).read_bytes(), (series.source / theirs).read_bytes(),
                             theirs)
        series.git("reset", "-q", "--hard", f"HEAD~{len(series.patches)}")
        kconfig = series.source / "arch/x86/Kconfig"
        kconfig.write_text(kconfig.read_text().replace("ARCH_USE_QUEUED_SPINLOCKS", "NONE"))
        series.commit()
        with self.assertRaises(AssertionError):
            series.apply()

    def test_applies_and_brings_the_core(self):
        """To the sources that are installed."""
        for version in VERSIONS:
            with self.subTest(version), \
                    tempfile.TemporaryDirectory(prefix="pvlab-test-") as directory:
                if not Path(f"/usr/src/linux-source-{version}.tar.xz").exists():
                    self.skipTest(f"no source; install the package linux-source-{version}")
                self.check(Series(version, directory))

    def test_core_is_whole(self):
        """Whatever a file of the core includes is part of it, too."""
        names = {ours for ours, _ in core_files()}
        for name in names:
            for other in re.findall(r'^#include "(.*)"', (TOP / name).read_text(), re.M):
                path = (TOP / name).parent / other
                if "user" not in other:
                    self.assertIn(str(path.resolve().relative_to(TOP)), names, name)

    def test_each_patch_names_its_ancestor(self):
        """In the series of 2012, or says that there is none."""
        for patch in [TICKET / "core.txt", *TICKET.glob("*/*.patch")]:
            message = " ".join(patch.read_text().split("\n---\n")[0].split())
            self.assertRegex(message, "series of 2012", patch.name)
            self.assertIn("Signed-off-by:", message, patch.name)


if __name__ == "__main__":
    unittest.main()
