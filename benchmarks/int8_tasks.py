"""What a graph in 8 bits loses, on any fits.

    python benchmarks/int8_tasks.py FOLDER...

FOLDER is a fit of any task that has graphs. Each is exported in 8 bits into a temporary folder,
whatever it loses, and compared with the model in fp32 on val. Printed for each: the task, the rows,
the share of equal labels (of numbers, the correlation) in each runtime, and the selection metric's
difference with its paired 95 % interval.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from typing import Any

import gft


def main() -> None:
    """Export each fit in 8 bits and print what it loses."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    for folder in parser.parse_args().folders:
        fit = gft.load(f"C:{folder}")
        with tempfile.TemporaryDirectory() as place:
            exported = fit.export(precision="int8", accept=True, output_dir=f"{place}/graph")
        print(line(fit.task.name, exported.found), flush=True)


def line(task: str, found: Mapping[str, Any]) -> str:
    """Return a row of the table in Markdown."""
    runtimes = [one for one in found["speeds"] if one["precision"] == "int8"]
    alike = ", ".join(f"{one['runtime']} {agreement(one)}" for one in runtimes)
    merit = next(one for one in found["metrics"] if one["figure_of_merit"])
    low, high = merit["low"], merit["high"]
    interval = "" if low is None else f" ({low:+.4f} to {high:+.4f})"
    return (
        f"| {task} | {found['rows']} | {alike} | {merit['name']} {merit['value']:+.4f}{interval} |"
    )


def agreement(found: Mapping[str, Any]) -> str:
    """Return how alike the answers in a runtime are."""
    if "equal_labels" in found:
        return f"{found['equal_labels']:.2%}"
    return f"r {found['correlation']:.4f}"


if __name__ == "__main__":
    main()
