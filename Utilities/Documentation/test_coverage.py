"""Tests of the coverage of comments: python3 -m unittest discover -s Utilities -t Utilities"""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from . import coverage
from .coverage import Comment, Graph
from .sources import SwiftFile


def swift_file(text: str) -> SwiftFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.swift"
        path.write_text(text)
        return SwiftFile(path)


def symbol(
    comment: str, kind: str = "swift.method", path: tuple[str, ...] = ("Thing", "act(_:)"), **values: Any
) -> dict[str, Any]:
    """A symbol of a graph: a method with one parameter, unless something else is asked for."""
    declaration = values.get("declaration", "func act(_ force: Int) -> Float")
    return {
        "kind": {"identifier": kind}, "identifier": {"precise": values.get("identifier", ".".join(path))},
        "pathComponents": list(path),
        "docComment": {"lines": [{"text": line} for line in comment.splitlines()]},
        "functionSignature": {
            "parameters": [{"name": name} for name in values.get("parameters", ["force"])],
            "returns": [{"spelling": values.get("returns", "Float")}],
        },
        "declarationFragments": [{"spelling": declaration}],
        "location": {
            "uri": (coverage.ROOT / "a.swift").as_uri(), "position": {"line": 0, "character": len("func ")}},
    }


def lacks(
    found: dict[str, Any], body: str = "{ 1 }", others: tuple[dict[str, Any], ...] = (),
    relationships: tuple[dict[str, Any], ...] = (),
) -> list[str]:
    """What a symbol lacks whose declaration stands in a file of its own."""
    graph = {"symbols": [found, *others], "relationships": list(relationships)}
    source = swift_file(found["declarationFragments"][0]["spelling"] + " " + body)
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(coverage, "_file", lambda _: source):
        (Path(folder) / "Module.symbols.json").write_text(json.dumps(graph))
        read = Graph(Path(folder))
        return [lack for own in read.symbols[:1] for lack in read.lacks(own)]


FULL = "The effect of a force.\n\n- Parameter force: in newtons."


class Comments(unittest.TestCase):
    def test_parts(self):
        found = Comment.parsed([
            "Adds two", "numbers.", "", "```", "a + b", "```", "", "Source: somebody, 1900.", "",
            "- Parameters:", "  - a: the first", "    of both.", "  - b: the other.", "- Returns: the sum.",
            "- Complexity: O(1).",
        ])
        self.assertEqual(found.summary, "Adds two numbers.")
        self.assertEqual(found.parameters, {"a": "the first", "b": "the other."})
        self.assertEqual(found.fields["Returns"], "the sum.")
        self.assertTrue(found.has_equation and found.has_source and found.has_cost)

    def test_code_is_no_equation(self):
        self.assertFalse(Comment.parsed(["A.", "```swift", "let a = 1", "```"]).has_equation)

    def test_shapes(self):
        self.assertTrue(Comment.parsed(["Rows, `[batch, time]`."]).has_shape)
        self.assertFalse(Comment.parsed(["Rows, `batch`."]).has_shape)


class Bodies(unittest.TestCase):
    def test_braces_in_texts_and_comments_are_none(self):
        file = swift_file('func a(_ b: [Int] = [1]) throws(E) -> Int {\n  // }\n  return "}\\(c("}"))" + d\n}\n')
        self.assertIn("+ d", file.body(0, 5))

    def test_declarations_on_several_lines(self):
        file = swift_file("init(\n  a: Int, b: () -> Int = { 2 }\n)\n  throws\n{\n  c()\n}")
        self.assertEqual(file.body(0, 0).strip(), "c()")

    def test_what_has_none(self):
        file = swift_file("let a: Int\nvar b = [1].map { $0 }\nfunc c() -> Int\nfunc d() { e() }")
        self.assertEqual([file.body(line, 4) for line in range(3)], [None] * 3)


class Rules(unittest.TestCase):
    def test_a_full_comment_lacks_nothing(self):
        self.assertEqual(lacks(symbol(FULL)), [])

    def test_no_comment(self):
        self.assertEqual(lacks(symbol("")), ["no comment"])
        self.assertEqual(lacks(symbol("- Parameter force: in newtons.")), ["no comment"])

    def test_what_is_missing_is_said(self):
        plain = "func act(_ force: Int) -> Float"
        for text, body, declaration, expected in [
            (FULL.replace("force.", "force", 1), "{ 1 }", plain, "no full stop after the summary"),
            ("The effect of a force.", "{ 1 }", plain, "parameter force"),
            (FULL.replace("in newtons.", ""), "{ 1 }", plain, "parameter force"),
            (FULL.replace("The effect of", "Applies"), "{ 1 }", plain, "returns"),
            (FULL, "{ 1 }", plain.replace("->", "throws ->"), "throws"),
            (FULL, "{ precondition(force > 0) }", plain, "precondition"),
            (FULL, '{ require(force > 0, "a force is positive") }', plain, "precondition"),
            (FULL, "{ for i in a { b(i) } }", plain, "cost"),
        ]:
            self.assertEqual(lacks(symbol(text, declaration=declaration), body), [expected])

    def test_tensors_have_shapes_and_a_cost(self):
        found = symbol(FULL, declaration="func act(_ force: Tensor) -> Float")
        self.assertEqual(lacks(found, "{ sum(force) }"), ["shape", "cost"])

    def test_a_checked_condition_that_throws_is_none(self):
        self.assertEqual(lacks(symbol(FULL), "{ try checkAll(force) }"), [])

    def test_a_loop_in_a_condition_is_no_work(self):
        for body in ("{ precondition(a.reduce(0, +) > 0) }", '{ require(a.reduce(0, +) > 0, "there is something") }'):
            self.assertEqual(lacks(symbol(FULL + "\n- Precondition: there is something."), body), [])

    def test_what_the_compiler_made_is_not_asked(self):
        self.assertEqual(lacks(symbol("", identifier="a::SYNTHESIZED::b")), [])

    def test_what_meets_a_requirement_of_others_is_not_asked(self):
        origin = {"kind": "memberOf", "source": "s", "target": "t", "sourceOrigin": {"identifier": "elsewhere"}}
        self.assertEqual(lacks(symbol("", identifier="s"), relationships=(origin,)), [])

    def test_what_meets_a_requirement_of_ours_inherits_all_but_the_summary(self):
        requirement = symbol(FULL, identifier="ours", path=("Thing", "act(_:)"))
        origin = {"kind": "memberOf", "source": "s", "target": "t", "sourceOrigin": {"identifier": "ours"}}
        for text, expected in [("The effect.", []), ("", ["no comment"])]:
            self.assertEqual(
                lacks(symbol(text, identifier="s"), others=(requirement,), relationships=(origin,)), expected)

    def test_cells_have_equation_shapes_cost_and_source(self):
        cell = symbol(
            "A cell.", "swift.struct", ("Cell",), declaration="struct Cell", identifier="c", parameters=[],
            returns="()")
        protocol = symbol("Cells.", "swift.protocol", ("RecurrentCell",), declaration="protocol", identifier="p")
        conforms = {"kind": "conformsTo", "source": "c", "target": "p"}
        self.assertEqual(
            lacks(cell, others=(protocol,), relationships=(conforms,)), ["equation", "source", "cost", "shape"])

    def test_each_rule_has_its_equation(self):
        rules = symbol("Merges.", "swift.enum", ("Merge",), declaration="enum Merge", identifier="m")
        case = symbol(
            "A sum.", "swift.enum.case", ("Merge", "sum"), declaration="case sum", parameters=[], returns="()")
        self.assertEqual(lacks(case, others=(rules,)), ["equation"])

    def test_all_is_no_less_than_all(self):
        self.assertIn("(99.9 %)", coverage._figure("a", 99_999, 100_000))
        self.assertIn("(100 %)", coverage._figure("a", 3, 3))


if __name__ == "__main__":
    unittest.main()
