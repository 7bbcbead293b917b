# SPDX-License-Identifier: GPL-2.0
"""Command lines of pvmm, the project's own VMM (host/vmm)."""

from lab.errors import LabError
from lab.guest import qemu

# Where L1 has it.
L1_PROGRAM = "/usr/bin/pvmm"


def find_program(build):
    """The path of pvmm on this machine."""
    path = build / "vmm" / "pvmm"
    if not path.exists():
        raise LabError(f"{path}: the VMM has not been built; run 'make vmm'")
    return path


def cpu_feature(word):
    """A feature in pvmm's form: of QEMU's forms, NAME=on and NAME=off are others."""
    name, _, state = word.partition("=")
    return {"": word, "on": f"+{name}", "off": f"-{name}"}[state]


# pylint: disable-next=too-many-arguments # each is an option of pvmm
def guest_command(spec, program, cpu, kernel, initrd, console, port):
    """The command line of a guest; cpu is in QEMU's form, console and port are lines of pvmm."""
    words = f"{cpu.partition(',')[2]},{spec.cpu_flags}".split(",")
    features = ",".join(cpu_feature(word) for word in words if word)
    command = [str(program), "--kernel", str(kernel), "--initrd", str(initrd),
               "--append", qemu.kernel_arguments(spec.arguments()),
               "--cpus", str(spec.vcpus), "--mem", str(spec.mem_mb),
               "--console", console, "--port", f"agent={port}"]
    if spec.inject:
        command += ["--inject", spec.inject, "--seed", str(spec.seed)]
    return command + (["--cpuid", features] if features else [])
