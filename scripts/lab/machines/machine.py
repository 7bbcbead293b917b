# SPDX-License-Identifier: GPL-2.0
"""What this machine is, and whether guests can run directly under KVM on it."""

import fcntl
import os
import platform
import shutil
from pathlib import Path

from lab.errors import LabError

CPUINFO = Path("/proc/cpuinfo")
KVM = Path("/dev/kvm")
KVM_GET_API_VERSION = 0xAE00
KVM_CREATE_VM = 0xAE01
KVM_API_VERSION = 12
KVM_WORKS = "opens and creates a VM"


def cpu_field(name, cpuinfo=CPUINFO):
    """A field of the first CPU in cpuinfo, "" if there is none."""
    for line in cpuinfo.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def memory_mb():
    """The memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20


def summary():
    """This machine in a few words, for the record."""
    return {"cpu": cpu_field("model name"), "cpus": os.cpu_count(), "mem_mb": memory_mb(),
            "kernel": platform.release(), "os": os_name()}


def os_name():
    """The name of the distribution."""
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")
    except OSError:
        return "unknown"


def free_mb(directory):
    """Free space of the file system that holds a directory, which need not exist yet."""
    directory = Path(directory).absolute()
    while not directory.exists():
        directory = directory.parent
    return shutil.disk_usage(directory).free >> 20


def require_space(directory, needed_mb, purpose):
    """Raise if a file system is too full."""
    free = free_mb(directory)
    if free < needed_mb:
        raise LabError(f"{directory}: {free} MiB free, {purpose} need {needed_mb} MiB; "
                       "free some disk space")


def virtualization_flag(cpuinfo=CPUINFO):
    """vmx, svm or ""."""
    flags = cpu_field("flags", cpuinfo).split()
    return next((flag for flag in ("vmx", "svm") if flag in flags), "")


def describe_kvm(kvm=KVM):
    """What /dev/kvm answers; this alone does not tell whether guests can run."""
    if not kvm.exists():
        return "does not exist"
    try:
        with open(kvm, "rb+", buffering=0) as node:
            return why_no_vm(kvm, node) or KVM_WORKS
    except OSError as error:
        return f"cannot be opened: {error.strerror}"


def why_no_kvm(cpuinfo=CPUINFO, kvm=KVM):
    """None if this machine says that it can run guests, else the reason why not.

    A /dev/kvm alone proves nothing: it can open, create a VM, and then crawl through the
    instruction emulator.
    """
    if not virtualization_flag(cpuinfo):
        node = f"{kvm} exists, but " if kvm.exists() else ""
        return f"{node}{cpuinfo} shows neither vmx nor svm"
    if not kvm.exists():
        return f"{kvm} does not exist (load kvm-intel or kvm-amd)"
    try:
        with open(kvm, "rb+", buffering=0) as node:
            return why_no_vm(kvm, node)
    except OSError as error:
        remedy = " (join the group kvm)" if isinstance(error, PermissionError) else ""
        return f"{kvm}: {error.strerror}{remedy}"


def why_no_vm(kvm, node):
    """None if a VM can be created through an open /dev/kvm."""
    try:
        version = fcntl.ioctl(node, KVM_GET_API_VERSION, 0)
        if version != KVM_API_VERSION:
            return f"{kvm}: KVM_GET_API_VERSION says {version}, not {KVM_API_VERSION}"
    except OSError as error:
        return f"{kvm}: KVM_GET_API_VERSION: {error.strerror}"
    try:
        os.close(fcntl.ioctl(node, KVM_CREATE_VM, 0))
    except OSError as error:
        return f"{kvm}: KVM_CREATE_VM: {error.strerror}"
    return None
