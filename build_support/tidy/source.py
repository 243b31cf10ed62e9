"""Reads a C++ file as tidy sees it: text, code without comments and strings, includes, functions with their sizes."""

import re
from dataclasses import dataclass, field

CONTROL = re.compile(r"^\s*(?:\}\s*)?(?:if|for|while|switch|catch|else|do|try|namespace|struct|class|enum|union|extern|return|case|co_)\b")
SIGNATURE_END = re.compile(r"\)\s*(?:const\s*)?(?:noexcept\s*)?(?:override\s*)?(?:final\s*)?(?:->\s*[\w:<>,&*\s]+)?(?:\s*:.*)?\{\s*$", re.S)


@dataclass
class Function:
    name: str
    line: int  # of the signature's first line, from 1
    lines: int


@dataclass
class Source:
    path: str  # relative to the tree, with slashes
    text: str
    code: str = ""  # comments and string contents blanked, same length and lines
    functions: list = field(default_factory=list)

    @property
    def lines(self):
        return self.text.split("\n")

    @property
    def code_lines(self):
        return self.code.split("\n")

    def includes(self):
        """(line number, path) of every include in quotes."""
        for number, line in enumerate(self.lines, 1):
            found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if found:
                yield number, found.group(1)

    def system_includes(self):
        for number, line in enumerate(self.lines, 1):
            found = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            if found:
                yield number, found.group(1)


TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)


def blank(text):
    """The same text with comments and the insides of literals replaced by spaces."""

    def hide(match):
        found = match.group(0)
        hidden = re.sub(r"[^\n]", " ", found)
        if found.startswith("/"):
            return hidden
        return found[0] + hidden[1:-1] + found[-1] if len(found) > 1 else hidden

    return TOKEN.sub(hide, text)


def find_functions(code):
    """Functions of a clang-formatted file: a signature that ends in `) ... {`, up to the brace that closes it."""
    functions = []
    lines = code.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.rstrip().endswith("{") and not CONTROL.match(line):
            start = at
            # A signature may go over several lines: walk back to its first line, the least indented start of the statement.
            while start > 0 and _continues(lines, start):
                start -= 1
            signature = "\n".join(lines[start : at + 1])
            if SIGNATURE_END.search(signature) and not CONTROL.match(lines[start]) and "=" not in _before_paren(signature):
                end = _closing_line(lines, at)
                name = re.search(r"([~\w:]+|operator\s*\S+)\s*\(", signature)
                functions.append(Function(name.group(1) if name else "?", start + 1, end - start + 1))
                at = end + 1
                continue
        at += 1
    return functions


def _before_paren(signature):
    head = signature.split("(", 1)[0]
    return head.replace("operator==", "").replace("operator=", "").replace("<=", "").replace(">=", "")


def _continues(lines, at):
    """Whether line `at` goes on from the line above (no statement ended there)."""
    above = lines[at - 1].strip()
    if not above or above.endswith((";", "}", "{", ":")) or above.startswith("#"):
        return False
    return True


def _closing_line(lines, at):
    depth = 0
    for number in range(at, len(lines)):
        for char in lines[number] if number > at else lines[number][lines[number].rfind("{") :]:
            if char == "{":
                depth += 1
            elif char == "}":
                depth -= 1
                if depth == 0:
                    return number
    return len(lines) - 1


def load(path, text):
    source = Source(path, text)
    if path.endswith((".h", ".cc", ".inc")):
        source.code = blank(text)
        source.functions = find_functions(source.code)
    return source
