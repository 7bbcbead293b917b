# SPDX-License-Identifier: GPL-2.0
"""Negative controls: every check has to find the faults planted for it."""
import os
import shutil

from .tree import SCRIPTS, Tree

C_TAG = "// SPDX-License-Identifier: GPL-2.0\n"
HEADER_TAG = "/* SPDX-License-Identifier: GPL-2.0 */\n"
LONG_COMMENT = "/*\n * A table. Longer than\n * 400 lines: one table.\n */\n"
KCONFIG = 'config PLANTED\n\tbool "planted"\n\tdefault y\n'

# Per check: {file: text with a fault}, what the findings must contain, and what they must not.
# A file without text is copied from the project.
CONTROLS = {
    "spdx": (
        {"planted.c": "int planted;\n"},
        ["planted.c:1: no SPDX"]),
    "defconfig": (
        {"scripts/Kconfig": KCONFIG, "scripts/defconfig": "CONFIG_OTHER=y\n"},
        ["CONFIG_OTHER=y is not", "CONFIG_PLANTED=y is missing"]),
    "direction": (
        {"kernel/planted.h": HEADER_TAG + '#include "../host/vmm/base/planted.h"\n',
         "host/vmm/base/planted.h": HEADER_TAG + '#include "../../../kernel/planted.h"\n'
                                                 '#include "../locks/planted.h"\n',
         "host/vmm/locks/planted.h": HEADER_TAG + '#include "../../../guest/planted.h"\n'
                                                  '#include "../../../selftests/planted.h"\n',
         "scripts/lab/campaign/planted.py": "from lab.report import planted\n",
         "scripts/lab/report/planted.py": "from lab.campaign import planted\n"
                                          "from . import planted as same\n"
                                          "import lab.cli\n",
         "scripts/lab/cli.py": "import lab.campaign.planted\n"},
        ["kernel/planted.h:2: uses host/vmm/base/planted.h",
         "base/planted.h:3: uses host/vmm/locks/planted.h",
         "locks/planted.h:2: uses guest/planted.h",
         "locks/planted.h:3: uses selftests/planted.h: host/vmm/locks may not use selftests",
         "report/planted.py:1: uses scripts/lab/campaign/planted.py",
         "report/planted.py:3: uses scripts/lab/cli.py"],
        ["base/planted.h:2", "campaign/planted.py:1", "cli.py:1", "report/planted.py:2"]),
    "interface": (
        {"guest/pvticketlock.h": HEADER_TAG + '#include "../kernel/platform/planted.h"\n',
         "kernel/platform/planted.h": HEADER_TAG + '#include "user_planted.h"\n'
                                                   "/* platform_told() */\n"
                                                   "#undef xadd\n"
                                                   "#define ticket_xadd(a, b)\txadd(a, b)\n"
                                                   "bool platform_planted(void);\n",
         "kernel/platform/user_planted.h": HEADER_TAG + "bool platform_other(void);\n",
         "kernel/planted.c": C_TAG + "bool platform_third(void);\n"},
        ["kernel/platform/planted.h:4: #undef xadd",
         "kernel/platform/planted.h:6: platform_planted"],
        ["planted.h:3", "planted.h:5", "user_planted", "planted.c"]),
    "size": (
        {"planted/long.c": C_TAG + "int planted;\n" * 400,
         "planted/reason.c": C_TAG + LONG_COMMENT + "int planted;\n" * 400,
         "planted/late.py": "A = 1\n" * 400 + "# Longer than 400 lines: too late\n",
         **{f"planted/many/{number}.c": C_TAG for number in range(26)},
         **{f"planted/few/{number}.c": C_TAG for number in range(25)}},
        ["planted/long.c: 401 lines", "planted/late.py: 401 lines", "planted/many: 26 sources"],
        ["reason.c", "few"]),
    "barriers": (
        {"kernel/planted.c": C_TAG + "void f(void)\n{\n"
                                     "\t/* [A] litmus: SB+planted. Pairs with [B]. */\n"
                                     "\t/* [B] Pairs with [A]. */\n"
                                     "\t/*\n\t * [C] litmus: SB+planted, SB+other;\n"
                                     "\t * mutant: planted-too.\n\t */\n}\n",
         "host/vmm/planted.c": C_TAG + "void g(void)\n{\n"
                                       "\t/* [A] litmus: SB+planted. */\n"
                                       "\t/* [B] litmus: SB+planted; mutant: planted. */\n}\n",
         "selftests/models/litmus/SB+planted.litmus": "C SB+planted\n",
         "selftests/models/litmus/SB+planted+no-a.litmus": "C SB+planted+no-a\n",
         "selftests/models/litmus/MP+orphan.litmus": "C MP+orphan\n",
         "selftests/planted/mutants/planted.patch": ""},
        ["kernel/planted.c:4: there is no mutant barrier-a",
         "kernel/planted.c:5: [B] names no litmus test and mutant",
         "kernel/planted.c:6: there is no litmus test SB+other",
         "kernel/planted.c:6: there is no mutant planted-too",
         "vmm/planted.c:4: [A] names no litmus test and mutant",
         "MP+orphan.litmus: no barrier names it"],
        ["[C] names", "vmm/planted.c:5", "SB+planted+no-a.litmus"]),
    "documentation": (
        {"planted.rst": "Planted\n=======\n\n:doc:`nowhere` and *open\n\n"
                        ".. literalinclude:: planted.h\n   :start-after: begin\n"
                        "   :end-before: the end\n\n"
                        ".. include:: planted.h\n   :literal:\n   :start-after: nothing\n\n"
                        ".. literalinclude:: planted.h\n   :start-after: begin\n"
                        "   :end-before: end\n",
         "planted.h": "begin\nplanted\nend\n"},
        ["planted.rst:4: (WARNING/2) there is no file nowhere.rst",
         "Inline emphasis start-string without end-string",
         "planted.rst:6: (WARNING/2) planted.h has nothing between these",
         "planted.rst:10: (SEVERE/4) Problem with \"start-after\""],
        ["planted.rst:14"]),
    "paths": (
        {"planted.rst": "In ``kernel/planted.c``, ``kernel/gone.c``, ``kernel/*.c``, and\n"
                        "``guest/gone/``; not /sys/kernel/debug or kernel/locking/mutex.c.\n",
         "kernel/planted.c": C_TAG},
        ["planted.rst:1: there is no kernel/gone.c", "planted.rst:2: there is no guest/gone"],
        ["planted.c", "*.c", "debug", "mutex"]),
    "users": (
        {"planted.rst": ".. Each function that this page names has a user, see "
                        "scripts/linters/documentation.py.\n\n"
                        "``planted()``, ``lonely()``, ``gone()`` and ``tested()``.\n",
         "other.rst": "``unmarked()`` is nowhere.\n",
         "host/vmm/planted.h": HEADER_TAG + "void planted(void);\nvoid lonely(void);\n",
         "host/vmm/planted.c": C_TAG + "void planted(void)\n{\n}\n\nvoid lonely(void)\n{\n}\n",
         "host/vmm/user.c": C_TAG + "/* Not lonely() in a comment. */\nint u = planted();\n",
         "host/vmm/tested.c": C_TAG + "void tested(void)\n{\n}\n",
         "selftests/planted_test.c": C_TAG + "int t = tested() + lonely();\n"},
        ["planted.rst:3: nothing but tests uses lonely()",
         "planted.rst:3: nothing but tests uses gone()",
         "planted.rst:3: nothing but tests uses tested()"],
        ["uses planted()", "unmarked"]),
    "packages": (
        {"scripts/packages": "campaign python3 python3\n"
                             "check sparse sparse\n"
                             "check flex\n"
                             "xen libc6-dev <stdio.h>\n",
         "host/vmm/planted.c": C_TAG + "#include <stdio.h>\n#include <planted.h>\n",
         "host/vmm/Makefile": "LDLIBS := -lplanted\nall:\n\t$(CC) planted.c | qalc 6*7\n",
         "scripts/planted": "#!/bin/sh\nsparse() { :; }\nuntil sparse; do sleep 1; done\n"
                            "case $1 in a) x=$(timeout 3 qcow \"$2\");; esac\n",
         "scripts/lab/planted.py": 'import planted_module\nRUN = ["env", "A=1", "gcc"]\n'},
        ["planted.c:1: <planted.h>: in no", "planted.c:1: <stdio.h>: in no",
         "Makefile:1: -lplanted: in no", "Makefile:1: gcc: in no", "Makefile:1: qalc: in no",
         "planted:1: qcow: in no", "planted.py:1: import:planted_module: in no",
         "planted.py:1: gcc: in no", "sparse: nothing uses its sparse",
         "flex: say what of it is used"]),
    "shell": (
        {"planted": "#!/bin/sh\nrm -rf $1/*\n"},
        ["SC2086", "SC2115"]),
    "flake8": (
        {"planted.py": "import os\n"},
        ["F401"]),
    "pylint": (
        {"planted.py": '"""Planted."""\nprint(undefined_name)\n'},
        ["undefined-variable"]),
    "checkpatch": (
        {"planted.c": C_TAG + "int planted(void)\n{\n    return 0;\n}\n"},
        ["LEADING_SPACE"]),
    "kernel_doc": (
        {"planted.h": HEADER_TAG + "/**\n * planted() - planted\n */\n"
                                   "int planted(int missing);\n"},
        ["'missing' not described"]),
    "compiler": (
        {"planted/Makefile": "OUTPUT = .\nall:\n\t$(CC) -Wall -Wextra -Werror "
                             "-c planted.c -o /dev/null\n",
         "planted/planted.c": C_TAG + "int planted(int unused)\n"
                                      "{\n\treturn 0;\n}\n",
         "careless/Makefile": "OUTPUT = .\nall:\n",
         "sound/Makefile": "OUTPUT = .\nall:\n\t@true || "
                           "$(MAKE) -C $$part OUTPUT=$(OUTPUT)/$$part\n"},
        ["unused-parameter", "careless/Makefile: does not compile with"],
        ["sound/Makefile"]),
    "kbuild": (
        {"Kbuild": "obj-m += guest/sparse.o guest/compiler.o\n",
         "Kconfig": None, "scripts/Kconfig": None,
         "scripts/mirror-sources": None,
         "kernel/Kbuild": "", "selftests/Kbuild": "",
         "guest/sparse.c": C_TAG + "int __user *planted;\n"
                                   "int sparse(void);\n"
                                   "int sparse(void)\n"
                                   "{\n\treturn *(int *)planted;\n}\n",
         "guest/compiler.c": C_TAG + "int compiler(void)\n"
                                     "{\n\treturn 0;\n}\n"},
        ["removes address space", "no previous prototype"]),
}


def _plant(files, top):
    for path, text in files.items():
        target = os.path.join(top, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if text is None:
            shutil.copy(os.path.join(SCRIPTS, "..", path), target)
            continue
        with open(target, "w", encoding="utf-8") as planted:
            planted.write(text)


def verify(check, scratch):
    """Run a check on its control; return what it failed to find."""
    files, expected, *sound = CONTROLS[check.__name__]
    top = os.path.join(scratch, "top")
    _plant(files, top)
    found = "\n".join(check(Tree(top, os.path.join(scratch, "work"))))
    return [f"planted, but not found: {word}" for word in expected
            if word not in found] + [
                f"sound, but found: {word}" for words in sound for word in words
                if word in found]
