"""Embedding tables, of which a batch uses few rows: their gradients and their updates.

A vocabulary may have most of a model's weights (four fifths of a small multilingual one), and a
training uses a fraction of it. Without weight decay AdamW does not change a row that has never had
a gradient: its moments are 0. So such rows are skipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.optim.adamw import adamw

LARGEST_SHARE = 0.25
"""Largest share of rows to update: copying more of them costs as much as updating all."""
WIDTH_UNIT = 16
"""Rows whose width is a multiple of this get the same results at any position, to the last bit."""


class Table:
    """An embedding table and its gradient, of which a batch uses few rows.

    The other rows of the gradient are 0. Keeping it costs less than a new one for every step.
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
        """Return the gradient that is kept, all 0 at first."""
        if self.kept is None:
            self.kept = torch.zeros_like(self.module.weight)
        return self.kept

    def is_in_use(self) -> bool:
        """Say whether the weight's gradient is the one kept here."""
        return self.kept is not None and self.module.weight.grad is self.kept

    def touched_rows(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the indices of the gradient's rows that are not 0, and these rows."""
        rows: torch.Tensor = torch.unique(torch.cat(self.touched))
        return rows, self.gradient()[rows]

    def rows_ever(self, moments: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return the indices of the rows that have had a gradient: the moments of others are 0."""
        if self.ever is None:  # The moments may come from an earlier run.
            self.ever = torch.stack([(one != 0).any(1) for one in moments]).any(0)
            self.ever[torch.cat(self.touched)] = True
        return self.ever.nonzero()[:, 0]


def update_few_rows(optimizer: torch.optim.Optimizer, tables: Mapping[int, Table]) -> None:
    """Let a fused AdamW update only those rows of tables that have had a gradient.

    The resulting weights and moments are the same. `tables` are by the ids of their weights. Any
    other optimizer is left as it is.
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
    standard = not (group["amsgrad"] or group["maximize"] or group["weight_decay"])
    return bool(standard and group["fused"])


@torch.no_grad()
def _update(table: Table, state: Mapping[str, torch.Tensor], group: Mapping[str, Any]) -> bool:
    """Make AdamW's step for a table's rows; return False, without a step, if they are too many."""
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
