"""Where things lie, and how commands are run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SNIPPETS = ROOT / "Snippets"
CATALOG = ROOT / "Sources/Recurrent/Recurrent.docc"
FIGURES = CATALOG / "Resources"
SITE = ROOT / ".build/site"

# The modules whose reference the site holds, the one with the course first.
MODULES = ["Recurrent", "RecurrentData", "RecurrentCharts"]


class Failure(Exception):
    """Something the user of these scripts has to know: one line."""


def run(*command: str | Path, folder: Path = ROOT, environment: dict[str, str] | None = None) -> str:
    """Runs a command to its end and returns what it printed."""
    result = subprocess.run(
        [str(part) for part in command], cwd=folder, env={**os.environ, **(environment or {})}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    if result.returncode != 0:
        output = (result.stdout + result.stderr).strip()
        raise Failure(f"{' '.join(str(part) for part in command)}: exit status {result.returncode}\n{output}")
    return result.stdout
