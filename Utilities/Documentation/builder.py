"""Builds the site: symbol graphs by the compiler, pages by DocC, one archive of all modules."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from .places import CATALOG, FIGURES, MODULES, ROOT, Failure, run

WORK = ROOT / ".build/documentation"
# Scratch folders of their own: with other flags the next ordinary build would start anew. The compiler writes a graph
# when it compiles a module, so graphs stay beside what was compiled.
SYMBOLS = ROOT / ".build/symbols"
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
        graphs = symbol_graphs(module)
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
    if output.exists():
        if not (output / "documentation").is_dir() and any(output.iterdir()):
            raise Failure(f"{output}: found files of something else, expected an empty folder or an earlier site")
        shutil.rmtree(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(merged, output)
    print(f"{output}: {len(list(output.rglob('*.html')))} pages")


def symbol_graphs(module: str) -> Path:
    """A folder with the symbols of one module, and of what it adds to others."""
    everything, own = SYMBOLS / "graphs", WORK / f"symbols-{module}"
    everything.mkdir(parents=True, exist_ok=True)
    run(
        "swift", "build", "--scratch-path", SYMBOLS, "--target", module,
        "-Xswiftc", "-emit-symbol-graph", "-Xswiftc", "-emit-symbol-graph-dir", "-Xswiftc", everything,
    )
    own.mkdir(parents=True, exist_ok=True)
    for graph in everything.glob(f"{module}*.symbols.json"):
        if re.fullmatch(rf"{module}(@\w+)?\.symbols\.json", graph.name):
            shutil.copy(graph, own)
    return own


def _themed(catalog: Path) -> Path:
    """A copy of a catalog with each figure twice, as DocC wants it: `name.svg` for light pages, `name~dark.svg` for dark."""
    copy = WORK / catalog.name
    shutil.copytree(catalog, copy)
    for figure in (copy / FIGURES.relative_to(CATALOG)).glob("*.svg"):
        text = figure.read_text()
        figure.write_text(text.replace("<svg ", '<svg class="light" ', 1))
        figure.with_name(f"{figure.stem}~dark.svg").write_text(text.replace("<svg ", '<svg class="dark" ', 1))
    return copy


def _docc() -> str:
    if sys.platform == "darwin":
        return run("xcrun", "--find", "docc").strip()
    beside = Path(shutil.which("swift") or "swift").resolve().parent / "docc"
    found = str(beside) if beside.exists() else shutil.which("docc")
    if not found:
        raise Failure("docc: not found, expected it beside swift; install a whole Swift toolchain, 6.2 or later")
    return found
