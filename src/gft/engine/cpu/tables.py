"""Tables of embeddings, of which a batch touches few rows: their gradients, and their updates.

A vocabulary may have most of a model's weights (four fifths of a small multilingual one), and a
training sees a fraction of it. AdamW does nothing to a row that has never had a gradient, unless
weights decay: its moments are 0. So such rows are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.optim.adamw import adamw

LARGEST_SHARE = 0.25
"""Of all rows: to take more of them out and put them back costs as much as to pass over all."""
WIDTH_UNIT = 16
"""Rows of a multiple of so many numbers are computed alike wherever they stand, to the last bit."""


class Table:
    """A table of embeddings and its gradient, of which a batch touches few rows.

    The others are 0 and stay so: keeping it costs less than making it anew for every step.
    """

    def __init__(self, module: Any) -> None:
        self.module = module
        self.kept: torch.Tensor | None = None
        self.touched: list[torch.Tensor] = []
        self.ever: torch.Tensor | None = None

    def add(self, part: torch.Tensor) -> None:
        """Add a sparse gradient to the table's."""
        weight = self.module.weight
        if weight.grad is None:
            for rows in self.touched:
                self.gradient().index_fill_(0, rows, 0.0)
            weight.grad, self.touched = self.gradient(), []
        [rows] = part._indices()
        weight.grad.index_add_(0, rows, part._values())
        self.touched.append(rows)
        if self.ever is not None:
            self.ever[rows] = True

    def gradient(self) -> torch.Tensor:
        """Return the gradient that is kept, of 0 at first."""
        if self.kept is None:
            self.kept = torch.zeros_like(self.module.weight)
        return self.kept

    def is_in_use(self) -> bool:
        """Say whether the weight's gradient is the one kept here."""
        return self.kept is not None and self.module.weight.grad is self.kept

    def touched_rows(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the numbers of the rows that are not 0, and what they are."""
        rows: torch.Tensor = torch.unique(torch.cat(self.touched))
        return rows, self.gradient()[rows]

    def rows_ever(self, moments: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return the numbers of the rows that have had a gradient: the moments of others are 0."""
        if self.ever is None:  # The moments may be those of a run before.
            self.ever = torch.stack([(one != 0).any(1) for one in moments]).any(0)
            self.ever[torch.cat(self.touched)] = True
        return self.ever.nonzero()[:, 0]


def update_few_rows(optimizer: torch.optim.Optimizer, tables: Mapping[int, Table]) -> None:
    """Let a fused AdamW update the rows of tables that have had a gradient, and no others.

    Weights and moments become what they would have been. `tables` are by the ids of their weights.
    Another optimizer is left as it is.
    """
    if type(optimizer) is not torch.optim.AdamW:
        return
    held: list[tuple[torch.Tensor, torch.Tensor]] = []

    def before(*_: Any) -> None:
        for group in optimizer.param_groups:
            for weight in group["params"] if _does_nothing_without_gradient(group) else ():
                table, state = tables.get(id(weight)), optimizer.state.get(weight)
                # The first step makes the state.
                if table and table.is_in_use() and state and _update(table, state, group):
                    held.append((weight, weight.grad))
                    weight.grad = None

    def after(*_: Any) -> None:
        for weight, gradient in held:
            weight.grad = gradient
        held.clear()

    optimizer.register_step_pre_hook(before)
    optimizer.register_step_post_hook(after)


def _does_nothing_without_gradient(group: Mapping[str, Any]) -> bool:
    plain = not (group["amsgrad"] or group["maximize"] or group["weight_decay"])
    return bool(plain and group["fused"])


@torch.no_grad()
def _update(table: Table, state: Mapping[str, torch.Tensor], group: Mapping[str, Any]) -> bool:
    """Make AdamW's step of a table's rows; return whether it was made: they may be too many."""
    weight = table.module.weight
    whole = (weight, state["exp_avg"], state["exp_avg_sq"])
    rows = table.rows_ever(whole[1:])
    if len(rows) > LARGEST_SHARE * len(weight) or weight.shape[1] % WIDTH_UNIT:
        return False
    values, first, second = (one.index_select(0, rows) for one in whole)
    adamw(
        [values], [table.gradient().index_select(0, rows)], [first], [second], [],
        [state["step"]], fused=True, amsgrad=False, maximize=False, lr=group["lr"],
        beta1=group["betas"][0], beta2=group["betas"][1], eps=group["eps"], weight_decay=0.0,
    )  # fmt: skip
    for one, updated in zip(whole, (values, first, second), strict=True):
        one.index_copy_(0, rows, updated)
    return True
