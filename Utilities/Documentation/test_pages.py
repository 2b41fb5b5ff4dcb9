"""Tests of the pages: python3 -m unittest discover -s Utilities -t Utilities"""

import re
import tempfile
import unittest
from pathlib import Path

from . import dependent, links, recorder
from .places import CATALOG, ROOT, SNIPPETS, Failure

# What fits beside a page's margins, on a code host as on the site.
WIDEST = 90
FENCE = re.compile(r"^[ \t]*```(\w*)[^\n]*\n(.*?)^[ \t]*```$", re.MULTILINE | re.DOTALL)
COURSE = sorted((CATALOG / "Course").glob("*.md"))


def too_wide(path: Path, lines: list[str]) -> list[str]:
    return [f"{path.relative_to(ROOT)}: {len(line)} columns: {line}" for line in lines if len(line) > WIDEST]


class WidthTests(unittest.TestCase):
    def test_code_of_pages_can_be_read_without_scrolling(self):
        pages = [page for page in links.pages() if page.parts[len(ROOT.parts)] not in ("Benchmarks", "Utilities")]
        wide = [
            line for page in pages for _, block in FENCE.findall(page.read_text())
            for line in too_wide(page, block.splitlines())
        ]
        self.assertEqual(wide, [], "\n".join(wide))

    def test_snippets_too(self):
        wide = [line for path in SNIPPETS.glob("*.swift") for line in too_wide(path, path.read_text().splitlines())]
        self.assertEqual(wide, [], "\n".join(wide))


class CourseTests(unittest.TestCase):
    def test_chapters_are_numbered_in_their_titles(self):
        numbers = []
        for page in COURSE:
            if match := re.match(r"(\d\d)-", page.name):
                numbers.append(int(match[1]))
                self.assertRegex(page.read_text().splitlines()[0], rf"^# {int(match[1])}\. \w")
        self.assertEqual(numbers, list(range(1, 18)))

    def test_every_page_names_its_program_and_how_to_run_it(self):
        for page in COURSE:
            text = page.read_text()
            names = set(re.findall(r"^<!-- (?:code|output): (\S+) ", text, re.MULTILINE))
            self.assertEqual(len(names), 1, page.name)
            name = names.pop()
            self.assertIn(f"[`Snippets/{name}.swift`](../../../../Snippets/{name}.swift)", text, page.name)
            self.assertIn(f"```sh\nswift run -c release {name}\n```", text, page.name)

    def test_every_page_is_in_the_contents_and_leads_on(self):
        contents = (CATALOG / "Recurrent.md").read_text()
        for page in COURSE:
            title = page.read_text().splitlines()[0].removeprefix("# ")
            self.assertIn(f"- [{title}](Course/{page.name})\n", contents)
            self.assertRegex(
                " ".join(page.read_text().split()),
                r"(?:Next|Back to [^:.]*): \[[^\]]*\]\([\w-]+\.md\) · \[all chapters\]\(\.\./Recurrent\.md\)$", page.name)

    def test_titles_in_links_are_those_of_the_pages(self):
        for page in [*COURSE, CATALOG / "Recurrent.md"]:
            for label, target in re.findall(r"\[(\d+\. [^\]]*|[Cc]hapter\s\d+)\]\(([^)]*)\)", page.read_text()):
                title = (page.parent / target).read_text().splitlines()[0].removeprefix("# ")
                if label.lower().startswith("chapter"):
                    self.assertEqual(title.split(".")[0], label.split()[1], f"{page.name}: {label}")
                else:
                    self.assertEqual(title, label, page.name)


class ProgramTests(unittest.TestCase):
    def test_output_is_cut_at_headings_and_whole_where_there_is_none(self):
        self.assertEqual(recorder._output("x", "== A\na \n\n== B c\nb\n"), {"A": "a", "B c": "b"})
        self.assertEqual(recorder._output("x", "a \n== b\n"), {"b": ""})
        self.assertEqual(recorder._output("x", "a \nb\n"), {"whole": "a\nb"})
        self.assertEqual(recorder._output("x", ""), {"whole": ""})
        with self.assertRaisesRegex(Failure, "twice"):
            recorder._output("x", "== A\n== A\n")

    def test_code_in_swift_is_quoted_from_programs_that_are_built(self):
        for page in [ROOT / "README.md", ROOT / "Documentation/OwnCell.md", *CATALOG.rglob("*.md")]:
            text = page.read_text()
            quoted = {match.end(4) for match in recorder.BLOCK.finditer(text)}
            for match in FENCE.finditer(text):
                if match[1] == "swift" and match.end(1) not in quoted:
                    self.assertEqual(page.name, "README.md", f"{page.name}: {match[2]}")
                    self.assertEqual(match[2], dependent.manifest(text))

    def test_programs_of_readme_are_whole(self):
        programs = dependent.PROGRAM.findall((ROOT / "README.md").read_text())
        self.assertGreater(len(programs), 2)
        for name, program in programs:
            self.assertTrue(program.startswith("import "), name)
            self.assertEqual(program.strip(), recorder._code(name)["program"])

    def test_the_manifest_names_products_that_are_there(self):
        manifest = dependent.manifest((ROOT / "README.md").read_text())
        own = (ROOT / "Package.swift").read_text()
        names = re.findall(r'\.product\(name: "(\w+)", package: "swift-recurrent"\)', manifest)
        self.assertEqual(names, re.findall(r'\.library\(name: "(\w+)"', own))
        for line in (r"^// swift-tools-version: .*$", r"platforms: .*,"):
            self.assertEqual(re.search(line, manifest, re.MULTILINE)[0], re.search(line, own, re.MULTILINE)[0])

    def test_a_page_without_a_manifest_is_told(self):
        with self.assertRaisesRegex(Failure, "found 0 blocks"):
            dependent.manifest("```swift\nimport Recurrent\n```\n")
        with tempfile.NamedTemporaryFile("w", suffix=".md") as page:
            page.write((ROOT / "README.md").read_text().replace(" program -->", " part -->"))
            page.flush()
            with self.assertRaisesRegex(Failure, "found no program"):
                dependent.try_out(Path(page.name))


if __name__ == "__main__":
    unittest.main()
