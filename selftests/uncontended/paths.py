# SPDX-License-Identifier: GPL-2.0
"""The instructions that a function executes when it meets nobody, out of a compiled module.

Of all ways through a function, that is the one on which it calls nothing. Where a static
branch is, it goes on as the kernel's patched code does: straight on if the key is on (the
jump is then a NOP), to the target of the jump if it is off.
"""

import re
import subprocess
from typing import NamedTuple

FUNCTION = re.compile(r"^[0-9a-f]+ <(\w+)>:$")
INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t(.*?) *$")
RELOCATION = re.compile(r"^\t+ *[0-9a-f]+: R_X86_64_\w+\t([.\w]+)")
JUMP_ENTRY = re.compile(r"^([0-9a-f]+) R_X86_64_\w+ +([.\w]+)(?:\+0x([0-9a-f]+))?")
JUMP_ENTRY_BYTES = 16
TARGET = re.compile(r"\b([0-9a-f]+) <")
# What is not there when a path is inlined: ftrace's hook and the return.
HOOKS = ("__fentry__",)
RETURNS = ("__x86_return_thunk",)


class PathError(Exception):
    """The compiled code is not as it should be; the message says where and how."""


class Instruction(NamedTuple):
    """One line of a disassembly, and the symbol that it refers to, if any."""

    address: int
    text: str
    symbol: str = ""

    def mnemonic(self):
        """The operation, without a prefix."""
        words = self.text.removeprefix("lock ").split()
        return words[0]

    def target(self):
        """Where a jump within the function goes."""
        match = TARGET.search(self.text)
        return int(match.group(1), 16) if match else None

    def is_locked(self):
        """Does it lock the bus? An exchange with memory does so without a prefix."""
        return self.text.startswith("lock ") or \
            self.mnemonic().startswith("xchg") and "(" in self.text


def run_objdump(*arguments):
    """The output of objdump."""
    done = subprocess.run(["objdump", *arguments], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise PathError(f"objdump: {done.stderr.strip()}; build it with 'make modules'")
    return done.stdout


def disassemble(path, names):
    """The instructions of functions: {name: [Instruction]}."""
    functions, current = {}, None
    for line in run_objdump("-dr", "--no-show-raw-insn", str(path)).splitlines():
        start = FUNCTION.match(line)
        if start:
            current = functions.setdefault(start.group(1), [])
            continue
        instruction, relocation = INSTRUCTION.match(line), RELOCATION.match(line)
        if current is not None and instruction:
            text = " ".join(instruction.group(2).split())
            current.append(Instruction(int(instruction.group(1), 16), text))
        elif current and relocation:
            current[-1] = current[-1]._replace(symbol=relocation.group(1).split("-")[0])
    missing = [name for name in names if not functions.get(name)]
    if missing:
        raise PathError(f"{path}: no function {missing[0]} in it")
    return {name: functions[name] for name in names}


def static_branches(path):
    """Addresses in .text of the static branches: {address: (target, key)}."""
    places = {}
    for line in run_objdump("-r", "-j", "__jump_table", str(path)).splitlines():
        match = JUMP_ENTRY.match(line)
        if match:
            entry, field = divmod(int(match.group(1), 16), JUMP_ENTRY_BYTES)
            places.setdefault(entry, {})[field] = (match.group(2), int(match.group(3) or "0", 16))
    return {entry[0][1]: (entry[4][1], entry[8][0]) for entry in places.values()
            if entry[0][0] == ".text"}


class Walker:
    """Follows all ways through a function, and keeps those on which nothing is called."""

    def __init__(self, instructions, branches, key_is_on):
        self.by_address = {each.address: each for each in instructions}
        self.order = [each.address for each in instructions]
        self.branches = branches
        self.key_is_on = key_is_on
        self.found = []

    def paths(self):
        """All of them, as lists of instructions."""
        self.walk(self.order[0], [])
        return self.found

    def after(self, address):
        """The address of the instruction behind."""
        return self.order[self.order.index(address) + 1]

    def walk(self, address, path):
        """Go on from an address."""
        while address is not None:
            if any(each.address == address for each in path):
                return
            instruction = self.by_address.get(address)
            if instruction is None:
                return
            address = self.step(instruction, path)

    def step(self, instruction, path):
        """Execute one instruction; the address of the next, None at the end."""
        mnemonic, target = instruction.mnemonic(), instruction.target()
        if instruction.symbol in HOOKS:
            return self.after(instruction.address)
        if instruction.address in self.branches:
            return self.static_branch(instruction, path)
        if mnemonic.startswith("ret") or instruction.symbol in RETURNS:
            self.found.append(path[:])
            return None
        if mnemonic == "call" or mnemonic == "jmp" and target not in self.by_address \
                or mnemonic.startswith("j") and instruction.symbol:
            return None
        path.append(instruction)
        if mnemonic == "jmp":
            return target
        if mnemonic.startswith("j"):
            self.walk(target, path[:])
        return self.after(instruction.address)

    def static_branch(self, instruction, path):
        """A NOP or a jump, depending on the key."""
        if self.key_is_on:
            path.append(instruction._replace(text="nopl 0x0(%rax,%rax,1)"))
            return self.after(instruction.address)
        target = self.branches[instruction.address][0]
        path.append(instruction)
        return target


def uncontended(name, instructions, branches, key_is_on):
    """The instructions of the one path on which nothing is called, without the return."""
    paths = Walker(instructions, branches, key_is_on).paths()
    if len(paths) != 1:
        raise PathError(f"{name}: {len(paths)} ways through it without a call, not one")
    return paths[0]


def locked(path):
    """How many of the instructions are locked."""
    return sum(instruction.is_locked() for instruction in path)
