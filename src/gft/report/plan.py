"""What a fit would do, in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gft.baselines.protocol import NUMBERS, SETTINGS
from gft.errors import counted, listed
from gft.folder import CARD, HISTORY, METRICS, PARTITION, PREDICTIONS, REPORT
from gft.inputs.features import Unread
from gft.markup import html_facts
from gft.record_file import RECORD
from gft.report.tables import facts, percent

if TYPE_CHECKING:
    from gft.engine.profile import Profile

SHOWN_COLUMNS = 12
_STATES = {
    "fresh": "a new fit",
    "unfinished": "resumes from its last checkpoint",
    "finished": "holds this fit already: nothing would be done",
}


@dataclass(frozen=True)
class Plan:
    """What a fit would do. `profile` is None where no step was to be measured.

    `disk_bytes` is the most that the folder will hold: the model and three checkpoints; `whole`
    says that the model is written whole, not its adapter alone. `parts` are the rows of the parts
    of train that are fitted too, for a learning curve.
    """

    model: str
    architecture: str
    data: str
    task: str
    equation: str
    labels: tuple[str, ...]
    rows: dict[str, int]
    left_out: dict[str, int]
    unread: dict[str, Unread]
    too_long: str
    epochs: float
    batch: int
    steps: int
    precision: str
    device: str
    reason: str
    figure_of_merit: str
    folder: Path
    state: str
    weight_bytes: int | None
    disk_bytes: int | None
    whole: bool
    profile: Profile | None
    seeds: int = 1
    parts: tuple[int, ...] = ()

    @property
    def rehearsed(self) -> Profile | None:
        """The older name of `profile`."""
        return self.profile

    def __str__(self) -> str:
        return plan_text(self)

    def __repr__(self) -> str:
        rows = ", ".join(f"{role} {count:,}" for role, count in self.rows.items())
        return f"<Plan of {self.equation} with {self.model}: {self.steps:,} steps, {rows} rows>"

    def _repr_html_(self) -> str:
        return html_facts(plan_facts(self))


@dataclass(frozen=True)
class PlanWithoutNet:
    """What a fit of covariates alone would do; `columns` are those of the model matrix."""

    data: str
    equation: str
    labels: tuple[str, ...]
    rows: dict[str, int]
    left_out: dict[str, int]
    columns: tuple[str, ...]
    figure_of_merit: str
    folder: Path
    state: str

    def __str__(self) -> str:
        return facts(self._facts())

    def __repr__(self) -> str:
        return f"<Plan of {self.equation} without a net: {counted(len(self.columns), 'column')}>"

    def _repr_html_(self) -> str:
        return html_facts(self._facts())

    def _facts(self) -> dict[str, str]:
        rows = ", ".join(f"{role} {count:,}" for role, count in self.rows.items())
        left = sum(self.left_out.values())
        return {
            "Data": f"{self.data}: {rows} rows"
            + (f"; {left:,} without a label left out" if left else ""),
            "Task": f"{self.equation} ({listed(self.labels)})",
            "Model": "a generalised linear model, no net: estimated at once",
            "Columns": f"{len(self.columns):,}: {listed(self.columns, SHOWN_COLUMNS)}",
            "Folder": f"{self.folder}: {_STATES[self.state]}",
            "Files": f"{listed((SETTINGS, NUMBERS, METRICS, PREDICTIONS, PARTITION, CARD))}, "
            f"{REPORT} and {RECORD}",
        }


def plan_text(plan: Plan) -> str:
    """Return the plan, one fact a line."""
    return facts(plan_facts(plan))


def plan_facts(plan: Plan) -> dict[str, str]:
    """Return what is to say of a plan, by what it is about."""
    rows = ", ".join(f"{role} {count:,}" for role, count in plan.rows.items())
    left, unread = sum(plan.left_out.values()), sum(plan.unread.values(), Unread())
    pairs = {
        "Data": f"{plan.data}: {rows} rows"
        + (f"; {left:,} without a label left out" if left else "")
        + (_truncated(plan, unread) if unread.rows else ""),
        "Task": f"{plan.equation} ({listed(plan.labels)})",
        "Model": f"{plan.model} ({plan.architecture})" + _parameters(plan),
        "Training": f"{plan.steps:,} steps of {plan.batch} rows: "
        f"{counted(float(plan.epochs), 'epoch')}, the best by {plan.figure_of_merit} is kept"
        + (f"; with {plan.seeds} seeds" if plan.seeds > 1 else "")
        + (f"; before it {_fits(plan.parts)}" if plan.parts else ""),
        "Precision": f"{plan.precision} on {plan.device}: {plan.reason}",
    }
    if plan.profile is not None:
        whole = plan.rows.get("train", 1)
        seconds = plan.profile.train_seconds * (1 + sum(plan.parts) / whole)
        seconds += plan.profile.score_seconds * (1 + len(plan.parts))
        seconds *= plan.seeds
        pairs["Time"] = (
            f"about {_duration(seconds)} (measured on a few batches with random weights)"
        )
        if plan.profile.memory_bytes:
            pairs["Memory"] = f"about {plan.profile.memory_bytes / 1e9:.1f} GB"
    pairs["Folder"] = f"{plan.folder}: {_STATES[plan.state]}"
    model = f"the model and its tokenizer{_size(plan.weight_bytes)}"
    pairs["Files"] = (
        f"{model if plan.whole else 'the adapter and the tokenizer'}, "
        f"{listed((METRICS, PREDICTIONS, PARTITION, HISTORY, CARD, REPORT, RECORD))}; "
        f"at most three checkpoints meanwhile{_size(plan.disk_bytes, ' in all')}"
    )
    return pairs


def _fits(parts: tuple[int, ...]) -> str:
    rows = [f"{one:,}" for one in parts]
    return f"fits on {', '.join(rows[:-1])} and {rows[-1]} rows of it, for the learning curve"


def _truncated(plan: Plan, unread: Unread) -> str:
    lost = percent(unread.share)
    return f"; {unread.rows:,} {plan.too_long}, {lost} of all tokens lost"


def _parameters(plan: Plan) -> str:
    return f", {plan.profile.parameters:,} parameters" if plan.profile else ""


def _size(size: int | None, what: str = "") -> str:
    return "" if size is None else f" ({size / 1e6:,.0f} MB{what})"


def _duration(seconds: float) -> str:
    """Return a time as one says it: `40 seconds`, `12 minutes`, `3.5 hours`."""
    if seconds < 90:
        return counted(max(1, round(seconds)), "second")
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"
