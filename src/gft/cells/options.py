"""The arguments of what cells mean."""

from __future__ import annotations

from gft.language.argument import DATA, TAKES_DATA, Arguments, argument

COVARIATES_DECIMAL = "covariates_decimal"
"""What a record has the decimal mark of covariates under: that of labels may be another."""


# fmt: off
class CellForms(Arguments):
    """What a table's writer meant by some cells."""

    na: tuple[str, ...] | None = argument(None, "cells that mean a missing value, separated by commas: --na 'NA,99,no answer'", DATA, TAKES_DATA)
    decimal: str | None = argument(None, "decimal mark of numbers, a comma or a point (detected in each column)", DATA, TAKES_DATA, choices=(",", "."))
    label_delimiter: str | None = argument(None, "delimiter between the labels of a row: --label_delimiter ';'", DATA, TAKES_DATA)
