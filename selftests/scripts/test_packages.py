# SPDX-License-Identifier: GPL-2.0
"""scripts/packages: that none of them can be left out, and how lint finds what they are for."""

import shlex
import unittest
from pathlib import Path

import fake_agent  # noqa: F401 pylint: disable=unused-import
from lab.workload.programs import PROGRAMS
from linters.packages import judge, provided, read_table
from linters.shell_words import called_programs, defined_functions
from linters.tree import Tree
from linters.uses import uses

TOP = Path(__file__).resolve().parents[2]

SCRIPT = """
# a comment's program
set -e; first | second && third || ! fourth
variable=$(fifth "$(sixth)" $(seventh)) eighth >ninth 2>&1 <tenth
if eleventh; then twelfth; elif [ -n "$x" ]; then thirteenth; fi
for ((i = 0; i < j; i++)); do :; done
for word in not these words; do fourteenth "$word"; done
case $x in
pattern | other) fifteenth;;
# why
*) sixteenth "a \\" b" 'c ) d' $((1 + 2)) ${x:-$(seventeenth)};;
esac
own() { eighteenth; }
own_too()
{
\town
}
cat <<-END
\tnot this; $(nor) that
\tEND
(nineteenth; twentieth) < <(twenty-first)
list=(not "this one" # or this
\teither)
exec env -i A=1 timeout -k 5 "$limit" twenty-second argument
"$variable" x; ./relative; /usr/bin/absolute
xargs -r twenty-third <<<"text"
[[ $x =~ ^(not|this)$ ]] && (( x > 3 )) && twenty-fourth \\
\targument
"""
ORDINALS = ("first second third fourth fifth sixth seventh eighth eleventh twelfth thirteenth "
            "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
            "twenty-first twenty-second twenty-third twenty-fourth").split()
OTHERS = {"set", "cat", "[", "exec", "env", "timeout", "xargs"}


class PackagesTest(unittest.TestCase):
    """The table as it is, and without each package."""

    @classmethod
    def setUpClass(cls):
        tree = Tree(TOP, "")
        cls.table = read_table(tree)
        cls.used = uses(tree, {name for _, names in cls.table.values() for name in names})

    def test_nothing_is_missing_or_left_over(self):
        self.assertEqual(judge(self.table, self.used), [])

    def test_each_package_is_missed(self):
        self.assertGreater(len(self.table), 30)
        for package in self.table:
            with self.subTest(package=package):
                rest = {name: entry for name, entry in self.table.items() if name != package}
                self.assertIn("in no package", "\n".join(judge(rest, self.used)))

    def test_programs_of_workloads(self):
        names = {shlex.split(program.command)[0] for program in PROGRAMS.values()}
        self.assertLessEqual(names, provided(self.table, "workloads"))

    def test_a_package_for_somebody_else_is_none(self):
        table = {**self.table, "liburcu-dev": ("check", self.table["liburcu-dev"][1])}
        self.assertRegex("\n".join(judge(table, self.used)),
                         "host/vmm/.*<urcu.h>: in no package that scripts/packages has for camp")


class ShellWordsTest(unittest.TestCase):
    """What is a program in a shell script, and what is not."""

    def test_programs(self):
        self.assertEqual(called_programs(SCRIPT) - OTHERS, set(ORDINALS))

    def test_functions(self):
        self.assertEqual(defined_functions(SCRIPT), {"own", "own_too"})


if __name__ == "__main__":
    unittest.main()
