"""Tests of the formulas: python3 -m unittest discover -s Utilities -t Utilities"""

import re
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from . import formulas
from .places import Failure


def glyphs(line: str) -> list[tuple[str, float, float, float, bool]]:
    """The glyphs of a formula from left to right: text, x, y, size, whether italic."""
    root = ElementTree.fromstring(formulas.svg([line]))
    found = []
    for group in root.findall("{*}g"):
        for text in group.findall("{*}text"):
            found.append((
                text.text, float(text.get("x")), float(text.get("y")), float(group.get("font-size")),
                group.get("font-style") == "italic"))
    return sorted(found, key=lambda glyph: (glyph[1], glyph[2]))


def strokes(line: str) -> list[list[tuple[float, float]]]:
    root = ElementTree.fromstring(formulas.svg([line]))
    return [
        [tuple(map(float, point.split(","))) for point in line.get("points").split()] for line in root.findall("{*}polyline")
    ]


class FormulaTests(unittest.TestCase):
    def test_letters_are_italic_and_words_upright(self):
        styles = {text: italic for text, *_, italic in glyphs("x = tanh(z)")}
        self.assertTrue(styles["x"] and styles["z"])
        self.assertFalse(styles["t"] or styles["="] or styles["("])

    def test_lowered_and_raised_letters_are_smaller_and_where_they_belong(self):
        h, low, high = [next(g for g in glyphs("hₜ²") if g[0] == text) for text in "ht2"]
        self.assertLess(low[3], h[3])
        self.assertGreater(low[2], h[2])
        self.assertLess(high[2], h[2])
        self.assertEqual(low[1], high[1])
        self.assertTrue(low[4])

    def test_letters_of_an_index_are_no_word_but_those_in_braces_are(self):
        self.assertTrue(all(italic for *_, italic in glyphs("Wᵢⱼ")))
        self.assertEqual([italic for *_, italic in glyphs("W_{in}")], [True, False, False])

    def test_a_fraction_has_its_parts_above_and_below_a_line(self):
        (line,) = strokes("y = (a + b) / c")
        places = {text: y for text, _, y, *_ in glyphs("y = (a + b) / c")}
        self.assertLess(places["a"], line[0][1])
        self.assertGreater(places["c"], line[0][1])
        self.assertNotIn("(", places)

    def test_a_slash_without_spaces_stays(self):
        self.assertIn("/", [text for text, *_ in glyphs("∂L/∂h")])
        self.assertEqual(strokes("∂L/∂h"), [])

    def test_a_root_covers_what_is_below_it(self):
        (line,) = strokes("√(v + ε)")
        self.assertGreaterEqual(line[-1][0] + 0.1, max(x for _, x, *_ in glyphs("√(v + ε)")))

    def test_equals_signs_are_aligned(self):
        root = ElementTree.fromstring(formulas.svg(["a = b", "long + c = d"]))
        places = [text.get("x") for text in root.iter("{http://www.w3.org/2000/svg}text") if text.text == "="]
        self.assertEqual(len(set(places)), 1)
        self.assertEqual(len(places), 2)

    def test_mistakes_are_told(self):
        for line in ("a = (b", "a / b / c"):
            with self.assertRaisesRegex(Failure, re.escape(line.split(" = ")[-1][:2])):
                formulas.svg([line])

    def test_blocks_become_pictures_and_the_rest_stays(self):
        page = "Text\n\n```formula\na = b\nc = [d]\n```\n\n```swift\nlet a = 1\n```\n"
        with tempfile.TemporaryDirectory() as folder:
            after = formulas.typeset_blocks(page, Path(folder))
            (picture,) = Path(folder).iterdir()
            self.assertEqual(
                after, f"Text\n\n![a = b; c = \\[d\\]]({picture.stem})\n\n```swift\nlet a = 1\n```\n")


if __name__ == "__main__":
    unittest.main()
