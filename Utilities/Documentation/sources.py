"""Bodies of declarations in Swift files, found by their places: what a symbol graph does not tell."""

from __future__ import annotations

import re
from pathlib import Path

# What may follow a declaration's first lines, before its body.
CONTINUATION = re.compile(r"\s*(?:\{|->|throws\b|rethrows\b|async\b|where\b)")


class SwiftFile:
    """A file, and the same with blanks in place of comments and texts, so that braces are braces."""

    def __init__(self, path: Path) -> None:
        self._code = _blanked(path.read_text())
        self._starts = [0, *(match.end() for match in re.finditer("\n", self._code))]

    def body(self, line: int, column: int) -> str | None:
        """What stands in the braces of the declaration whose name is there, counted from 0; None where it has none."""
        at, depth = self._starts[line] + column, 0
        while at < len(self._code):
            character = self._code[at]
            if character in "([":
                depth += 1
            elif character in ")]":
                depth -= 1
            elif depth == 0 and character == "{":
                return self._braced(at)
            elif depth == 0 and (character in "=;}" and self._code[at - 1 : at + 2] not in (" ==", "== ")):
                return None
            elif depth == 0 and character == "\n" and not CONTINUATION.match(self._code, at):
                return None
            if depth < 0:
                return None
            at += 1
        return None

    def _braced(self, start: int) -> str:
        depth = 0
        for at in range(start, len(self._code)):
            depth += {"{": 1, "}": -1}.get(self._code[at], 0)
            if depth == 0:
                return self._code[start + 1 : at]
        return self._code[start + 1 :]


def _blanked(text: str) -> str:
    result = list(text)

    def blank(start: int, end: int) -> None:
        for at in range(start, min(end, len(text))):
            if text[at] != "\n":
                result[at] = " "

    def text_end(start: int) -> int:
        """Where the text that begins here ends; what is interpolated may hold texts of its own."""
        quote = '"""' if text.startswith('"""', start) else '"'
        at = start + len(quote)
        while at < len(text):
            if text.startswith(quote, at):
                return at + len(quote)
            if text.startswith("\\(", at):
                depth, at = 1, at + 2
                while depth > 0 and at < len(text):
                    if text[at] == '"':
                        at = text_end(at)
                        continue
                    depth += {"(": 1, ")": -1}.get(text[at], 0)
                    at += 1
                continue
            at += 2 if text[at] == "\\" else 1
        return at

    at = 0
    while at < len(text):
        if text.startswith("//", at):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
        elif text.startswith("/*", at):
            end = text.find("*/", at)
            end = len(text) if end < 0 else end + 2
        elif text[at] == '"':
            end = text_end(at)
        else:
            at += 1
            continue
        blank(at, end)
        at = end
    return "".join(result)
