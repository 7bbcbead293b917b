# SPDX-License-Identifier: GPL-2.0
"""The nested lab: L1, a KVM host under QEMU TCG, and the guests inside it."""

import shlex
import time
from dataclasses import replace

from lab.errors import CommandTimeout, HostLost, HostReset, LabError
from lab.guest import agent, image, pvmm, qemu
from lab.guest.guest import COUNTERS_COMMAND, Guest, parse_counters
from lab.guest.kernel import built_kernel, released_kernel
from lab.guest.serial_log import DIES, ConsoleRecorder, LogWatch
from lab.machines.base import SHELL_ARGUMENT, GuestSpec, Lab
from lab.machines.settings import remote_settings

# On a quiet machine L1 boots in 5 s, with KASAN and lockdep in a minute. One boot in some hundred
# hangs under TCG, so it is tried again. By how much longer it took, commands may take longer, too.
L1_BOOT_TIMEOUT = 120
L1_BOOT_QUIET_S = 5
L1_OVERHEAD_MB = 400
L1_PROGRAM = "/usr/bin/qemu-system-x86_64"
CONNECT_TIMEOUT = 20
# TCG's SVM is not perfect: now and then it makes L1 crash, and L1 has to be started again.
MAX_L1_STARTS = 6
# A guest may hang while it boots. So as not to wait for long, how long L1 took to boot, with
# the same kernel, tells how fast the machine is now. Kernels that watch themselves take minutes.
GUEST_BOOT_FACTOR = 10
GUEST_BOOT_LEAST_S = 40
SLOW_KERNELS = ("debug", "kcsan")
# Under multi-threaded TCG, every vCPU that restores x87 state writes into the SVM state of vCPU 0,
# without a lock (cpu_clear_ignne() in QEMU). A vCPU 0 that enters or leaves a guest meanwhile comes
# out with nested paging or its global interrupt flag as they should not be, and L1 or the guest
# is lost. So L1 has one CPU more, which never runs a guest.
HOUSEKEEPING_CPUS = 1
# How often run_in_l1() starts again after a reset.
RESETS_TOLERATED = 3
# Without host support compiled in, TCG stops all vCPUs to emulate CMPXCHG16B, and a vCPU that is
# stopped in a guest after an injected interrupt gets that interrupt again, masked or not.
# TCG emulates "rep stosb" byte by byte: with ERMS, the kernels of L1 and of guests clear and copy
# memory by it, at 200 MB/s, and everything that starts takes half as long again.
# With XSAVE in its guests, L1 soon dies of a corrupted kernel stack: TCG's XSAVE area is larger
# than what the kernel works out from CPUID (the guest warns: "XSAVE consistency problem").
L1_CPU = "max,-cx16,-erms,-fsrm"
L2_CPU = "host,-xsave"


class Slot:
    """A pair of L1's serial ports: the console and the agent of one guest at a time."""

    def __init__(self, number, sockets):
        self.number = number
        self.guest = None
        self.console_path = sockets / f"console{number}"
        self.agent_path = sockets / f"agent{number}"
        self.console = None
        self.agent = None
        self.recorder = None

    def ports(self, log=None):
        """QEMU arguments for both ports."""
        return qemu.serial_port(qemu.socket_chardev(self.console_path, log),
                                f"console{self.number}") \
            + qemu.serial_port(qemu.socket_chardev(self.agent_path), f"agent{self.number}")

    def connect(self, check):
        """Connect to both ports once QEMU has made them."""
        self.console = agent.connect(self.console_path, CONNECT_TIMEOUT, check)
        self.agent = agent.connect(self.agent_path, CONNECT_TIMEOUT, check)

    def record(self, path):
        """Write the console into the file path."""
        if not self.recorder:
            self.recorder = ConsoleRecorder(self.console)
            self.recorder.start()
        self.recorder.record_to(path)

    def drain(self):
        """Forget what an earlier guest has said to the agent's line."""
        self.agent.setblocking(False)
        try:
            while self.agent.recv(65536):
                pass
        except BlockingIOError:
            pass
        self.agent.setblocking(True)

    def close(self):
        """Close both ports."""
        for line in (self.console, self.agent):
            if line:
                line.close()


class NestedControl:
    """A guest's QEMU inside L1."""

    def __init__(self, lab, slot, command_line):
        self.command_line = command_line
        self._lab = lab
        self._slot = slot
        self._directory = f"/run/guest/{slot.number}"

    def check(self):
        """Raise if L1 is lost, and the guest with it."""
        self._lab.check()

    def counters(self):
        """What KVM in L1 counts for the guest."""
        pid = f"$(cat {self._directory}/pid)"
        return parse_counters(self._lab.run_host(COUNTERS_COMMAND.format(pid=pid))[1])

    def stop(self):
        """End QEMU and what belongs to it, and free the slot once all has gone."""
        try:
            self._lab.run_host(f"session=$(cat {self._directory}/session); kill -9 -- -$session; "
                               "while kill -0 -- -$session; do usleep 20000; done 2>/dev/null")
        except HostLost:
            return
        self._slot.record(None)
        self._slot.guest = None


class NestedLab(Lab):
    """Guests under KVM inside L1, whose SVM is emulated."""

    label = "emulated: QEMU TCG, nested SVM"
    emulated = True
    has_l1 = True
    preferred_vmm = "pvmm"

    def __init__(self, options, progress):
        super().__init__(options, progress)
        self._process = None
        self._agent = None
        self._slots = []
        self._log = None
        self._image = None
        self._starts = 0
        self._host_kernel = self._find_host_kernel()
        self.guest_limit = min(qemu.GUEST_SLOTS,
                               (options.l1_mem_mb - L1_OVERHEAD_MB) // GuestSpec.mem_mb)
        self.command = None
        self.boot_seconds = None

    def _find_host_kernel(self):
        variant = self.options.host_kind().kernel
        if not variant and self.options.l1_kernel:
            return released_kernel(self.options.l1_kernel, self.options.build)
        if not variant:
            return self.kernel
        if self.options.l1_kernel:
            raise LabError(f"--l1-kernel {self.options.l1_kernel}: '--host {self.options.host}' "
                           "has a kernel of its own; leave one of them out")
        return built_kernel(variant, self.options.build, "make host-debug")

    def _open(self):
        self.progress("building the images of L1 and of its guests")
        guests = {variant: (self.guest_kernels[variant], archive)
                  for variant, archive in self._build_guest_images().items()}
        tests = self.options.host_tests or self.options.products / "selftests" / "run-l1"
        self._image = image.build_host(self.images, self._host_kernel, self._programs(),
                                       guests, tests, self.options.kvm_modules())
        self._start_l1()

    def _programs(self):
        """What runs guests in L1, by path there; QEMU also keeps a VM from its boot on."""
        programs = {L1_PROGRAM: self._program}
        if self.vmm == "pvmm":
            programs[pvmm.L1_PROGRAM] = pvmm.find_program(self.options.build)
        return programs

    def _start_l1(self):
        """Start L1; a boot that hangs is tried again."""
        while True:
            try:
                self._boot_l1()
                return
            except HostLost as lost:
                if not isinstance(lost.__cause__, agent.LineTimeout) \
                        or self._starts == MAX_L1_STARTS:
                    raise
                self.progress(f"{lost}; starting it again")
                self._close()

    def _boot_l1(self):
        start = time.monotonic()
        self._starts += 1
        suffix = f".{self._starts}" if self._starts > 1 else ""
        self._log = LogWatch(self.options.log_dir / f"l1{suffix}.log")
        self._slots = [Slot(number, self.sockets) for number in range(qemu.GUEST_SLOTS)]
        self.command = self._l1_command(self._image)
        self.progress(f"L1: {shlex.join(self.command)}")
        self._process = qemu.Process(self.command, self.options.lifetime,
                                     self._log.path.with_suffix(".qemu"))
        line = agent.connect(self.sockets / "agent", CONNECT_TIMEOUT, self.check)
        self._agent = agent.AgentLine(line, self.check)
        for slot in self._slots:
            slot.connect(self.check)
        self._guarded(self._agent.wait_ready, L1_BOOT_TIMEOUT)
        self.boot_seconds = time.monotonic() - start
        self.progress(f"L1 is up after {self.boot_seconds:.1f} s")

    def _l1_command(self, initrd):
        log = self._log.path
        log.write_bytes(b"")
        command = qemu.machine_command(
            self._program, "pvlab-l1", self.pcpus + HOUSEKEEPING_CPUS,
            self.options.l1_mem_mb,
            "tcg,thread=multi", L1_CPU, self._host_kernel.vmlinuz, initrd,
            f"{qemu.PATIENT} {SHELL_ARGUMENT if self.options.interactive == 'l1' else ''}")
        command += qemu.console(qemu.socket_chardev(self.console_path(), log))
        command += qemu.serial_bus(1 + 2 * qemu.GUEST_SLOTS)
        command += qemu.serial_port(qemu.socket_chardev(self.sockets / "agent"), "agent")
        for slot in self._slots:
            command += slot.ports()
        return command

    def console_path(self):
        """The socket of L1's console."""
        return self.sockets / "console"

    def poll(self):
        """Raise if L1 has ended or is lost."""
        self._guarded(self._agent.poll)

    def open_console(self):
        """Connect to the console that the lab was opened with for interactive use."""
        if self.options.interactive == "l1":
            return agent.connect(self.console_path(), CONNECT_TIMEOUT, self.check)
        return next(slot.console for slot in self._slots if slot.guest)

    def check(self):
        """Raise if L1 is lost."""
        lost = self._log.sign(DIES)
        kind = HostLost
        ended = self._process.ended()
        if ended:
            # L1's last words may have arrived since.
            lost = self._log.sign(DIES)
            kind = HostReset if ended.reset and not lost else HostLost
            lost = lost or f"its QEMU {ended}"
        if lost:
            raise kind(f"L1: {lost}; all its guests are lost", self._log.path)

    def slowness(self):
        """By what factor L1 is slower than on a quiet machine, as it booted; at least 1."""
        if self.options.host_kind().kernel:
            return 1.0
        return max(1.0, (self.boot_seconds or 0) / L1_BOOT_QUIET_S)

    def run_host(self, command, timeout=60, on_output=None):
        timeout *= self.slowness()
        status, output, timed_out = self._guarded(self._agent.run, command, timeout, on_output)
        if timed_out:
            raise CommandTimeout(f"L1: command killed after {timeout:g} s: {command}",
                                 self._log.path)
        return status, output

    def _guarded(self, function, *arguments):
        try:
            return function(*arguments)
        except (agent.LineTimeout, agent.LineClosed, agent.MalformedAnswer) as error:
            raise HostLost(f"L1: {error}; all its guests are lost", self._log.path) from error

    def host_failure(self):
        sign = self._log.sign(self.options.host_kind().grave)
        return sign and f"L1: {sign} (serial log: {self._log.path})"

    def ensure_host(self):
        try:
            self.run_host("true")
            sign = self._log.sign(self.options.host_kind().grave)
            if not sign:
                return
            lost = HostLost(f"L1: {sign}", self._log.path)
        except HostLost as failure:
            lost = failure
        if self._starts == MAX_L1_STARTS:
            raise LabError(f"{lost}; given up after {MAX_L1_STARTS} starts of L1") from lost
        self.progress(f"{lost}; starting it again")
        for guest in self.guests:
            if guest.running:
                guest.running = False
                guest.lost = lost
        self._close()
        self._start_l1()

    def _guest_command(self, spec, slot):
        agent_port = f"/dev/virtio-ports/agent{slot.number}"
        kind, path = ("pipe", f"/dev/virtio-ports/console{slot.number}") if spec.interactive \
            else ("file", f"/run/guest/{slot.number}/console")
        kernel, initrd = f"/root/{spec.kernel}/kernel", f"/root/{spec.kernel}/initrd"
        if self.vmm == "pvmm":
            return pvmm.guest_command(spec, pvmm.L1_PROGRAM, L2_CPU, kernel, initrd,
                                      f"{kind}:{path}", f"pipe:{agent_port}")
        return spec.command(L1_PROGRAM, "kvm", L2_CPU, kernel, initrd) \
            + qemu.console(f"{kind},path={path}") \
            + qemu.serial_port(f"pipe,path={agent_port}", "agent")

    def boot_timeout(self, guest):
        limit = super().boot_timeout(guest)
        if guest.kernel in SLOW_KERNELS or self.options.host_kind().kernel:
            return limit
        return min(limit, max(GUEST_BOOT_LEAST_S, GUEST_BOOT_FACTOR * self.boot_seconds))

    def _launch(self, spec, log_path):
        self.ensure_host()
        slot = next((each for each in self._slots if each.guest is None), None)
        if slot is None:
            raise LabError(f"guest {spec.name}: L1 has {qemu.GUEST_SLOTS} guests already; "
                           "stop one first")
        self._require_memory(spec)
        spec = replace(spec, append=f"{qemu.PATIENT} {spec.append}".strip())
        command = self._guest_command(spec, slot)
        slot.drain()
        if not spec.interactive:
            slot.record(log_path)
        control = NestedControl(self, slot, shlex.join(command))
        guest = Guest(spec, control, slot.agent, LogWatch(log_path))
        relay = "port" if spec.interactive else "file"
        self.run_host(f"setsid /lib/pvlab/run-guest {slot.number} {relay} "
                      f"{control.command_line} >/dev/null 2>&1 &")
        slot.guest = guest
        return guest

    def _require_memory(self, spec):
        used = sum(guest.mem_mb for guest in self.guests if guest.running)
        room = self.options.l1_mem_mb - L1_OVERHEAD_MB - used
        if spec.mem_mb > room:
            raise LabError(f"guest {spec.name}: {spec.mem_mb} MiB do not fit into L1, which has "
                           f"{room} MiB left; give L1 more (--l1-mem) or stop a guest")

    def manifest(self):
        manifest = super().manifest()
        manifest["nesting"] = "L2 under KVM in L1; L1 under QEMU TCG, which emulates SVM"
        manifest["l1"] = {"vcpus": self.pcpus + HOUSEKEEPING_CPUS,
                          "mem_mb": self.options.l1_mem_mb,
                          "boot_seconds": self.boot_seconds,
                          "settings": remote_settings(self.run_host),
                          "command_line": shlex.join(self.command)}
        manifest["host"] = {"kvm": self.options.host,
                            "kernel": self._host_kernel.release,
                            "modules": image.kvm_digests(self._host_kernel,
                                                         self.options.kvm_modules())}
        return manifest

    def _close(self):
        if self._process:
            self._process.stop()
        if self._agent:
            self._agent.close()
        for slot in self._slots:
            slot.close()
        self._slots = []


def run_in_l1(options, progress, function):
    """Return function(lab) of a nested lab; start again if the emulated machine resets.

    For tests of L1: what guests they have, they start themselves.
    """
    options = replace(options, vmm="qemu")
    for _ in range(RESETS_TOLERATED):
        try:
            with NestedLab(options, progress) as lab:
                return function(lab)
        except HostReset as reset:
            progress(f"{reset}: starting again")
    with NestedLab(options, progress) as lab:
        return function(lab)
