"""Several models on several data sets: every one scored, sorted, and compared with the best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gft import notes, processes
from gft.data.table import DataSet
from gft.digits import in_digits
from gft.engine.options import Computing
from gft.errors import GftError, UserError, listed
from gft.functions.evaluate import Basis, Evaluation, evaluate
from gft.language.options import Shared
from gft.language.program import Program
from gft.metrics.comparison import compare_with_best
from gft.opening import open_data


@dataclass(frozen=True)
class Failed:
    """A model that could not be scored on some data (empty: its own), and why."""

    model: str
    data: str
    reason: str
    mistake: bool = False

    def saved(self) -> dict[str, Any]:
        """Return the failure as JSON."""
        return {"model": self.model, "data": self.data, "error": self.reason}


def is_several(program: Program) -> bool:
    """Say whether a program names several models or several data sets."""
    return len(program.models) > 1 or len(program.datas) > 1


def evaluate_each(program: Program, in_memory: DataSet | None = None) -> list[Evaluation | Failed]:
    """Score every model on every data set; for each data set the best first, failures last.

    A failure does not stop the others. Models that were scored on the
    same rows are compared with the best of them. Raises `UserError` if all of them fail by
    mistakes of the user's.
    """
    found = list(_each(program, in_memory))
    failed = [one for one in found if isinstance(one, Failed)]
    if len(failed) == len(found) and all(one.mistake for one in failed):
        raise UserError(*(one.reason for one in failed))
    by_rows: dict[tuple[str, str, str], list[Evaluation]] = {}
    for one in found:
        if isinstance(one, Evaluation):
            by_rows.setdefault(one.basis.rows_id, []).append(one)
    _warn_of_other_rows(list(by_rows.values()))
    ranked = [one for several in by_rows.values() for one in compared(several)]
    return [*ranked, *failed]


def _warn_of_other_rows(scored: Sequence[Sequence[Evaluation]]) -> None:
    """Warn of models whose metrics for the same data are of different rows, as fits drew them."""
    of_data: dict[str, list[Sequence[Evaluation]]] = {}
    for alike in scored:
        of_data.setdefault(alike[0].data, []).append(alike)
    for name, parts in of_data.items():
        if parts[1:]:
            models = listed(dict.fromkeys(one.model for alike in parts for one in alike))
            notes.warn(
                f"{models} were scored on different rows of {name}, as each fit drew splits of its "
                "own; such models are not compared: fit them to data that has a test split"
            )


def _each(program: Program, in_memory: DataSet | None) -> Iterator[Evaluation | Failed]:
    """Yield the result of each model on each data set; a missing data set fails once."""
    processes.join(program.options.of(Computing).use_cpu)
    count = len(program.models) * max(1, len(program.datas))
    done = 0
    for spec in program.datas or (None,):
        data = in_memory
        if spec is not None and data is None:
            try:
                data = open_data(replace(program, datas=(spec,)))
            except Exception as problem:
                yield _failure("", str(spec), problem, program)
                done += len(program.models)
                continue
        first: Basis | None = None
        for model in program.models:
            one = replace(program, models=(model,), datas=() if spec is None else (spec,))
            found: Evaluation | Failed
            try:
                found = evaluate(one, data, first, f"{model}: ")
                first = first or found.basis
            except Exception as problem:
                found = _failure(str(model), "" if spec is None else str(spec), problem, program)
            done += 1
            notes.say(f"{done} of {count}: {_progress(found)}")
            yield found


def _failure(model: str, data: str, problem: Exception, program: Program) -> Failed:
    alone = processes.count() == 1 or isinstance(problem, UserError)
    if program.options.of(Shared).debug or not alone:
        raise problem  # The other processes may not have failed, and would wait for this one.
    if isinstance(problem, GftError):
        mistake = isinstance(problem, UserError)
        return Failed(model, data, "; ".join(problem.messages), mistake)
    return Failed(model, data, f"{type(problem).__name__}: {' '.join(str(problem).split())}")


def _progress(found: Evaluation | Failed) -> str:
    if isinstance(found, Failed):
        return f"{found.model} was not scored: {found.reason}"
    name, value = found.basis.merit.name, value_of(found)
    return f"{found.model} on {found.data}: {name} " + ("?" if value is None else in_digits(value))


def value_of(one: Evaluation) -> float | None:
    """Return the selection metric of an evaluation, None if it is undefined."""
    return next(result.value for result in one.results if result.name == one.basis.merit.name)


def compared(several: Sequence[Evaluation]) -> list[Evaluation]:
    """Return evaluations of the same rows, best first, each other one compared with the best."""
    ranked = sorted(several, key=_rank)
    best, *others = ranked
    if value_of(best) is None or not others:
        return ranked
    measure = best.basis.merit
    alike = {n: one.basis.tally for n, one in enumerate(others) if _comparable(one, best)}
    comparisons = compare_with_best(
        best.basis.tally, list(alike.values()), measure, groups=best.basis.groups
    )
    of_each = dict(zip(alike, comparisons, strict=True))
    return [best, *(replace(one, comparison=of_each.get(n)) for n, one in enumerate(others))]


def _comparable(one: Evaluation, best: Evaluation) -> bool:
    """Say whether both were scored by the same metrics."""
    mine, theirs = ([metric.name for metric in each.basis.tally.metrics] for each in (one, best))
    return mine == theirs and one.basis.merit == best.basis.merit


def _rank(one: Evaluation) -> tuple[int, float]:
    value = value_of(one)
    if value is None:
        return 1, 0.0
    return 0, -value if one.basis.merit.greater_is_better else value
