# SPDX-License-Identifier: GPL-2.0
"""Counting test results."""

import unittest

import fake_agent  # noqa: F401 pylint: disable=unused-import
from lab.testing.kselftest import LineStream
from lab.testing.ktap import count


def counted(text, status=0):
    """Results of a program's output: passed, failed, skipped, problems."""
    counts = count(text.splitlines(), "prog", status)
    return counts.passed, counts.failed, counts.skipped, counts.problems


class KtapTest(unittest.TestCase):
    """Outputs of one program."""

    def test_flat(self):
        self.assertEqual(counted("TAP version 13\n1..4\nok 1 a\nnot ok 2 b\n"
                                 "ok 3 c # SKIP no hardware\nok 4 d # XFAIL known\n", 1),
                         (2, 1, 1, ["b"]))

    def test_harness(self):
        text = ("TAP version 13\n1..2\n# Starting 2 tests from 1 test cases.\n"
                "#  RUN           global.a ...\n#            OK  global.a\nok 1 global.a\n"
                "#  RUN           global.b ...\n# b.c:7:b:Expected 1 (1) == 2 (2)\n"
                "#          FAIL  global.b\nnot ok 2 global.b\n# FAILED: 1 / 2 tests passed.\n"
                "# Totals: pass:1 fail:1 xfail:0 xpass:0 skip:0 error:0\n")
        self.assertEqual(counted(text, 1), (1, 1, 0, ["global.b"]))

    def test_subtests_count_instead_of_their_parent(self):
        text = ("KTAP version 1\n1..2\n  KTAP version 1\n  1..3\n  ok 1 x\n  ok 2 y # SKIP\n"
                "  not ok 3 z\nnot ok 1 parent\n  1..1\n  ok 1 x\nok 2 other\n")
        self.assertEqual(counted(text, 1), (2, 1, 1, ["z"]))

    def test_parent_that_fails_although_its_subtests_pass(self):
        self.assertEqual(counted("1..1\n  1..1\n  ok 1 x\nnot ok 1 parent\n", 1),
                         (1, 1, 0, ["parent"]))

    def test_results_are_missing(self):
        self.assertEqual(counted("1..3\nok 1 a\n"),
                         (1, 1, 0, ["3 tests planned, 1 reported"]))

    def test_no_results(self):
        self.assertEqual(counted("Segmentation fault\n", 139),
                         (0, 1, 0, ["prog: no test results, exit code 139"]))
        self.assertEqual(counted("", 0), (0, 1, 0, ["prog: no test results, exit code 0"]))

    def test_skipped_as_a_whole(self):
        self.assertEqual(counted("not root\n", 4), (0, 0, 1, []))

    def test_exit_code_against_results(self):
        self.assertEqual(counted("1..1\nok 1 a\n", 1),
                         (1, 1, 0, ["prog: all tests passed, but the exit code is 1"]))

    def test_negative_controls(self):
        text = ("1..5\nok 1 busted.lock_is_caught\nok 2 lock excludes is caught\n"
                "not ok 3 late unlock is caught\nok 4 a_is_caughtish\nok 5 is caught # SKIP no\n")
        counts = count(text.splitlines(), "prog", 1)
        self.assertEqual((counts.passed, counts.controls), (3, 2))
        self.assertEqual(str(counts),
                         "3 passed (2 of them negative controls), 1 failed, 1 skipped")

    def test_expected_failure_that_is_reported_as_one(self):
        self.assertEqual(counted("1..1\nnot ok 1 a # TODO not yet\n"), (1, 0, 0, []))


class LineStreamTest(unittest.TestCase):
    """Pieces of text become lines."""

    def test_pieces(self):
        lines = []
        stream = LineStream(lines.append)
        for piece in ("a", "b\nc\r\n", "", "\nrest"):
            stream.write(piece)
        stream.close()
        self.assertEqual(lines, ["ab", "c", "", "rest"])


if __name__ == "__main__":
    unittest.main()
