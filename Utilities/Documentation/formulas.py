"""Typesets formulas: fenced blocks marked `formula`, a formula on each line, become pictures when the site is built.

DocC has no formulas. Pages hold them as plain text that can be read as it is, and is shown so where the page is read in the
repository (a block marked `math` would be taken for TeX there, and its lines run into one):

    hₜ = tanh(W xₜ + U hₜ₋₁ + b)
    σ(x) = 1 / (1 + e⁻ˣ)

Here single letters become italic, words upright, Unicode's raised and lowered characters real ones of which there is any
letter (`x_{out}` and `x^{out}` say what Unicode cannot), `a / b` a fraction, and √( ) a root. Lines with an equals sign are
aligned at their first. Every glyph has its own place, from the widths of Times, so that a picture looks alike with any
font.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from .places import Failure

BLOCK = re.compile(r"^([ \t]*)```formula\n(.*?)^[ \t]*```$", re.MULTILINE | re.DOTALL)

SIZE = 21.0
SMALLER = 0.7
LINE_DISTANCE = 14.0
THINNEST = 0.78  # of the size: fractions within fractions get no smaller than this
COLORS = {"light": "#1f2328", "dark": "#e6edf3"}

LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧ", "0123456789+-=()aehijklmnoprstuvxβγ"))
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴴᴸᴺᵀ", "0123456789+-=()abcdefghijklmnoprstuvwxyzHLNT"))
SYMBOL = re.compile(r"[A-Za-z]{2,}|\d[\d,.]*\d|.", re.DOTALL)
LETTER = re.compile(r".", re.DOTALL)
CLOSING = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖"}
# Characters that stand above the one before them, and the same as characters of their own.
MARKS = {"\u0302": "ˆ", "\u0303": "˜", "\u0304": "ˉ", "\u0307": "˙"}
OPERATORS = set("=≈≤≥<>+-−·⊙×←→±≪≫≠∈∝∼,;")

# Widths of Times in thousandths of the size: of upright letters and of italic ones.
UPRIGHT = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722,
    500, 500, 444)))
UPRIGHT |= dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
    722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722, 722, 944,
    722, 722, 611)))
ITALIC = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    500, 500, 444, 500, 444, 300, 500, 500, 278, 290, 444, 278, 722, 500, 500, 500, 500, 389, 389, 290, 500, 444, 667,
    460, 444, 400)))
ITALIC |= dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
    611, 611, 667, 722, 611, 611, 722, 722, 350, 450, 667, 556, 833, 680, 722, 611, 722, 611, 500, 580, 722, 640, 850,
    640, 580, 556)))
OTHERS = {
    "(": 333, ")": 333, "[": 333, "]": 333, "{": 400, "}": 400, "|": 200, "‖": 520, ",": 250, ".": 250, ";": 278, ":": 278,
    "'": 220, "′": 260, "!": 333, "/": 330, "=": 600, "≈": 600, "+": 600, "-": 600, "−": 600, "<": 600, ">": 600, "≤": 600, "≥": 600,
    "·": 280, "⊙": 760, "×": 600, "←": 900, "→": 900, "±": 600, "Σ": 680, "∏": 760, "∂": 500, "√": 560, "…": 900, "%": 833, "∞": 760,
    "ˆ": 333, "˜": 333, "ˉ": 333, "˙": 333, "σ": 540, "α": 560, "β": 520, "γ": 480, "δ": 490, "ε": 420, "η": 520, "θ": 510, "λ": 510, "μ": 560, "π": 560, "ρ": 520,
    "τ": 430, "φ": 600, "ψ": 640, "ω": 680, "Δ": 680, "‾": 500, "⋯": 900, "ℓ": 400, "∇": 680, "ŷ": 460, "ĉ": 450, "ĥ": 500,
}


@dataclass
class Box:
    """Something set: its size around the line it stands on, and what draws it."""

    width: float = 0.0
    above: float = 0.0
    below: float = 0.0
    # (x, y, size, is italic, glyph)
    glyphs: list[tuple[float, float, float, bool, str]] = field(default_factory=list)
    # (points, width) of strokes
    strokes: list[tuple[list[tuple[float, float]], float]] = field(default_factory=list)

    def put(self, other: Box, x: float, y: float = 0.0) -> None:
        """Adds another box at a place; y grows downwards."""
        self.glyphs += [(x + gx, y + gy, size, italic, glyph) for gx, gy, size, italic, glyph in other.glyphs]
        self.strokes += [([(x + px, y + py) for px, py in points], width) for points, width in other.strokes]
        self.width = max(self.width, x + other.width)
        self.above = max(self.above, other.above - y)
        self.below = max(self.below, other.below + y)

    def add(self, other: Box, space: float = 0.0) -> None:
        """Adds another box at the end."""
        self.put(other, self.width + space)


def typeset_blocks(text: str, folder: Path) -> str:
    """Writes a picture for each formula block of a page into a folder, and returns the page with the pictures."""

    def picture(block: re.Match[str]) -> str:
        lines = [line.strip() for line in block[2].splitlines() if line.strip()]
        name = "formula-" + hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
        (folder / f"{name}.svg").write_text(svg(lines))
        spoken = "; ".join(lines).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
        return f"{block[1]}![{spoken}]({name})"

    return BLOCK.sub(picture, text)


def svg(lines: list[str]) -> str:
    """The picture of some formulas, one below the other."""
    sides = [_sides(line) for line in lines]
    is_aligned = sum(right is not None for _, right in sides) > 1
    left_width = max((left.width for left, right in sides if right is not None), default=0.0)
    page, y = Box(), 0.0
    for number, (left, right) in enumerate(sides):
        above = max(left.above, right.above if right else 0)
        below = max(left.below, right.below if right else 0)
        y += above + (LINE_DISTANCE if number else 0)
        shift = left_width - left.width if is_aligned and right is not None else 0.0
        page.put(left, shift, y)
        if right is not None:
            page.put(right, shift + left.width, y)
        y += below
    return _document(page, y, "; ".join(lines))


def _sides(line: str) -> tuple[Box, Box | None]:
    """What stands before the first equals sign and what begins with it; all of a line where there is none."""
    left, equals, right = line.partition(" = ")
    if not equals or left.count("(") != left.count(")"):
        return _row(line, SIZE), None
    return _row(left, SIZE), _row("= " + right, SIZE, begins=False)


# MARK: - Reading

def _row(text: str, size: float, begins: bool = True) -> Box:
    """A row of operands and operators, with fractions; `begins` says whether nothing stands before it."""
    words = _words(text)
    row, place, before = Box(), 0, None
    while place < len(words):
        word = words[place]
        if words[place + 1 : place + 2] == ["/"] and place + 2 < len(words):
            box = _fraction(word, words[place + 2], size)
            place += 3
            if words[place : place + 1] == ["/"]:
                raise Failure(f"{text}: found a fraction of a fraction, expected brackets around one of them")
        else:
            box = _operand(word, size)
            place += 1
        is_beside_operator = word in OPERATORS or before in OPERATORS
        is_first = before is None and begins
        row.add(box, 0 if is_first or word in ",;" else size * (0.28 if is_beside_operator else 0.18))
        before = word
    return row


def _words(text: str) -> list[str]:
    """The parts of a formula between spaces that are in no brackets."""
    words, depth, word = [], 0, ""
    for character in text.strip():
        if character == " " and depth == 0:
            if word:
                words.append(word)
            word = ""
            continue
        depth += (character in "([{") - (character in ")]}")
        word += character
    words += [word] if word else []
    # A comma belongs to the row, not to the operand before it.
    return [part for word in words for part in ((word[:-1], word[-1]) if word[-1] in ",;" and word[:-1] else (word,))]


def _fraction(above: str, below: str, size: float) -> Box:
    inner = max(size * 0.9, SIZE * THINNEST)
    top, bottom = (_row(_unbracketed(part), inner) for part in (above, below))
    width, line = max(top.width, bottom.width) + size * 0.3, size * 0.28
    box = Box()
    box.put(top, (width - top.width) / 2, -line - size * 0.16 - top.below)
    box.put(bottom, (width - bottom.width) / 2, -line + size * 0.2 + bottom.above)
    box.strokes.append(([(0, -line), (width, -line)], size * 0.05))
    box.width = width
    return box


def _unbracketed(text: str) -> str:
    """A text without the brackets around the whole of it."""
    if text.startswith("(") and _end(text, 0) == len(text) - 1:
        return text[1:-1]
    return text


def _end(text: str, start: int) -> int:
    """Where the bracket that opens at a place is closed."""
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] in "([{") - (text[place] in ")]}")
        if depth == 0:
            return place
    raise Failure(f"{text}: found a bracket that is not closed, expected one that is")


def _operand(text: str, size: float, has_words: bool = True) -> Box:
    """Letters, numbers and brackets without a space outside the brackets; several letters are a word unless told."""
    box, place = Box(), 0
    while place < len(text):
        character = text[place]
        if character == "√":
            end = _end(text, place + 1) if text[place + 1 : place + 2] == "(" else place + 1
            inside = text[place + 2 : end] if text[place + 1] == "(" else text[place + 1]
            atom, place = _root(_row(inside, size), size), end + 1
        elif character in "([{":
            end = _end(text, place)
            atom, place = _bracketed(text[place + 1 : end], character, size), end + 1
        else:
            match = (SYMBOL if has_words else LETTER).match(text, place)
            atom, place = _symbol(match[0], size), match.end()
            while text[place : place + 1] in MARKS:
                mark = _glyphs(MARKS[text[place]], size, italic=False)
                atom.put(mark, (atom.width - mark.width) / 2 + size * 0.04)
                place += 1
        atom, place = _scripts(atom, text, place, size)
        box.add(atom)
    return box


def _scripts(atom: Box, text: str, place: int, size: float) -> tuple[Box, int]:
    """What is lowered and raised behind an atom, one above the other."""
    low = high = ""
    has_words = False
    while place < len(text):
        character = text[place]
        if character in LOWERED:
            low += LOWERED[character]
        elif character in RAISED:
            high += RAISED[character]
        elif character in "_^" and place + 1 < len(text):
            end = _end(text, place + 1) if text[place + 1] == "{" else place + 1
            inside = text[place + 2 : end] if text[place + 1] == "{" else text[place + 1]
            low, high = (low + inside, high) if character == "_" else (low, high + inside)
            has_words, place = True, end
        else:
            break
        place += 1
    width = atom.width
    for script, y in ((low, size * 0.22), (high, -max(size * 0.42, atom.above - size * 0.3))):
        if script:
            atom.put(_operand(script.replace(" ", ""), size * SMALLER, has_words), width + size * 0.03, y)
    return atom, place


# MARK: - Setting

def _symbol(text: str, size: float) -> Box:
    if len(text) == 2 and text[0] == "d":
        box = _glyphs(text[0], size, italic=False)
        box.add(_glyphs(text[1], size, italic=True))
        return box
    text = {"-": "−", "'": "′"}.get(text, text)
    if text == "Σ" or text == "∏":
        box = _glyphs(text, size * 1.3, italic=False)
        return Box(box.width, size * 0.9, size * 0.3, [(x, size * 0.12, s, i, g) for x, _, s, i, g in box.glyphs])
    return _glyphs(text, size, italic=len(text) == 1 and (text.isalpha() and text not in "Δ∇ΣΠ"))


def _glyphs(text: str, size: float, italic: bool) -> Box:
    box = Box(above=size * 0.7, below=size * 0.22)
    for glyph in text:
        width = (ITALIC if italic else UPRIGHT).get(glyph) or OTHERS.get(glyph) or 500
        box.glyphs.append((box.width, 0.0, size, italic, glyph))
        box.width += width / 1000 * size
    return box


def _bracketed(inside: str, opening: str, size: float) -> Box:
    """Brackets as tall as what is in them."""
    content, box = _row(inside, size), Box()
    closing = CLOSING[opening]
    if content.above <= size * 0.95 and content.below <= size * 0.5:
        box.add(_glyphs(opening, size, italic=False))
        box.add(content)
        box.add(_glyphs(closing, size, italic=False))
        return box
    top, bottom, bend = -content.above - size * 0.08, content.below + size * 0.08, size * 0.16
    middle = (top + bottom) / 2
    curve = [(bend, top), (bend * 0.35, top + bend), (0.06 * size, middle), (bend * 0.35, bottom - bend), (bend, bottom)]
    box.put(content, bend + size * 0.1)
    end = box.width + size * 0.1 + bend
    box.strokes += [(curve, size * 0.06), ([(end - x, y) for x, y in curve], size * 0.06)]
    box.width, box.above, box.below = end, -top, bottom
    return box


def _root(content: Box, size: float) -> Box:
    hook, top, bottom = size * 0.5, -content.above - size * 0.12, content.below
    box = Box()
    box.put(content, hook + size * 0.06)
    box.strokes.append((
        [(0, -size * 0.22), (size * 0.12, -size * 0.3), (size * 0.28, bottom), (hook, top), (box.width, top)], size * 0.05))
    box.above = -top + size * 0.06
    return box


def _document(page: Box, height: float, spoken: str) -> str:
    margin = 4.0
    runs = []
    for is_italic in (False, True):
        for size in sorted({glyph[2] for glyph in page.glyphs if glyph[3] == is_italic}):
            chosen = [glyph for glyph in page.glyphs if glyph[3] == is_italic and glyph[2] == size]
            style = ' font-style="italic"' if is_italic else ""
            inside = "".join(
                f'<text x="{x + margin:.1f}" y="{y + margin:.1f}">{escape(glyph)}</text>' for x, y, _, _, glyph in chosen)
            runs.append(f'<g font-size="{size:.1f}"{style}>{inside}</g>')
    strokes = "".join(
        f'<polyline points="{" ".join(f"{x + margin:.1f},{y + margin:.1f}" for x, y in points)}" stroke-width="{width:.1f}"/>'
        for points, width in page.strokes)
    width, height = page.width + 2 * margin, height + 2 * margin
    light, dark = COLORS["light"], COLORS["dark"]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" role="img" '
        "font-family=\"'Times New Roman', 'Liberation Serif', 'STIX Two Text', Times, serif\">"
        f"<title>{escape(spoken)}</title>"
        f"<style>svg{{--ink:{light}}} @media (prefers-color-scheme:dark){{svg:not(.light){{--ink:{dark}}}}} "
        f"svg.dark{{--ink:{dark}}} text{{fill:var(--ink)}} polyline{{fill:none;stroke:var(--ink);stroke-linejoin:round}}</style>"
        f"{''.join(runs)}{strokes}</svg>\n"
    )
