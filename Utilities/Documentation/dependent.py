"""Builds README's package as a reader would, outside the project, and runs README's programs in it.

The manifest is README's, with the folder of this repository in place of its address. Nothing of it is checked in: what README
says is what is built.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from .places import ROOT, Failure, run

# Readers do not set the variable that makes warnings errors.
BUILD = ("env", "-u", "RECURRENT_STRICT", "swift", "build", "-c", "release")
ADDRESS = re.compile(r'\.package\(url: "[^"]*/([\w.-]+)", [^)]*\)')
PROGRAM = re.compile(r"^<!-- code: (\S+) program -->\n```swift\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```swift\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r'\.executableTarget\(\s*name: "(\w+)"')


def try_out(page: Path = ROOT / "README.md") -> None:
    """Builds and runs every program of a page; fails if one does not build, or ends with an error."""
    source, programs = manifest(page.read_text()), PROGRAM.findall(page.read_text())
    if not programs:
        raise Failure(f"{page.name}: found no program, expected a comment such as <!-- code: readme-train program -->")
    with tempfile.TemporaryDirectory() as temporary:
        # A package is known by the name of its folder.
        dependency = Path(temporary) / ADDRESS.findall(source)[0]
        dependency.symlink_to(ROOT)
        folder = Path(temporary) / "package"
        target = TARGET.findall(source)[0]
        main = folder / "Sources" / target / "main.swift"
        main.parent.mkdir(parents=True)
        (folder / "Package.swift").write_text(ADDRESS.sub(f'.package(path: "{dependency}")', source))
        for name, program in programs:
            main.write_text(program)
            run(*BUILD, folder=folder)
            built = run(*BUILD, "--show-bin-path", folder=folder).strip()
            printed = run(Path(built) / target, folder=folder, environment={"RECURRENT_OFFLINE": "1"})
            print(f"{name}: {len(printed.splitlines())} lines, the last: {printed.strip().splitlines()[-1]}")


def manifest(text: str) -> str:
    """The Package.swift that a page shows."""
    found = [block for block in BLOCK.findall(text) if block.startswith("// swift-tools-version:")]
    if len(found) != 1 or len(ADDRESS.findall(found[0])) != 1 or len(TARGET.findall(found[0])) != 1:
        raise Failure(
            f"found {len(found)} blocks that begin with // swift-tools-version:, expected one, with one dependency and one "
            "executable target")
    return found[0]
