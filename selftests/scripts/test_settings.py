# SPDX-License-Identifier: GPL-2.0
"""How a host is set: what is read, what is missing, and what is said of it."""

# pylint: disable=missing-function-docstring
import builtins
import copy
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

# pylint: disable=wrong-import-position
from lab.campaign.resume import check_identity  # noqa: E402
from lab.errors import LabError  # noqa: E402
from lab.machines import advice, settings  # noqa: E402
from lab.machines.advice import advice as advise  # noqa: E402

CPU = "/sys/devices/system/cpu"
# A host on which nothing is to be said.
GOOD = {
    "/sys/module/kvm/parameters/halt_poll_ns": "200000",
    "/sys/module/kvm_intel/parameters/ple_gap": "128",
    "/proc/sys/kernel/numa_balancing": "0",
    f"{CPU}/cpu0/cpufreq/scaling_governor": "performance",
    f"{CPU}/cpu1/cpufreq/scaling_governor": "performance",
    f"{CPU}/cpufreq/boost": "0",
    f"{CPU}/intel_pstate/no_turbo": "1",
    f"{CPU}/smt/active": "0",
    f"{CPU}/vulnerabilities/meltdown": "Not affected",
    "/sys/kernel/mm/transparent_hugepage/enabled": "always madvise [never]",
    "/sys/kernel/mm/ksm/run": "0",
    "/sys/kernel/sched_ext/state": "disabled",
    "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc",
    "/sys/devices/system/node/online": "0-1",
    "/proc/cpuinfo": "processor: 0\nmicrocode\t: 0xa1\n\nprocessor: 1\nmicrocode\t: 0xa1",
    "/proc/cmdline": "root=UUID=secret quiet",
    "/proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0",
    "/proc/self/cgroup": "0::/a/b",
    "/sys/fs/cgroup/a/b/cpu.max": "max 100000",
    "/sys/fs/cgroup/a/cpu.max": "max 100000",
}
# What each change has to be called.
SPOILING = (
    ({f"{CPU}/cpu1/cpufreq/scaling_governor": "powersave"}, "governor performance / powersave"),
    ({f"{CPU}/cpufreq/boost": "1"}, "boost is on"),
    ({f"{CPU}/intel_pstate/no_turbo": "0"}, "turbo is on"),
    ({f"{CPU}/smt/active": "1"}, "SMT is on"),
    ({"/sys/fs/cgroup/a/b/cpu.max": "50000 100000"}, "/sys/fs/cgroup/a/b/cpu.max"),
    ({"/sys/fs/cgroup/a/cpu.max": "50000 100000"}, "CPU quota 50000 100000"),
    ({"/proc/self/mounts": "cgroup /sys/fs/cgroup/cpu cgroup rw,cpuacct,cpu 0 0",
      "/proc/self/cgroup": "4:cpu,cpuacct:/a",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
      "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "20000"}, "CPU quota 20000"),
    ({"/sys/kernel/mm/ksm/run": "1"}, "KSM"),
    ({"/proc/sys/kernel/numa_balancing": "1"}, "NUMA balancing"),
    ({"/sys/module/kvm_intel/parameters/ple_gap": "0"}, "ple_gap is 0"),
    ({"/sys/module/kvm_amd/parameters/pause_filter_count": "0"}, "pause_filter_count is 0"),
    ({"/sys/kernel/sched_ext/state": "enabled", "/sys/kernel/sched_ext/root/ops": "scx_lavd"},
     "scx_lavd"),
    ({"/sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet"}, "hpet"),
)
NOTED = (
    ({"/sys/module/kvm/parameters/halt_poll_ns": "0"}, "halt_poll_ns is 0"),
    ({"/sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never"}, "always"),
    ({"/proc/cmdline": "mitigations=off"}, "mitigations=off"),
)
# One of two things has to hold for these.
HARMLESS = (
    {"/proc/sys/kernel/numa_balancing": "1", "/sys/devices/system/node/online": "0"},
    {"/sys/kernel/sched_ext/root/ops": "left over"},
)


class SettingsCase(unittest.TestCase):
    """Hosts made of files."""

    def host(self, files):
        """The root of a host with such files."""
        root = Path(tempfile.mkdtemp(prefix="pvlab-test-"))
        self.addCleanup(shutil.rmtree, root)
        for name, text in files.items():
            path = root / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        return root

    def settings(self, changes=None):
        return settings.settings(self.host({**GOOD, **(changes or {})}))


class ReadTest(SettingsCase):
    """What is read."""

    def test_known_host(self):
        found = self.settings()
        self.assertEqual(found["kvm"], {"halt_poll_ns": "200000"})
        self.assertEqual(found["frequency"]["scaling_governor"], "performance")
        self.assertEqual(found["huge pages"], {"enabled": "never"})
        self.assertEqual(found["microcode"], {"revision": "0xa1"})
        self.assertEqual(found["cgroup"], {"/sys/fs/cgroup/a/b/cpu.max": "max 100000",
                                           "/sys/fs/cgroup/a/cpu.max": "max 100000"})

    def test_command_line_without_what_is_private(self):
        self.assertNotIn("boot", self.settings())
        found = self.settings({"/proc/cmdline": "root=secret mitigations=off nosmt kvm.x=1"})
        self.assertEqual(found["boot"], {"mitigations": "off", "nosmt": "set", "kvm.x": "1"})

    def test_nothing_is_there(self):
        self.assertEqual(settings.settings(self.host({})), {})

    def test_what_may_not_be_read_is_marked(self):
        root, really = self.host(GOOD), builtins.open

        def guarded(path, *arguments, **options):
            if str(path).endswith("halt_poll_ns"):
                raise PermissionError(13, "Permission denied")
            return really(path, *arguments, **options)
        with mock.patch("builtins.open", guarded):
            found = settings.settings(root)
        self.assertEqual(found["kvm"], {"halt_poll_ns": settings.HIDDEN})
        self.assertEqual(advise(found), [])
        self.assertIn("kvm halt_poll_ns", next(advice.unknown(found)).what)
        self.assertEqual(list(advice.unknown(self.settings())), [])

    def test_by_a_shell_as_by_hand(self):
        root = self.host(GOOD)

        def run(command):
            command = re.sub(r" (?=/(sys|proc)/)", f" {root}", command)
            done = subprocess.run(["sh", "-c", command], capture_output=True, text=True,
                                  check=False)
            return done.returncode, done.stdout.replace(str(root), "")
        here = settings.settings(root)
        there = settings.remote_settings(run)
        self.assertEqual(there, {group: here[group] for group in here
                                 if group not in ("microcode", "boot", "cgroup")})
        self.assertIn("kvm", there)
        self.assertEqual(settings.remote_settings(lambda command: (127, "sh: not found")), {})


class AdviceTest(SettingsCase):
    """What is said: each rule once, and nothing of a host that is fine."""

    def test_nothing_to_be_said(self):
        self.assertEqual(advise(self.settings()), [])
        self.assertEqual(advise({}), [])
        for changes in HARMLESS:
            self.assertEqual(advise(self.settings(changes)), [], changes)

    def test_what_spoils(self):
        for changes, name in SPOILING:
            with self.subTest(name):
                found = advise(self.settings(changes))
                self.assertEqual([each.spoils for each in found], [True])
                self.assertIn(name, found[0].what)
                self.assertTrue(found[0].why and found[0].remedy)

    def test_what_has_to_be_known(self):
        for changes, name in NOTED:
            with self.subTest(name):
                found = advise(self.settings(changes))
                self.assertEqual([each.spoils for each in found], [False])
                self.assertIn(name, found[0].what)

    def test_guest_and_neighbours(self):
        for flags, expected in (("fpu hypervisor", 1), ("fpu vmx", 0)):
            root = self.host({"/proc/cpuinfo": f"flags : {flags}"})
            self.assertEqual(len(list(advice.beneath(root / "proc/cpuinfo"))), expected)
        reading = {"others_cpus": 1.0, "steal_cpus": 0.0, "pressure_pct": None, "load": [1, 1]}
        self.assertTrue(next(advice.neighbours(reading)).spoils)
        self.assertEqual(list(advice.neighbours({**reading, "others_cpus": 0.1})), [])


class ResumeTest(SettingsCase):
    """A campaign goes on only on a host that is set as it was."""

    def check(self, changes):
        """Resume a campaign on a host where this has changed."""
        sessions = [{"guests": {}, "manifest": {"settings": self.settings(each)}}
                    for each in (None, changes)]
        check_identity("DIR", *sessions)

    def test_changed(self):
        with self.assertRaisesRegex(LabError, "frequency scaling_governor was performance"):
            self.check({path: "powersave" for path in GOOD if "governor" in path})

    def test_the_same(self):
        self.check({})
        # Another control group, and something that another user sees.
        self.check({"/proc/self/cgroup": "0::/a", "/sys/kernel/debug/sched/features": "X"})

    def test_earlier_versions_recorded_nothing(self):
        new = {"guests": {}, "manifest": {"settings": self.settings()}}
        old = copy.deepcopy(new)
        del old["manifest"]["settings"]
        check_identity("DIR", old, new)


class DoctorTest(unittest.TestCase):
    """The command itself."""

    def doctor(self, *prefix, scripts=SCRIPTS):
        """What it prints."""
        return subprocess.run([*prefix, sys.executable, scripts / "pvlab", "doctor", "--release",
                               "0.0-none"], cwd=scripts, capture_output=True, text=True,
                              check=False)

    def test_says_what_makes_a_difference(self):
        done = self.doctor()
        self.assertIn("What makes a difference", done.stdout, done.stderr)

    @unittest.skipIf(os.geteuid(), "needs root, to become nobody")
    def test_without_rights(self):
        # The project may be where nobody else can read it.
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            scripts = Path(directory) / "scripts"
            shutil.copytree(SCRIPTS, scripts)
            done = self.doctor("setpriv", "--reuid", "65534", "--regid", "65534",
                               "--clear-groups", scripts=scripts)
        self.assertIn("What makes a difference", done.stdout, done.stderr)
        self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
