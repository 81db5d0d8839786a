"""The coefficients of a generalised linear model, as R's `summary` prints them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gft.errors import counted, listed
from gft.report.tables import table

SHOWN = 100
"""So many coefficients of each class are shown."""
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "."))
CODES = "Signif. codes: 0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1"
LEAST_P = 2.2e-16
DIGITS, P_DIGITS = 4, 3
"""So many digits the smallest estimate and the smallest p have, as R's `printCoefmat` has it."""
MOST_DECIMALS, PLAIN_P = 8, 0.001
"""Estimates that need more decimals are written with an exponent, as is a p below the other."""
MEANING = (
    "p is the probability of an estimate at least this far from 0 if the coefficient is 0. It "
    "assumes that the model is right and was chosen before the data was seen. A p-value says "
    "nothing about causes, and is not valid once columns have been chosen by their p-values."
)
DEPENDENT = (
    "It also assumes independent rows. Those of one {group} are not independent, so standard "
    "errors and p-values may be much too small. The intervals of the metrics account for that; so "
    "does a mixed model with (1 | {group}), such as lmer or glmer of R's lme4."
)
CoefficientTable = tuple[str, tuple[str, ...], list[tuple[str, ...]], list[str]]
"""A title, the headers of a table, its rows, and sentences."""


def coefficient_tables(metrics: Mapping[str, Any]) -> list[CoefficientTable]:
    """Return the tables of the model in a `metrics.json`, with what is to say of each.

    The last one is followed by what p-values are not. Empty where the model has no coefficients
    to be read one by one.
    """
    found = metrics.get("regression")
    if found is None:
        return []
    references = [f"{column}: {level}" for column, level in found["references"].items()]
    tables: list[CoefficientTable] = []
    for model in found["models"]:
        for of, coefficients in model["coefficients"].items():
            tables.append((_title(model, of), _headers(model), _rows(coefficients), []))
        tables[-1][-1].extend(_remarks(model, coefficients))
    if tables and references:
        tables[-1][-1].append(f"Levels are compared with {listed(references, 8)}.")
    if CODES in (one for *_, remarks in tables for one in remarks):
        tables[-1][-1].append(MEANING)
        if found.get("group"):
            tables[-1][-1].append(DEPENDENT.format(group=found["group"]))
    return tables


def regression_text(metrics: Mapping[str, Any]) -> str:
    """Return the tables on the terminal, with headings; empty where there are none."""
    parts = []
    for n, (title, headers, rows, remarks) in enumerate(coefficient_tables(metrics)):
        heading = f"\n{title}:\n" if n else f"{title}:\n"
        parts.append(heading + table(headers, rows, right=(1, 2, 3, 4)))
        parts += [f"{one}\n" for one in remarks]
    return "".join(parts)


def _title(model: Mapping[str, Any], of: str) -> str:
    return of if model["reference"] is None else f"{of}, against {model['reference']}"


def _headers(model: Mapping[str, Any]) -> tuple[str, ...]:
    letter = "t" if model["distribution"] == "gaussian" else "z"
    return ("", "estimate", "std. error", f"{letter} value", f"Pr(>|{letter}|)", "")


def _rows(coefficients: list[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    first = coefficients[:SHOWN]
    amounts = _aligned([one[key] for key in ("estimate", "std_error") for one in first], DIGITS)
    shown: list[tuple[str, ...]] = [
        (one["name"], estimate, std_error, _rounded(one["statistic"]), p, _stars(one["p"]))
        for one, estimate, std_error, p in zip(
            first,
            amounts[: len(first)],
            amounts[len(first) :],
            _p_values([one["p"] for one in first]),
            strict=True,
        )
    ]
    more = len(coefficients) - SHOWN
    return [*shown, (f"and {more:,} more", "", "", "", "", "")] if more > 0 else shown


def _remarks(model: Mapping[str, Any], coefficients: list[Mapping[str, Any]]) -> list[str]:
    """Return what R prints below a table: codes, what was not estimated, how well it fits."""
    of, sentences = model["quality"], []
    if any(one["p"] is not None for one in coefficients):
        sentences.append(CODES)
    if model["dropped"]:
        sentences.append(
            "Not estimated, because collinear with the columns before: "
            f"{listed(model['dropped'], 8)}."
        )
    if model["separating"]:
        sentences.append(
            f"The classes are separable by {listed(model['separating'], 8)}: there are no "
            "maximum-likelihood estimates. These are penalised, with a normal prior on each "
            "coefficient (standard deviation 2.5 where a column's is 1), and have no standard "
            "errors."
        )
    return (
        sentences
        + (_of_numbers(of) if model["distribution"] == "gaussian" else _of_classes(of))
        + [f"{counted(model['rows'], 'row')}; AIC {_number(of['aic'])}."]
    )


def _of_numbers(of: Mapping[str, Any]) -> list[str]:
    free, columns = of["df_residual"], of["df_null"] - of["df_residual"]
    sentences = [
        f"Residual standard error {_number(of['residual_std_error'])} on {free:,} degrees of "
        f"freedom; R² {_rounded(of['r2'], 4)}, adjusted {_rounded(of['adjusted_r2'], 4)}."
    ]
    if of["f_statistic"] is not None:
        sentences.append(
            f"F statistic {_rounded(of['f_statistic'], 2)} on {columns:,} and {free:,} degrees of "
            f"freedom, p {_p(of['f_p'])}."
        )
    return sentences


def _of_classes(of: Mapping[str, Any]) -> list[str]:
    return [
        f"Null deviance {_number(of['null_deviance'])} on {of['df_null']:,} degrees of freedom.",
        f"Residual deviance {_number(of['deviance'])} on {of['df_residual']:,} degrees of freedom.",
    ]


def _number(value: float | None) -> str:
    return "NA" if value is None else f"{value:.6g}"


def _rounded(value: float | None, digits: int = 3) -> str:
    return "NA" if value is None else f"{value:.{digits}f}"


def _aligned(values: list[float | None], digits: int) -> list[str]:
    """Return numbers with the same number of decimals: the least that shows `digits` of each."""
    finite = [one for one in values if one is not None and math.isfinite(one)]
    decimals = max((_decimals(one, digits) for one in finite), default=0)
    form = f".{decimals}f" if decimals <= MOST_DECIMALS else f".{digits - 1}e"
    return ["NA" if one is None else f"{one:{form}}" for one in values]


def _decimals(value: float, digits: int) -> int:
    """Return how many decimals a number of so many digits has, its last zeros aside."""
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return max(len(mantissa.partition(".")[2].rstrip("0")) - int(exponent), 0)


def _p_values(values: list[float | None]) -> list[str]:
    """Return p-values as R does: those from 0.001 have the same number of decimals."""
    plain = _aligned(
        [one if one is not None and one >= PLAIN_P else None for one in values], P_DIGITS
    )
    return [
        same if one is not None and one >= PLAIN_P else _p(one)
        for one, same in zip(values, plain, strict=True)
    ]


def _p(value: float | None) -> str:
    if value is None:
        return "NA"
    return "<2e-16" if value < LEAST_P else f"{value:.3g}"


def _stars(p: float | None) -> str:
    return next((stars for most, stars in STARS if p is not None and p < most), "")
