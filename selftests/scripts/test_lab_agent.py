# SPDX-License-Identifier: GPL-2.0
"""The agent and the machine's end of its line."""

import os
import time
import unittest
from unittest import mock

from fake_agent import RealAgent, ScriptedAgent
from lab.guest import agent
from lab.guest.agent import AgentLine, LineClosed, LineReset, LineTimeout, MalformedAnswer


class RealAgentTest(unittest.TestCase):
    """What guests run, run here."""

    def setUp(self):
        self.agent = RealAgent()
        self.addCleanup(self.agent.close)
        self.line = AgentLine(self.agent.line)
        self.line.wait_ready(10)

    def run_command(self, command, timeout=10):
        """Run a command that must not time out."""
        status, output, timed_out = self.line.run(command, timeout)
        self.assertFalse(timed_out)
        return status, output

    def test_exit_code_and_output(self):
        self.assertEqual(self.run_command("echo one; echo two >&2; exit 3"), (3, "one\ntwo\n"))

    def test_output_without_newline_is_exact(self):
        self.assertEqual(self.run_command("printf abc"), (0, "abc"))
        self.assertEqual(self.run_command("true"), (0, ""))

    def test_command_arrives_unchanged(self):
        command = "cat <<'EOF'\n a\\b \\n $HOME \"q\" 'r' %s\n\nEOF"
        self.assertEqual(self.run_command(command)[1], " a\\b \\n $HOME \"q\" 'r' %s\n\n")

    def test_large_output(self):
        _, output = self.run_command("i=0; while [ $i -lt 30000 ]; do i=$((i + 1)); "
                                     "echo line $i; done")
        lines = output.splitlines()
        self.assertEqual((len(lines), lines[-1]), (30000, "line 30000"))

    def test_output_that_looks_like_the_protocol(self):
        text = "@pvlab ready\n@pvlab begin 0\n\n@pvlab end 0 7\n"
        self.assertEqual(self.run_command(f"printf '{text}'"), (0, text))

    def test_timeout_ends_the_whole_session(self):
        mark = os.path.join(self.agent.rundir.name, "mark")
        _, output, timed_out = self.line.run(f"echo begin; (sleep 2; touch {mark}) & sleep 60", 1)
        self.assertTrue(timed_out)
        self.assertEqual(output, "begin\n")
        self.assertEqual(self.run_command("echo alive; sleep 2"), (0, "alive\n"))
        self.assertFalse(os.path.exists(mark))

    def test_background_process_does_not_block(self):
        self.assertEqual(self.run_command("sleep 3 >/dev/null 2>&1 & echo done"), (0, "done\n"))

    def test_output_is_passed_on_in_pieces(self):
        pieces = []
        _, output, _ = self.line.run("echo a; sleep 1; printf 'grün'", 10, pieces.append)
        self.assertEqual("".join(pieces), output)
        self.assertEqual(output, "a\ngrün")
        self.assertGreater(len([piece for piece in pieces if piece]), 1)

    def test_answer_that_comes_too_late_is_not_taken_for_the_next(self):
        with mock.patch.object(agent, "GRACE_SECONDS", -1.5), self.assertRaises(LineTimeout):
            self.line.run("sleep 1; echo old", 2)
        self.assertEqual(self.run_command("echo new"), (0, "new\n"))


class BrokenAgentTest(unittest.TestCase):
    """Answers that no agent gives."""

    def ask(self, answer):
        """Run a command on an agent that answers like this."""
        scripted = ScriptedAgent(answer)
        self.addCleanup(scripted.line.close)
        with mock.patch.object(agent, "GRACE_SECONDS", 0):
            return AgentLine(scripted.line).run("true", 1)

    def test_status_that_is_no_number(self):
        with self.assertRaisesRegex(MalformedAnswer, "xyz.* where an exit status was expected"):
            self.ask(lambda i: f"@pvlab begin {i}\n\n@pvlab end {i} xyz\n".encode())

    def test_no_end(self):
        with self.assertRaisesRegex(LineTimeout, "no answer from the agent within 1 s"):
            self.ask(lambda i: f"@pvlab begin {i}\n{'noise' * 1000}".encode())

    def test_garbage_only(self):
        with self.assertRaises(LineTimeout):
            self.ask(lambda i: bytes(range(256)) * 100)

    def test_garbage_before_the_answer(self):
        result = self.ask(lambda i: bytes(range(256))
                          + f"\n@pvlab begin {i}\nhello\n@pvlab end {i} 0\n".encode())
        self.assertEqual(result, (0, "hello", False))

    def test_answer_that_begins_too_late(self):
        delays = iter((1, 0))
        outputs = iter(("old", "new"))

        def answer(ident):
            time.sleep(next(delays))
            return f"@pvlab begin {ident}\n{next(outputs)}\n@pvlab end {ident} 0\n".encode()
        scripted = ScriptedAgent(answer)
        self.addCleanup(scripted.line.close)
        line = AgentLine(scripted.line)
        with mock.patch.object(agent, "GRACE_SECONDS", -0.5), self.assertRaises(LineTimeout):
            line.run("first", 1)
        self.assertEqual(line.run("second", 5), (0, "new", False))

    def test_too_much_output(self):
        with mock.patch.object(agent, "MAX_OUTPUT", 1000), \
                self.assertRaisesRegex(MalformedAnswer, "printed more than"):
            self.ask(lambda i: f"@pvlab begin {i}\n{'x' * 100000}".encode())

    def test_qemu_goes_away(self):
        with self.assertRaisesRegex(LineClosed, "QEMU closed the agent's line"):
            self.ask(lambda i: None)

    def test_qemu_in_l1_is_killed(self):
        with self.assertRaisesRegex(LineClosed, "its QEMU was killed by SIGKILL"):
            self.ask(lambda i: b"\n@pvlab exit 137\n\n@pvlab gone\n")

    def test_guest_in_l1_resets(self):
        with self.assertRaisesRegex(LineReset, "its QEMU ended by itself"):
            self.ask(lambda i: b"\n@pvlab exit 0\n\n@pvlab gone\n")

    def test_qemu_in_l1_says_why(self):
        with self.assertRaisesRegex(LineClosed, "ended with status 1: no such CPU"):
            self.ask(lambda i: b"\n@pvlab exit 1\nno such CPU\n\n@pvlab gone\n")

    def test_guest_that_is_known_to_be_lost(self):
        check = mock.Mock(side_effect=[None, None, LineClosed("panic")])
        scripted = ScriptedAgent(lambda i: b"")
        self.addCleanup(scripted.line.close)
        with self.assertRaisesRegex(LineClosed, "panic"):
            AgentLine(scripted.line, check).run("true", 60)


if __name__ == "__main__":
    unittest.main()
