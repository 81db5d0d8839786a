"""Hold what gft makes of PaddleNLP's models and data against PaddleNLP itself.

    python tests/oracle/check_paddle.py ORACLE/bin/python [made fitted names rows]

`ORACLE` is an environment that has PaddleNLP (README.md here says how to make it); this program is
run with the Python that has gft. Each check prints a line a case, with what differs. The exit
status is 0 if nothing does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from asked import Oracle
from check_models import fitted, made, names
from check_rows import rows

TOLERANCE = 1e-5
CHECKS = {"made": made, "fitted": fitted, "names": names, "rows": rows}


def main() -> int:
    """Run what is asked for; return the exit status."""
    parser = argparse.ArgumentParser(description="hold gft against PaddleNLP")
    parser.add_argument("python", help="the Python of an environment that has PaddleNLP")
    parser.add_argument("checks", nargs="*", help=f"of {', '.join(CHECKS)}; all if none is named")
    asked = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory(prefix="gft-oracle-") as folder:
        oracle = Oracle(asked.python, Path(folder) / "home")
        for name in asked.checks or CHECKS:
            (Path(folder) / name).mkdir()
            cases = list(CHECKS[name](oracle, Path(folder) / name))
            wrong = [case for case, difference in cases if difference > TOLERANCE]
            worst = max(difference for _, difference in cases)
            print(f"{name}: {len(cases) - len(wrong)} of {len(cases)} agree, at most {worst:.1e}")
            failed += wrong
    return len(failed) > 0


if __name__ == "__main__":
    sys.exit(main())
