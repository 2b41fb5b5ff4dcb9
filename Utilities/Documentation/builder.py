"""Builds the site: symbol graphs by the compiler, pages by DocC, one archive of all modules."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from . import formulas, links, symbols
from .places import CATALOG, FIGURES, MODULES, ROOT, Failure, run

WORK = ROOT / ".build/documentation"
REDIRECT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Recurrent</title>
<meta http-equiv="refresh" content="0; url=documentation/recurrent/">
<a href="documentation/recurrent/">Recurrent: recurrent neural networks in Swift</a>
</html>
"""


def build(output: Path, base_path: str) -> None:
    docc = _docc()
    shutil.rmtree(WORK, ignore_errors=True)
    archives = []
    for module in MODULES:
        print(f"{module}: reading its symbols")
        graphs = symbols.extract(module, WORK / f"symbols-{module}")
        print(f"{module}: writing its pages")
        catalog = ROOT / f"Sources/{module}/{module}.docc"
        archive = WORK / f"{module}.doccarchive"
        run(
            docc, "convert", *([_themed(catalog)] if catalog.exists() else []), "--additional-symbol-graph-dir", graphs,
            "--output-path", archive, "--fallback-display-name", module, "--fallback-bundle-identifier", module,
            "--warnings-as-errors", "--transform-for-static-hosting",
            *(["--hosting-base-path", base_path] if base_path else []),
        )
        archives.append(archive)
    merged = WORK / "site"
    run(docc, "merge", *archives, "--output-path", merged, "--synthesized-landing-page-name", "swift-recurrent")
    (merged / "index.html").write_text(REDIRECT)
    (merged / "theme-settings.json").write_text("{}\n")  # which every page asks for
    if output.exists():
        if not (output / "documentation").is_dir() and any(output.iterdir()):
            raise Failure(f"{output}: found files of something else, expected an empty folder or an earlier site")
        shutil.rmtree(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(merged, output)
    print(f"{output}: {len(list(output.rglob('*.html')))} pages")


def _themed(catalog: Path) -> Path:
    """A copy of a catalog with DocC's links, formulas as pictures, and each picture twice, as DocC wants it: `name.svg` for
    light pages, `name~dark.svg` for dark."""
    copy = WORK / catalog.name
    shutil.copytree(catalog, copy)
    pictures = copy / FIGURES.relative_to(CATALOG)
    pictures.mkdir(exist_ok=True)
    for page in copy.rglob("*.md"):
        text = links.for_docc(page.read_text(), catalog / page.relative_to(copy))
        page.write_text(formulas.typeset_blocks(text, pictures))
    for figure in pictures.glob("*.svg"):
        text = _sized(figure.read_text())
        figure.write_text(text.replace("<svg ", '<svg class="light" ', 1))
        figure.with_name(f"{figure.stem}~dark.svg").write_text(text.replace("<svg ", '<svg class="dark" ', 1))
    return copy


def _sized(svg: str) -> str:
    """A picture with the size of its view box: without one a browser shows it in a corner of the column."""
    view = re.search(r'viewBox="0 0 (\S+) (\S+)"', svg)
    if view is None or re.search(r"<svg [^>]*\bwidth=", svg):
        return svg
    return svg.replace("<svg ", f'<svg width="{view[1]}" height="{view[2]}" ', 1)


def _docc() -> str:
    if sys.platform == "darwin":
        return run("xcrun", "--find", "docc").strip()
    beside = Path(shutil.which("swift") or "swift").resolve().parent / "docc"
    found = str(beside) if beside.exists() else shutil.which("docc")
    if not found:
        raise Failure("docc: not found, expected it beside swift; install a whole Swift toolchain, 6.2 or later")
    return found
