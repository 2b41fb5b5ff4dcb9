"""Runs the snippets and keeps the pages as they are: code from the programs, output from their runs, figures they draw.

A page names what belongs below in a comment on a line of its own, followed by a fenced block:

    <!-- code: 01-sequences batch -->       the lines between `// snippet.batch` and `// snippet.end` of that program
    <!-- output: 01-sequences A batch -->   what it prints below the heading `== A batch`
    <!-- output: readme-train whole -->     all that it prints, of a program that prints no heading
    <!-- source: Sources/….inc -->           lines that must stand in that file as they are, indentation aside

Pages are those of the course, README and the files in Documentation.

Lines of output that begin with `≈ ` hold times and are not compared. Outputs that need real MNIST have a heading that ends
in ` MNIST`, figures a name that ends in `-mnist.svg`: they stay as they are if MNIST_DIR does not name its folder.
"""

from __future__ import annotations

import difflib
import os
import platform
import re
import shutil
import tempfile
import textwrap
import xml.etree.ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .places import CATALOG, FIGURES, ROOT, SNIPPETS, Failure, run

# What is recorded only if real MNIST is available.
OPTIONAL_PART, OPTIONAL_FIGURE = " MNIST", "-mnist.svg"
# Files that a program writes to show how, and that no page shows.
NOT_SHOWN = (".safetensors",)
BLOCK = re.compile(r"^<!-- (code|output): (\S+) (.+?) -->\n```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SOURCE = re.compile(r"^<!-- source: (\S+) -->\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"^<!-- (?:code|output):.*$", re.MULTILINE)


@dataclass
class Recording:
    """What one program provides for the pages."""

    code: dict[str, str]
    output: dict[str, str]
    figures: dict[str, bytes]

    def text(self, kind: str, part: str) -> str | None:
        return (self.code if kind == "code" else self.output).get(part)


def record(names: list[str], only_check: bool) -> None:
    known = sorted(path.stem for path in SNIPPETS.glob("*.swift"))
    if unknown := sorted(set(names) - set(known)):
        raise Failure(f"Snippets/{unknown[0]}.swift: not found, expected one of {', '.join(known)}")
    chosen = names or known
    print("building the snippets")
    for product in names:
        run("swift", "build", "-c", "release", "--product", product)
    if not names:
        run("swift", "build", "-c", "release")
    programs = Path(run("swift", "build", "-c", "release", "--show-bin-path").strip())
    recordings = {}
    with ThreadPoolExecutor(max_workers=2) as pool:  # much of each program runs on one thread
        for name, recording in zip(chosen, pool.map(lambda name: _run(name, programs / name), chosen)):
            recordings[name] = recording
            print(f"{name}: {len(recording.output)} outputs, {len(recording.figures)} figures")
    stale = _update_pages(recordings, known, only_check) + _update_figures(recordings, known, names, only_check)
    if only_check and stale:
        raise Failure("out of date; run Utilities/site record and look at what has changed:\n" + "\n".join(stale))
    print(f"{len(stale)} files changed" if stale else "all pages are up to date")


def _run(name: str, program: Path) -> Recording:
    with tempfile.TemporaryDirectory() as folder:
        # The portable kernels give other last digits; these run on nearly every machine.
        same_bits = {"RECURRENT_INSTRUCTION_SET": "avx2"} if platform.machine() in ("x86_64", "AMD64") else {}
        # Programs run in a folder of their own, so a relative path would not work.
        data = {"MNIST_DIR": os.path.abspath(os.environ["MNIST_DIR"])} if os.environ.get("MNIST_DIR") else {}
        printed = run(program, folder=Path(folder), environment={**same_bits, **data, "RECURRENT_OFFLINE": "1"})
        files = [path for path in sorted(Path(folder).iterdir()) if path.suffix not in NOT_SHOWN]
        figures = {path.name: path.read_bytes() for path in files}
    if stray := [figure for figure in figures if not figure.startswith(f"{name}-") or not figure.endswith(".svg")]:
        raise Failure(f"Snippets/{name}.swift: wrote {stray[0]}, expected figures named {name}-….svg and nothing else")
    for figure, data in figures.items():
        _check(figure, data)
    return Recording(_code(name), _output(name, printed), figures)


def _check(figure: str, data: bytes) -> None:
    """A figure is whole XML, has a title, and holds the data it shows."""
    try:
        elements = list(xml.etree.ElementTree.fromstring(data).iter())
    except xml.etree.ElementTree.ParseError as error:
        raise Failure(f"{figure}: {error}; expected well-formed XML") from None
    if not any(element.tag.endswith("}title") for element in elements):
        raise Failure(f"{figure}: found no title, expected one that says what it shows")
    if not any(name.startswith("data-") for element in elements for name in element.attrib):
        raise Failure(f"{figure}: found no data, expected attributes such as data-values")


def _code(name: str) -> dict[str, str]:
    parts: dict[str, list[str]] = {}
    current: str | None = None
    for line in (SNIPPETS / f"{name}.swift").read_text().splitlines():
        mark = re.fullmatch(r"\s*// snippet\.(\S+)", line)
        if mark:
            current = None if mark[1] == "end" else mark[1]
        elif current is not None:
            parts.setdefault(current, []).append(line)
    return {part: textwrap.dedent("\n".join(lines)).strip("\n") for part, lines in parts.items()}


def _output(name: str, printed: str) -> dict[str, str]:
    parts: dict[str, list[str]] = {}
    current: str | None = None
    for line in printed.splitlines():
        if line.startswith("== "):
            current = line[3:].strip()
            if current in parts:
                raise Failure(f"Snippets/{name}.swift: prints the heading '== {current}' twice, expected each once")
            parts[current] = []
        elif current is not None:
            parts[current].append(line.rstrip())
    if not parts:
        parts["whole"] = [line.rstrip() for line in printed.splitlines()]
    return {part: "\n".join(lines).strip("\n") for part, lines in parts.items()}


def pages() -> list[Path]:
    """The pages that quote programs, sources and output."""
    return [*sorted(CATALOG.rglob("*.md")), ROOT / "README.md", *sorted((ROOT / "Documentation").rglob("*.md"))]


def _update_pages(recordings: dict[str, Recording], known: list[str], only_check: bool) -> list[str]:
    stale = []
    for page in pages():
        before = page.read_text()
        if len(MARK.findall(before)) != len(BLOCK.findall(before)):
            raise Failure(f"{page.relative_to(ROOT)}: a comment names code or output, expected a fenced block on the next line")

        for path, quoted in SOURCE.findall(before):
            if not (ROOT / path).is_file() or _plain(quoted) not in _plain((ROOT / path).read_text()):
                raise Failure(f"{page.relative_to(ROOT)}: quotes {path}, expected these lines in it:\n{quoted}")

        def filled(match: re.Match[str]) -> str:
            kind, name, part, language, found = match.groups()
            if name not in known:
                raise Failure(f"{page.relative_to(ROOT)}: names the snippet {name}, expected one of {', '.join(known)}")
            if name not in recordings:
                return match[0]
            text = recordings[name].text(kind, part)
            if text is None:
                if kind == "output" and part.endswith(OPTIONAL_PART) and not os.environ.get("MNIST_DIR"):
                    return match[0]
                raise Failure(f"{page.relative_to(ROOT)}: Snippets/{name}.swift has no {kind} '{part}'")
            if kind == "output" and _lasting(text) == _lasting(found.rstrip("\n")):
                return match[0]
            return f"<!-- {kind}: {name} {part} -->\n```{'swift' if kind == 'code' else ''}\n{text}\n```"

        after = BLOCK.sub(filled, before)
        if after != before:
            lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "page", "now", n=0, lineterm="")
            stale.append("\n".join([str(page.relative_to(ROOT)), *list(lines)[2:]]))
            if not only_check:
                page.write_text(after)
    return stale


def _plain(source: str) -> str:
    """Lines of a source without their indentation and the marks that carry macros on."""
    return "".join(line.strip().removesuffix("\\").strip() + "\n" for line in source.splitlines())


def _lasting(output: str) -> list[str]:
    """Output without its times."""
    return ["≈" if line.startswith("≈ ") else line for line in output.splitlines()]


def _update_figures(
    recordings: dict[str, Recording], known: list[str], names: list[str], only_check: bool
) -> list[str]:
    stale = []
    FIGURES.mkdir(parents=True, exist_ok=True)
    drawn = {figure: data for recording in recordings.values() for figure, data in recording.figures.items()}
    for figure, data in drawn.items():
        path = FIGURES / figure
        if not path.exists() or path.read_bytes() != data:
            stale.append(str(path.relative_to(ROOT)))
            if not only_check:
                path.write_bytes(data)
    for path in sorted(FIGURES.glob("*.svg")):
        owner = next((name for name in known if path.name.startswith(f"{name}-")), None)
        is_ours = owner in recordings or (owner is None and not names and path.name[:2].isdigit())
        is_kept = path.name.endswith(OPTIONAL_FIGURE) and not os.environ.get("MNIST_DIR")
        if is_ours and path.name not in drawn and not is_kept:
            stale.append(f"{path.relative_to(ROOT)} (no longer drawn)")
            if not only_check:
                path.unlink()
    return stale
