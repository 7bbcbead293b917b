# SPDX-License-Identifier: GPL-2.0
"""A campaign as a job array of a real Slurm, on this machine: requeued in the middle, and joined.

It needs Debian's slurm-wlm, whose daemons it starts for itself; without, it is skipped.
"""

# pylint: disable=missing-function-docstring
import getpass
import json
import os
import platform
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PVLAB = TOP / "scripts" / "pvlab"
PROGRAMS = ("slurmctld", "slurmd", "slurmstepd", "sbatch", "squeue", "scontrol", "sinfo")
JOBS, RUNS = 3, 9
WAIT_S = 300
# A requeued job waits for as long as credentials are valid.
EXPIRE_S = 5
CONFIGURATION = """ClusterName=pvlab
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/none
AuthInfo=cred_expire={expire}
CredType=cred/none
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation={scratch}/state
SlurmdSpoolDir={scratch}/spool
SlurmctldPidFile={scratch}/slurmctld.pid
SlurmdPidFile={scratch}/slurmd.pid
SlurmctldLogFile={scratch}/slurmctld.log
SlurmdLogFile={scratch}/slurmd.log
PluginDir={plugins}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
MpiDefault=none
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=500
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def program(name):
    """Where a program of Slurm is; None without it."""
    path = os.environ["PATH"] + ":/usr/sbin"
    return shutil.which(name, path=path) or shutil.which(f"{name}-wlm", path=path)


def missing():
    """The programs that are not there."""
    return [name for name in PROGRAMS
            if not program(name)]


@unittest.skipIf(missing(), f"no {', '.join(missing())}: install slurm-wlm")
class SlurmTest(unittest.TestCase):
    """A controller, a node, and jobs."""

    def setUp(self):
        self.scratch = Path(tempfile.mkdtemp(prefix="pvlab-slurm-"))
        self.addCleanup(shutil.rmtree, self.scratch)
        for name in ("state", "spool"):
            (self.scratch / name).mkdir()
        plugins = Path(program("sbatch")).resolve().parents[1] / "lib/x86_64-linux-gnu/slurm-wlm"
        configuration = self.scratch / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(
            host=platform.node(), user=getpass.getuser(), scratch=self.scratch, plugins=plugins,
            cpus=os.cpu_count(), expire=EXPIRE_S), encoding="ascii")
        self.environment = {**os.environ, "SLURM_CONF": str(configuration)}
        self.daemon("slurmctld", "-D")
        self.daemon("slurmd", "-D", "-d", program("slurmstepd"))
        self.jobs = self.scratch / "jobs"

    def daemon(self, name, *arguments):
        """Start a daemon that ends with the test."""
        with open(self.scratch / f"{name}.out", "wb") as output:
            # pylint: disable-next=consider-using-with # it lives as long as the test
            process = subprocess.Popen([program(name), *arguments], stdout=output,
                                       stderr=subprocess.STDOUT, env=self.environment)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.terminate)

    def call(self, *command, code=0):
        """What a command prints."""
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment,
                              check=False, timeout=WAIT_S)
        self.assertEqual(done.returncode, code, (command, done.stdout, done.stderr))
        return done.stdout + done.stderr

    def until(self, what, condition):
        """Wait for something."""
        end = time.monotonic() + WAIT_S
        while not condition():
            self.assertLess(time.monotonic(), end, f"{what}: not within {WAIT_S} s; "
                            + self.call(program("squeue"), "-r"))
            time.sleep(0.2)

    def runs(self, job):
        """How many runs a job has recorded."""
        path = self.jobs / f"job-{job}" / "runs.jsonl"
        return len(path.read_text("ascii").splitlines()) if path.exists() else 0

    def merge(self, code=0):
        return self.call(PVLAB, "merge", self.jobs, "--out", self.scratch / "all", code=code)

    def test_job_array(self):
        self.call("make", "-s", "-C", TOP, "process")
        self.call(PVLAB, "shard", "--jobs", str(JOBS), "--into", self.jobs, "--lab", "process",
                  "--locks", "pvticket,tas", "--overcommit", "1,2,4", "--repeats", str(RUNS // 3),
                  "--duration-ms", "300")
        self.until("node", lambda: "idle" in self.call(program("sinfo"), "-h"))
        array = self.call(program("sbatch"), "--parsable", self.jobs / "array.sbatch").strip()
        self.until("runs of job 1", lambda: self.runs(1) > 1)
        self.call(program("scontrol"), "requeue", f"{array}_1")
        self.until("the end of job 1", lambda: self.sessions(1)
                   and self.sessions(1)[0]["ended_by"])
        self.assertIn("job", self.merge(code=2))
        self.until("jobs", lambda: not self.call(program("squeue"), "-h", "-r").strip())
        self.assertEqual([self.runs(job) for job in range(1, JOBS + 1)], [RUNS] * JOBS)
        self.assertEqual([session["ended_by"] for session in self.sessions(1)],
                         ["interrupted", None])
        self.merge()
        document = json.loads((self.scratch / "all" / "results.json").read_text("utf-8"))
        self.assertEqual((document["status"], len(document["cells"])), ("complete", 9))
        self.assertEqual(document["plan"]["axes"]["machine"], [platform.node()])

    def sessions(self, job):
        """The sessions of a job."""
        path = self.jobs / f"job-{job}" / "campaign.json"
        return json.loads(path.read_text("utf-8"))["sessions"] if path.exists() else []


if __name__ == "__main__":
    unittest.main()
