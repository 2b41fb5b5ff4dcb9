"""Links and images of Markdown files: plain relative ones in the repository, DocC's own in the site.

A page of the course is read where it lies, on a code host or in an editor, and on the site. In the repository its links and
images are paths of files, `[chapter 2](02-One-Step.md)` and `![a curve](../Resources/curve.svg)`. DocC knows pages and
pictures by their names alone, so that the site is built from a copy with those.
"""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .places import CATALOG, FIGURES, ROOT, Failure

# Where files of the repository that are no pages of the site can be seen.
REPOSITORY = "https://github.com/swift-recurrent/swift-recurrent/blob/main/"

# A link or an image: brackets, in which code, an image or further brackets may stand, and an address.
LINK = re.compile(r"(!?)\[((?:[^\[\]`]|`[^`\n]*`|!?\[[^\[\]]*\](?:\([^()\s]*\))?)*)\]\(([^()\s]+)\)")
# DocC's form, which is dead everywhere else.
DOCC = re.compile(r"<doc:[^>\s]+>")
HTML = re.compile(r"<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)=\"([^\"]+)\"")
FENCE = re.compile(r"^([ \t]*)(`{3,})[^\n]*\n.*?^\1\2[ \t]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
OUTSIDE = ("http", "https", "mailto")


@dataclass(frozen=True)
class Reference:
    """What a Markdown file refers to."""

    line: int
    target: str
    is_image: bool


def pages() -> list[Path]:
    """All Markdown files of the repository."""
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.md"))
    return [ROOT / path for path in sorted(found) if not any(part.startswith(".") for part in path.parts)]


def references(text: str) -> Iterator[Reference]:
    """The links and images of a page; none that stand in code or comments."""
    visible = _without_code(text)
    for match in LINK.finditer(visible):
        yield from references_in_label(match, visible)
        yield Reference(_line(visible, match.start()), match[3], match[1] == "!")
    for match in DOCC.finditer(visible):
        yield Reference(_line(visible, match.start()), match[0], False)
    for match in HTML.finditer(visible):
        yield Reference(_line(visible, match.start()), match[1], match[0].startswith("<img"))


def references_in_label(match: re.Match[str], text: str) -> Iterator[Reference]:
    """An image that is itself a link has an address of its own."""
    for inner in LINK.finditer(match[2]):
        yield Reference(_line(text, match.start()), inner[3], inner[1] == "!")


def problem(page: Path, reference: Reference) -> str | None:
    """Why a link of a page leads nowhere; None where it leads somewhere, or out into the world."""
    target = reference.target
    if target.startswith("<doc:"):
        return "is for DocC alone; write a path, as in [chapter 2](02-One-Step.md)"
    address = urllib.parse.urlsplit(target)
    if address.scheme in OUTSIDE:
        return None
    if address.scheme or target.startswith("/"):
        return "found no relative path, expected one, or an address that begins with https:"
    path = Path(os.path.normpath(page.parent / urllib.parse.unquote(address.path))) if address.path else page
    if not path.is_relative_to(ROOT):
        return "leads out of the repository"
    if not path.exists():
        return "no such file"
    if reference.is_image and not path.is_file():
        return "no such picture"
    if address.fragment and address.fragment not in headings(path):
        return f"no such heading in {path.relative_to(ROOT)}"
    return None


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    found: set[str] = set()
    if not page.is_file() or page.suffix != ".md":
        return found
    for heading in HEADING.findall(FENCE.sub("", page.read_text())):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")
        number, anchor = 0, plain
        while anchor in found:
            number += 1
            anchor = f"{plain}-{number}"
        found.add(anchor)
    return found


def for_docc(text: str, page: Path) -> str:
    """A page of the catalog with DocC's links and pictures in place of paths.

    What lies outside of the catalog becomes a link to the repository, where it can be seen.
    """
    hidden = [match.span() for pattern in (FENCE, CODE, COMMENT) for match in pattern.finditer(text)]

    def named(match: re.Match[str]) -> str:
        mark, label, target = match.groups()
        address = urllib.parse.urlsplit(target)
        if address.scheme or any(start <= match.start() < end for start, end in hidden):
            return match[0]
        path = Path(os.path.normpath(page.parent / urllib.parse.unquote(address.path)))
        if mark:
            if path.parent != FIGURES:
                raise Failure(f"{page.name}: found the picture {target}, expected one in {FIGURES.relative_to(ROOT)}")
            return f"![{label}]({path.stem})"
        if not path.is_relative_to(CATALOG) or path.suffix != ".md":
            return f"[{label}]({REPOSITORY}{path.relative_to(ROOT).as_posix()})"
        if address.fragment:
            raise Failure(f"{page.name}: found {target}, expected no heading in it: DocC names them in a way of its own")
        before = text[: match.start()].rsplit("\n", 1)[-1]
        # Lists of topics take nothing else.
        return f"<doc:{path.stem}>" if before == "- " else f"[{label}](doc:{path.stem})"

    return LINK.sub(named, text)


def _without_code(text: str) -> str:
    """A page with blanks in place of code and comments; its lines stay."""
    for pattern in (FENCE, COMMENT, CODE):
        text = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    return text


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
