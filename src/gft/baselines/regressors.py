"""What the weights of a linear model belong to: TF-IDF features of texts, covariates, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from gft.baselines.features import Features
from gft.baselines.protocol import Cells
from gft.errors import listed

if TYPE_CHECKING:
    from gft.covariates.design import Design
    from gft.covariates.treatment import Treatment

CodedCovariates: TypeAlias = "Design | Treatment"
"""Covariates as numbers: every level beside the average one, or the levels but the first."""
SHOWN = 6


@dataclass(frozen=True)
class Regressors:
    """The columns of a linear model's matrix: those of texts, then those of covariates.

    `columns` are the columns of the data that it reads, each once, in the equation's order. Of
    `features` and `covariates` one is there at least.
    """

    columns: tuple[str, ...]
    features: Features | None
    covariates: CodedCovariates | None = None

    def of(self, rows: Cells) -> Any:
        """Return the matrix of rows, shape (rows, `width`); a sparse one where there are texts."""
        if self.features is None:
            assert self.covariates is not None
            return self.covariates.of(rows)
        texts = self.features.of(rows)
        if self.covariates is None:
            return texts
        from scipy import sparse

        return sparse.hstack([texts, sparse.csr_matrix(self.covariates.of(rows))], format="csr")

    @property
    def width(self) -> int:
        """How many columns the matrix has."""
        return sum(one.width for one in (self.features, self.covariates) if one is not None)

    def named(self) -> list[tuple[str, str]]:
        """Return the column of text and the term of each column of the matrix.

        Two columns and nothing are their cosine, no column and a name are a covariate.
        """
        texts = [] if self.features is None else self.features.named() or [("", "")]
        return texts + [("", name) for name in (self.covariates.names if self.covariates else ())]

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns of text."""
        return () if self.features is None else self.features.columns

    @property
    def what(self) -> str:
        """What they are, in words."""
        covariates = "" if self.covariates is None else listed(self.covariates.columns, SHOWN)
        if self.features is None:
            return covariates
        return self.features.what + (f", and on {covariates}" if covariates else "")
