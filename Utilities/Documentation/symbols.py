"""The compiler's symbol graphs: what a module has for others, with comments and places, as JSON."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from .places import ROOT, run


def extract(module: str, output: Path) -> Path:
    """A folder with the graph of one module, and of what it adds to others, from an ordinary release build."""
    run("swift", "build", "-c", "release", "--target", module)
    built = Path(run("swift", "build", "-c", "release", "--show-bin-path").strip())
    # Modules of C are found by their maps: those the build has written, and those of system libraries.
    maps = [
        path for path in [*built.glob("*.build/module.modulemap"), *ROOT.glob("Sources/*/module.modulemap")]
        if not (built / f"Modules/{path.parent.stem}.swiftmodule").exists()
    ]
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    run(
        "swift", "symbolgraph-extract", "-module-name", module, "-minimum-access-level", "public",
        "-I", built / "Modules", *(part for path in maps for part in ("-Xcc", f"-fmodule-map-file={path}")),
        "-target", json.loads(run("swift", "-print-target-info"))["target"]["triple"],
        *(["-sdk", run("xcrun", "--show-sdk-path").strip()] if sys.platform == "darwin" else []),
        "-output-dir", output,
    )
    return output
