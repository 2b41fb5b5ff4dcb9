"""Tests of links: python3 -m unittest discover -s Utilities -t Utilities"""

import tempfile
import unittest
from pathlib import Path

from . import links
from .links import Reference
from .places import CATALOG, ROOT, Failure

COURSE = CATALOG / "Course/06-The-LSTM.md"


class LinkTests(unittest.TestCase):
    def test_links_and_images_are_found_with_their_lines(self):
        text = "[a](one.md) and ![b [c]](two.svg)\n\n[`f(x)`](three.md#part) [![d](four.svg)](https://x.org)\n"
        self.assertEqual(
            list(links.references(text)),
            [
                Reference(1, "one.md", False), Reference(1, "two.svg", True), Reference(3, "three.md#part", False),
                Reference(3, "four.svg", True), Reference(3, "https://x.org", False),
            ])

    def test_html_and_forms_of_docc_are_found(self):
        text = '<img alt="a" src="one.png">\n<a href="two.md">x</a> <doc:Three>\n'
        self.assertEqual(
            sorted(links.references(text), key=lambda reference: reference.target),
            [Reference(2, "<doc:Three>", False), Reference(1, "one.png", True), Reference(2, "two.md", False)])

    def test_code_and_comments_have_no_links(self):
        text = "```swift\na[0](b)\n```\n`[a](b)` ``[a](b)`` <!-- [a](b)\n[a](b) -->\n  ```\n  [a](b)\n  ```\n[a](c)"
        self.assertEqual(list(links.references(text)), [Reference(9, "c", False)])

    def test_what_is_there_has_no_problem(self):
        for target in (
            "01-Sequences.md", "../Recurrent.md", "../Resources/06-the-lstm-reading.svg", "../../../../Snippets",
            "01-Sequences.md#try-it", "#overview", "https://example.org/x", "mailto:a@b.org", "07-The-GRU.md#which-cell-is-best",
        ):
            self.assertIsNone(links.problem(COURSE, Reference(1, target, False)), target)

    def test_what_is_not_there_is_told(self):
        for target, words, is_image in (
            ("01-Sequence.md", "no such file", False), ("06-the-lstm-reading", "no such file", True),
            ("../Resources", "no such picture", True), ("01-Sequences.md#tried", "no such heading", False),
            ("/README.md", "no relative path", False), ("doc:01-Sequences", "no relative path", False),
            ("<doc:01-Sequences>", "DocC alone", False), ("../../../../../x.md", "out of the repository", False),
            ("01-sequences.md", "no such file", False),
        ):
            self.assertIn(words, links.problem(COURSE, Reference(1, target, is_image)) or "", target)

    def test_headings_are_named_as_code_hosts_do(self):
        with tempfile.NamedTemporaryFile("w", suffix=".md", dir=ROOT / "Utilities") as file:
            file.write("# 1. One Step\n## What `f(x)` is\n```\n# code\n```\n## A [link](b.md) - x\n## Again\n## Again\n")
            file.flush()
            self.assertEqual(
                links.headings(Path(file.name)), {"1-one-step", "what-fx-is", "a-link---x", "again", "again-1"})

    def test_every_link_of_the_repository_leads_somewhere(self):
        pages = links.pages()
        self.assertIn(COURSE, pages)
        self.assertIn(ROOT / "README.md", pages)
        dead, count = [], 0
        for page in pages:
            for reference in links.references(page.read_text()):
                count += 1
                if problem := links.problem(page, reference):
                    dead.append(f"{page.relative_to(ROOT)}:{reference.line}: {reference.target}: {problem}")
        self.assertEqual(dead, [], "\n".join(dead))
        self.assertGreater(count, 140)


class DocCTests(unittest.TestCase):
    def test_paths_become_names(self):
        self.assertEqual(
            links.for_docc("See [chapter 1](01-Sequences.md), [all](../Recurrent.md).\n", COURSE),
            "See [chapter 1](doc:01-Sequences), [all](doc:Recurrent).\n")
        self.assertEqual(links.for_docc("![a [b] c](../Resources/06-x.svg)", COURSE), "![a [b] c](06-x)")

    def test_topics_are_links_alone(self):
        page = CATALOG / "Recurrent.md"
        self.assertEqual(links.for_docc("- [1. Sequences](Course/01-Sequences.md)", page), "- <doc:01-Sequences>")

    def test_what_is_no_page_is_shown_in_the_repository(self):
        self.assertEqual(
            links.for_docc("[`a.swift`](../../../../Snippets/a.swift), [x](https://x.org)", COURSE),
            f"[`a.swift`]({links.REPOSITORY}Snippets/a.swift), [x](https://x.org)")
        self.assertEqual(
            links.for_docc("[words](../../../../CHANGELOG.md)", COURSE), f"[words]({links.REPOSITORY}CHANGELOG.md)")

    def test_code_and_comments_stay(self):
        text = "```swift\n[a](b.md)\n```\n`[a](b.md)` <!-- [a](b.md) -->\n"
        self.assertEqual(links.for_docc(text, COURSE), text)

    def test_what_docc_cannot_show_is_told(self):
        for text, words in (("![a](../Course/a.svg)", "expected one in"), ("[a](07-The-GRU.md#try-it)", "no heading")):
            with self.assertRaisesRegex(Failure, words):
                links.for_docc(text, COURSE)


if __name__ == "__main__":
    unittest.main()
