"""P: data sets as tests read them, and what is in some of them."""

from __future__ import annotations

from typing import Any

import pytest

from gft.data.table import DataSet
from gft.errors import GftError
from gft.language.program import Options
from gft.suppliers.installed import parse
from gft.suppliers.paddle.supplier import Paddle

SQUAD = {
    "title": "Rain",
    "paragraphs": [
        {
            "context": "  Rain falls in spring .",
            "qas": [
                {"id": "a", "question": " What falls?",
                 "answers": [{"text": "Rain", "answer_start": 2},
                             {"text": " falls", "answer_start": 6}]},
                {"id": "b", "question": "Why?", "answers": [], "is_impossible": True},
            ],
        }
    ],
}  # fmt: skip
COLA = {
    "CoLA/train.tsv": 'gj04\t1\t\tThe "rain fell.\r\ngj04\t0\t*\tFell the rain.\r\n',
    "CoLA/dev.tsv": "gj04\t1\t\tIt\u2028rains. \n",
    "CoLA/test.tsv": "index\tsentence\n0\tSnow falls.\n1\tIt.\n",
    "CoLA/original/raw/dev.tsv": "other",
}


def load(name: str, **given: Any) -> DataSet:
    return Paddle().data(parse(f"P:{name}"), Options(given))


def rows(data: DataSet, split: str) -> list[dict[str, Any]]:
    """Return rows as a user sees them: classes by name."""
    found = data.splits[split]
    names = list(found.columns)

    def shown(name: str, value: Any) -> Any:
        classes = found.columns[name].classes
        if classes is None or value is None:
            return value
        return [classes[one] for one in value] if isinstance(value, list) else classes[value]

    return [
        {name: shown(name, value) for name, value in zip(names, values, strict=True)}
        for part in found.batches(names, 100)
        for values in zip(*part.values(), strict=True)
    ]


def failed(name: str, **given: Any) -> str:
    with pytest.raises(GftError) as caught:
        load(name, **given)
    [message] = caught.value.messages
    assert "\n" not in message
    return str(message)
