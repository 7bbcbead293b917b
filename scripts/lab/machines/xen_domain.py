# SPDX-License-Identifier: GPL-2.0
"""Domains that dom0 starts with xl, and saves, restores and migrates."""

import os
from pathlib import Path

from lab.errors import GuestFailure
from lab.guest import agent, image
from lab.guest.guest import Guest
from lab.guest.serial_log import LogWatch
from lab.machines.base import GuestSpec
from lab.machines.xen import PACKAGES, PORT, XenLab

KINDS = ("pv", "pvh")
NAME = "domain"
# Of a domain, MiB; a migrated one is there twice.
DOMAIN_MB = 160
DOM0_MB = 640
# xl and what it starts.
PROGRAMS = ("lib/xen-4.17/bin/xl", "lib/xen-4.17/bin/xenstored", "lib/xen-4.17/bin/xenconsoled",
            "lib/xen-4.17/bin/libxl-save-helper", "lib/xen-4.17/bin/xen-init-dom0",
            "bin/xenstore-read", "bin/xenstore-write")
LIBRARIES = "usr/lib/x86_64-linux-gnu"
# Loaded when a thread is cancelled, so that ldd does not list it.
THREAD_LIBRARY = "/lib/x86_64-linux-gnu/libgcc_s.so.1"
MODULES = ("xenfs", "xen_privcmd", "xen_evtchn", "xen_gntdev", "xen_gntalloc")
# The console is the agent's, so the kernel keeps quiet but for emergencies.
KERNEL_ARGUMENTS = "loglevel=1 panic=-1 cryptomgr.notests"
XL_TIMEOUT = 120

CONFIGURATION = """\
name = "{name}"
type = "{kind}"
kernel = "/root/kernel"
ramdisk = "/root/initrd"
extra = "{arguments}"
memory = {memory}
vcpus = {vcpus}
on_crash = "destroy"
on_reboot = "destroy"
"""


class DomainLab(XenLab):
    """A Xen whose dom0 has what it takes to run one domain more."""

    # Twice the domain, and what Xen needs for each.
    others_mb = 2 * DOMAIN_MB + 64

    def _build_guest_images(self):
        packages = Path(self.options.build, PACKAGES)
        tests = self.options.products / "selftests" / "run"
        domain = image.guest_tree(self.images / "domain", self.kernel, "init-domain", tests)
        archive = domain.pack(self.images / "domain.cpio")
        tree = image.guest_tree(self.images / "stock", self.kernel, "init-l2")
        tree.add_kernel_modules(*MODULES)
        tree.add(image.HERE / "initramfs/xen-tools", "lib/pvlab/xen-tools")
        tree.add(self.kernel.vmlinuz, "root/kernel")
        tree.add(archive, "root/initrd")
        tree.add(THREAD_LIBRARY, THREAD_LIBRARY)
        for program in PROGRAMS:
            # Where xl looks for its helpers.
            target = f"usr/{program}" if "libxl" in program else f"bin/{Path(program).name}"
            tree.add_program(packages / "usr" / program, target, packages / LIBRARIES)
        return {"stock": tree.pack(self.images / "dom0.cpio")}

    def start_dom0(self):
        """Boot dom0 and start Xen's daemons in it."""
        dom0 = self.start_guest("dom0", vcpus=2, mem_mb=DOM0_MB)
        run_in_dom0(dom0, "/lib/pvlab/xen-tools start")
        return dom0


def run_in_dom0(dom0, command):
    """Run a command that has to succeed."""
    status, output = dom0.run(command, XL_TIMEOUT)
    if status:
        raise GuestFailure(f"dom0: '{command}' ended with status {status}: "
                           f"{output.strip()[-400:]}", dom0.log_path)
    return output


class Domain:
    """A domain of dom0, and the guest that can be used like any other of a lab."""

    def __init__(self, lab, dom0, kind, vcpus, arguments=""):
        self._dom0 = dom0
        self.command_line = f"xl create ({kind}, {vcpus} vCPUs)"
        self._line = agent.connect(lab.sockets / f"dom0.{PORT}", XL_TIMEOUT, dom0.check)
        text = CONFIGURATION.format(name=NAME, kind=kind, vcpus=vcpus, memory=DOMAIN_MB,
                                    arguments=f"{KERNEL_ARGUMENTS} {arguments}".strip())
        run_in_dom0(dom0, f"cat >/root/{NAME}.cfg <<'END'\n{text}END")
        run_in_dom0(dom0, f"xl create /root/{NAME}.cfg")
        run_in_dom0(dom0, f"setsid /lib/pvlab/xen-tools relay {NAME} {PORT} >/dev/null &")
        self.guest = Guest(GuestSpec(NAME, vcpus=vcpus, mem_mb=DOMAIN_MB), self, self._line,
                           LogWatch(Path(os.devnull)))
        self.guest.wait_ready(lab.options.boot_timeout)

    def save_and_restore(self):
        """Write the domain to a file, and start it again from there."""
        run_in_dom0(self._dom0, f"xl save {NAME} /tmp/saved && xl restore /tmp/saved "
                                "&& rm /tmp/saved")

    def migrate(self):
        """Migrate the domain to the host it is on."""
        run_in_dom0(self._dom0, f"xl migrate -s '' {NAME} 'xl migrate-receive'")

    def check(self):
        """Raise if dom0 is lost, and the domain with it."""
        self._dom0.check()

    @staticmethod
    def counters():
        """Xen has none for this."""
        return {}

    def stop(self):
        """End the domain."""
        run_in_dom0(self._dom0, f"xl destroy {NAME}")
        self._line.close()
