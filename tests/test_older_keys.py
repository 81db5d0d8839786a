"""Folders of an earlier gft are read: keys of their JSON are renamed."""

import json
from pathlib import Path
from typing import Any

from gft.record_file import FORMAT, read_record
from gft.results.fitted import read_metrics

KNOWN = {"f1": {"value": 0.5, "low": 0.4, "high": 0.6}}


def written(many: str, one: str, significant: str) -> dict[str, Any]:
    """Return a metrics.json with these keys wherever it has them."""
    # A label, a column and a metric of the user's own may be called as the keys were.
    by = {
        "figures": {
            "values": {"figure": {"rows": 9, "compared": True, many: KNOWN}},
            "differences": [
                {
                    one: "f1",
                    "between": ["figure", "b"],
                    "difference": KNOWN["f1"],
                    significant: True,
                }
            ],
        }
    }
    split = {
        "rows": 20,
        many: {**KNOWN, "figures": KNOWN["f1"]},
        "classes": {"figure": {"f1": 0.5}, "figures": {"f1": 0.5}},
        "shared_with_train": {"rows": 2, many: KNOWN},
        "importance": {one: "f1", "columns": {"figure": KNOWN["f1"]}},
        "by": by,
    }
    points = [{"rows": 10, "splits": {"test": {many: KNOWN}}}]
    return {
        "figure_of_merit": "f1",
        "splits": {"test": split},
        "baselines": {"linear": {"splits": {"test": {many: {"f1": 0.4}, "differences": KNOWN}}}},
        "learning_curve": {"split": "test", one: "f1", "points": points},
        "seeds": {"seeds": [1, 2], "splits": {"test": {"rows": 20, many: KNOWN}}},
    }


def test_keys_of_metrics(tmp_path: Path) -> None:
    now = "metrics", "metric", "significant"
    for keys in (("figures", "figure", "beyond_chance"), now):
        (tmp_path / "metrics.json").write_text(json.dumps(written(*keys)), encoding="utf-8")
        assert read_metrics(tmp_path) == written(*now)


def test_keys_of_a_record(tmp_path: Path) -> None:
    for rows, share in (("cut", "tokens_cut"), ("truncated", "tokens_truncated")):
        data = {"rows": {"cut": 9}, rows: {"test": 2}, share: {"test": 0.1}}
        record = {"gft_format": FORMAT, "program": {}, "data": data, "task": {}}
        (tmp_path / "gft.json").write_text(json.dumps(record), encoding="utf-8")
        assert read_record(tmp_path) == {
            **record,
            "data": {
                "rows": {"cut": 9},
                "truncated": {"test": 2},
                "tokens_truncated": {"test": 0.1},
            },
        }
