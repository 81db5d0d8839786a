"""Equations without a text against what R 4.2 prints for the same file: glm, lm and multinom.

Missing numbers are the mean and an indicator, and missing levels a level, in R's data too.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import gft

PRINTED: dict[str, list[tuple[float, float]]] = {
    "classify: vote ~ num(age) + log1p(visits) + cat(party)": [
        (-0.87740263, 0.7174954), (0.00056535884, 0.012052736), (0.57451817, 0.32245366),
        (0.37396554, 0.47907666), (0.2782269, 0.50785691), (-0.69465509, 0.92030599),
        (-1.4473509, 0.84363142),
    ],
    "classify: vote ~ num(visits):cat(gender) + log(income)": [
        (3.1399085, 2.4946163), (-0.38828421, 0.2624036), (0.15299007, 0.12844985),
        (0.15361469, 0.12581441),
    ],
    "classify: vote ~ cat(gender) + num(visits) + log(income) + cat(gender):num(visits)"
    " + cat(gender):log(income)": [
        (6.6869047, 4.6327421), (-4.8238819, 5.5080762), (0.31897867, 0.19290941),
        (-0.82138459, 0.49864155), (-0.23011321, 0.23757599), (0.5911414, 0.58768644),
    ],
    "regress: log(price) ~ log(income) + cat(gender) + num(visits):cat(gender)": [
        (-3.8793715, 0.62016429), (0.45861329, 0.064560033), (0.25897128, 0.16309283),
        (0.073543069, 0.043385186), (0.027974483, 0.035078169),
    ],
    "classify: kind ~ cat(gender) + num(visits) + cat(gender):num(visits)": [
        (-1.4174181, 0.70871171), (0.95790089, 0.83990069), (0.20163511, 0.23452133),
        (-0.30827986, 0.29624549), (-1.4008925, 0.66854), (0.78907027, 0.8061022),
        (0.37186008, 0.20881388), (-0.25913617, 0.26250793),
    ],
}  # fmt: skip
"""Estimates and standard errors, in R's order; the indicator of a missing number is the last."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    number, lines = 7, ["age,income,visits,gender,party,vote,kind,price"]
    for row in range(120):
        number = (number * 1103515245 + 12345) % 2**31
        age, visits = 18 + number // 64 % 60, number // 1024 % 6
        income = 900 + number // 4096 % 30000
        gender, party = "fm"[number // 128 % 2], ("Con", "Green", "Lab")[number // 512 % 3]
        lean = age / 30 - 1.6 + (gender == "m") * (0.8 - age / 60) + 2 * math.sin(number)
        kind = ("a", "b", "c")[(lean > -0.6) + (lean + math.cos(number) > 0.7)]
        cells = [
            "" if row % 13 == 5 else age, income, visits, gender, "" if row % 17 == 3 else party,
            "yes" if lean > 0 else "no", kind, f"{math.exp(lean / 3 + income / 2e4):.3f}",
        ]  # fmt: skip
        lines.append(",".join(map(str, cells)))
    file = tmp_path_factory.mktemp("r") / "d.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"C:{file}"


@pytest.mark.parametrize("equation", PRINTED)
def test_estimates_and_standard_errors(equation: str, data: str, tmp_path: Path) -> None:
    fit = gft.fit(data=data, splits="train,train", eqn=equation, output_dir=str(tmp_path / "out"))
    found = [
        (one["estimate"], one["std_error"])
        for model in fit.metrics["regression"]["models"]
        for coefficients in model["coefficients"].values()
        for one in coefficients
        if one["estimate"] is not None
    ]
    assert len(found) == len(PRINTED[equation])
    for ours, theirs in zip(found, PRINTED[equation], strict=True):
        assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-6), equation
