"""The script that reads the references between folders: a cycle makes it fail, a comment or a shared name does not."""

import contextlib
import importlib.machinery
import importlib.util
import io
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "rooms"


def run(files: dict[str, str]) -> tuple[int, str, str]:
    loader = importlib.machinery.SourceFileLoader("rooms", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("rooms", loader))
    loader.exec_module(module)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        printed, complained = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complained):
            status = module.main([folder])
        return status, printed.getvalue(), complained.getvalue()


class RoomTests(unittest.TestCase):
    def test_references_that_run_one_way_pass_from_the_bottom_up(self):
        status, printed, _ = run({"B/b.swift": "struct Lower {}", "A/a.swift": "struct Upper { var lower: Lower }"})
        self.assertEqual((status, printed), (0, "B: nothing\nA: B\n"))

    def test_a_cycle_fails_and_names_its_reasons(self):
        files = {"B/b.swift": "struct Lower { var up: Upper? }", "A/a.swift": "final class Upper { var lower: Lower }"}
        status, _, complained = run(files)
        self.assertEqual(status, 1)
        self.assertIn("cycle: A refers to B by Lower", complained)
        self.assertIn("cycle: B refers to A by Upper", complained)

    def test_folders_within_a_folder_are_folders_of_their_own(self):
        files = {"A/B/b.swift": "struct Lower { var up: Upper? }", "A/C/a.swift": "final class Upper { var lower: Lower }"}
        status, _, complained = run(files)
        self.assertEqual(status, 1)
        self.assertIn("cycle: A/B refers to A/C by Upper", complained)

    def test_comments_strings_private_and_shared_names_are_no_references(self):
        files = {
            "A/a.swift": "struct Upper {}\nfunc shared() {}\nprivate func own() {}",
            "B/b.swift": '// Upper\nlet text = "Upper"\nfunc shared() {}\nlet x = own()',
            "C/c.swift": "let y = shared()",
        }
        self.assertEqual(run(files)[0], 0)


if __name__ == "__main__":
    unittest.main()
