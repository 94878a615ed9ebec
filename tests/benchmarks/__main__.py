"""Runs the benchmarks: prints a table and writes `.workbench/benchmarks.json`.

python -m tests.benchmarks [engine|stepping|crowd|workflows|start_up|save_to_live|screen ...]
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.apart import write_apart
from tests.benchmarks import crowd, engine, save_to_live, screen, start_up, stepping, workflows
from tests.benchmarks.figure import Figure, table

BENCHMARKS = {
    "engine": engine,
    "stepping": stepping,
    "crowd": crowd,
    "workflows": workflows,
    "start_up": start_up,
    "save_to_live": save_to_live,
    "screen": screen,
}
RESULTS = Path(".workbench") / "benchmarks.json"


def main(names: list[str]) -> int:
    """The exit status: 0, or 2 when a benchmark of that name does not exist."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"there is no benchmark {unknown[0]}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    write_apart()
    figures: list[Figure] = []
    for name in names or BENCHMARKS:
        print(f"measuring {name} ...", file=sys.stderr)
        figures += BENCHMARKS[name].measure()
    print(table(figures))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([{**asdict(figure), "ratio": figure.ratio} for figure in figures], indent=2))
    print(f"\nwritten to {RESULTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
