# SPDX-License-Identifier: GPL-2.0
"""What each lab is, and what it is not."""

from lab.report.tables import Table

# By the beginning of a lab's label: vCPUs, halt and kick, who preempts, what it lacks.
LABS = (
    ("hardware: KVM", ("vCPUs of KVM", "HLT, hypercall", "this host",
                       "nothing; what else runs on the machine shows")),
    ("real CPUs: threads", ("threads", "futex", "this machine's scheduler",
                            "no exits, no pause-loop exits, no interrupts, no module")),
    ("real CPUs", ("vCPUs of KVM", "HLT, kick", "this machine's scheduler",
                   "no operating system, no module; where only CPL 3 is native, exits are slow")),
    ("emulated", ("vCPUs of KVM in an emulated host", "HLT, hypercall", "the emulated host",
                  "no real CPUs: exits and PAUSE cost what they cost in an emulator; ratios only")),
)
UNKNOWN = ("?", "?", "?", "not known to this version")


def labs_table(documents):
    """One row for each of the labs that the documents come from."""
    rows = []
    for document in documents:
        label = document["label"]
        rows.append([label, *next((what for start, what in LABS if label.startswith(start)),
                                  UNKNOWN)])
    return Table("The labs", ["lab", "a vCPU is", "halt and kick", "preempted by",
                              "what it is not"], rows,
                 "the lock core is the same, from the same files, in all of them",
                 tuple(range(5)))
