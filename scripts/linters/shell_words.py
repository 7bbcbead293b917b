# SPDX-License-Identifier: GPL-2.0
"""The programs that a shell script calls, as far as they are written out."""
import re

ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(\[[^]]*\])?\+?=")
NAME = re.compile(r"[A-Za-z_][\w.+-]*")
# A variable with nothing around it, and what is between words.
VARIABLE = re.compile(r'"?\$\w+"?')
BETWEEN = re.compile(r"(?:[ \t]|\\\n|#.*)*")
SEPARATOR = re.compile(r"\n|;;|\(\(|[;&|(]")
# What a command follows, and what only comes before a command.
KEYWORDS = {"if", "then", "else", "elif", "fi", "do", "done", "while", "until", "esac", "!", "{",
            "}", "time"}
# What runs another command, and how many words it takes before that, besides options.
WRAPPERS = {"exec": 0, "env": 0, "xargs": 0, "nice": 0, "setsid": 0, "sudo": 0, "timeout": 1}


class Scanner:
    """Goes over a script once; programs and functions are what it has found."""

    def __init__(self, text):
        self.text = text
        self.place = 0
        self.programs = set()
        self.functions = set()
        self._here = []

    def scan(self, end=None):
        """Read commands up to an unquoted end character, or the end of the text."""
        begins, wrapped, cases = True, None, []
        while self.place < len(self.text) and self.text[self.place] != end:
            if self._skipped():
                continue
            separator = SEPARATOR.match(self.text, self.place)
            if cases and cases[-1] == "pattern" and self.text[self.place] != "\n":
                self._pattern(cases)
                begins, wrapped = True, None
            elif separator:
                self.place = separator.end()
                self._separated(separator[0], cases)
                begins, wrapped = True, None
            elif self.text[self.place] in "<>":
                self._redirection()
            else:
                begins, wrapped = self._take(self._word(), begins, wrapped, cases)
        self.place += 1

    def _skipped(self):
        """Skip what is between words."""
        between = BETWEEN.match(self.text, self.place)
        self.place += len(between[0])
        return bool(between[0])

    def _separated(self, separator, cases):
        """What comes between commands."""
        if separator == "\n":
            self._documents()
        elif separator == ";;" and cases:
            cases[-1] = "pattern"
        elif separator == "(":
            self.scan(")")
        elif separator == "((":
            self.place = self.text.index("))", self.place) + 2

    def _take(self, word, begins, wrapped, cases):
        """Judge a word; return whether a command begins after it, and what is left to skip."""
        if not begins:
            return False, None
        if self.text.startswith("()", self.place):
            self.place += 2
            self.functions.add(word)
        elif word == "[[":
            self.place = self.text.index("]]", self.place) + 2
            return False, None
        elif word in ("for", "case"):
            self._head(word, cases)
        elif word not in KEYWORDS and not ASSIGNMENT.match(word):
            return self._command(word, wrapped)
        return True, wrapped

    def _command(self, word, wrapped):
        """A command, or what comes before one that is run by another."""
        if wrapped is not None:
            if word.startswith("-") or word.isdigit():
                return True, wrapped
            if wrapped and VARIABLE.fullmatch(word):
                return True, wrapped - 1
        if NAME.fullmatch(word):
            self.programs.add(word)
        return word in WRAPPERS, WRAPPERS.get(word)

    def _head(self, word, cases):
        """The head of a loop or of a case."""
        self._skipped()
        if self.text.startswith("((", self.place):
            self.place = self.text.index("))", self.place) + 2
        while self.text[self.place] not in ";\n":
            if not self._skipped() and self._word() == "in" and word == "case":
                cases.append("pattern")
                return

    def _pattern(self, cases):
        """A pattern of a case, or the end of it."""
        if re.match(r"esac\b", self.text[self.place:]):
            self.place += len("esac")
            cases.pop()
            return
        while self.text[self.place] != ")":
            if self.text[self.place] in "|(":
                self.place += 1
            elif not self._skipped():
                self._word()
        self.place += 1
        cases[-1] = "commands"

    def _documents(self):
        """Skip the documents that begin after this line."""
        for delimiter in self._here:
            end = re.compile(rf"^\t*{re.escape(delimiter)}$", re.MULTILINE).search(
                self.text, self.place)
            self.place = end.end() if end else len(self.text)
        self._here = []

    def _redirection(self):
        """A redirection and where it goes to."""
        operator = re.compile(r"<<-?(?!<)|<<<|[<>]\(|[<>]+[&|]?").match(self.text, self.place)[0]
        self.place += len(operator)
        if operator.endswith("("):
            self.scan(")")
            return
        self._skipped()
        word = self._word()
        if operator in ("<<", "<<-"):
            self._here.append(word.strip("'\"\\"))

    def _word(self):
        """The next word, quotes included; what it substitutes is read as commands."""
        start = self.place
        while self.place < len(self.text) and self.text[self.place] not in " \t\n;&|<>()":
            self._part()
        if self.place < len(self.text) and self.text[self.place] == "(" \
                and ASSIGNMENT.fullmatch(self.text[start:self.place]):
            self._array()
        self.place += self.place == start
        return self.text[start:self.place]

    def _array(self):
        self.place += 1
        while self.text[self.place] != ")":
            if self.text[self.place] == "\n":
                self.place += 1
            elif not self._skipped():
                self._word()
        self.place += 1

    def _part(self):
        """A character of a word, or something that is quoted or substituted."""
        char = self.text[self.place]
        if char == "\\":
            self.place += 2
        elif char == "'":
            self.place = self.text.index("'", self.place + 1) + 1
        elif char == '"':
            self.place += 1
            while self.text[self.place] != '"':
                self._substitution()
            self.place += 1
        else:
            self._substitution()

    def _substitution(self):
        """A character, or what stands for something else, also within quotes."""
        if self.text.startswith("$((", self.place):
            self.place = self.text.index("))", self.place) + 2
        elif self.text.startswith("$(", self.place):
            self.place += 2
            self.scan(")")
        elif self.text.startswith("${", self.place):
            self._braces()
        else:
            self.place += 1 + (self.text[self.place] == "\\")

    def _braces(self):
        """A parameter, with words in it, perhaps."""
        self.place += 2
        while self.text[self.place] != "}":
            self._part()
        self.place += 1


def called_programs(text):
    """The names of the programs that a script calls."""
    scanner = Scanner(text)
    scanner.scan()
    return scanner.programs - scanner.functions


def defined_functions(text):
    """The names of the functions that a script has."""
    scanner = Scanner(text)
    scanner.scan()
    return scanner.functions
