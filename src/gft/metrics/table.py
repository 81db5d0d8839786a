"""The built-in metrics by name, and the figure of merit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from gft.errors import UserError, listed, no_such
from gft.language.spec import Spec
from gft.metrics import classification as c
from gft.metrics import regression as r
from gft.metrics.library import CLUSTERING, Area, Clustering
from gft.metrics.protocol import NUMBERS, Figure, Metric

_PER_CLASS = {"f1": c.f1, "precision": c.precision, "recall": c.recall, "jaccard": c.jaccard}
_COUNTS = {
    "balanced_accuracy": c.balanced_accuracy,
    "matthews_correlation": c.matthews,
    "cohen_kappa": c.kappa,
}
_ROW_MEANS = {"loss": c.cross_entropy, "log_loss": c.cross_entropy, "brier_score_loss": c.brier}
_TOP = 2
_BETTER_IF_MORE = frozenset({"pearson", "spearman", "spearmanr", "r2", "explained_variance"})
_NUMBERS: dict[str, r.OfOutput] = {
    "pearson": r.pearson,
    "spearman": r.spearman,
    "spearmanr": r.spearman,
    "mean_squared_error": r.mean_of(r.squared),
    "root_mean_squared_error": r.root_mean_squared,
    "mean_absolute_error": r.mean_of(r.absolute),
    "mean_absolute_percentage_error": r.mean_of(r.relative),
    "median_absolute_error": r.median_absolute,
    "max_error": r.largest,
    "r2": r.r2,
    "explained_variance": r.explained_variance,
    "mean_squared_log_error": r.mean_of(r.squared_log),
    "mean_poisson_deviance": r.mean_of(r.poisson),
    "mean_gamma_deviance": r.mean_of(r.gamma),
}
GLUE = {
    "cola": ("matthews_correlation",),
    "stsb": ("pearson", "spearmanr"),
    "mrpc": ("f1", "accuracy"),
    "qqp": ("f1", "accuracy"),
    **dict.fromkeys(
        ("sst2", "mnli", "mnli_matched", "mnli_mismatched", "qnli", "rte", "wnli", "hans", "ax"),
        ("accuracy",),
    ),
}
_ALIASES = {"mse": "mean_squared_error", "mcc": "matthews_correlation", "pearsonr": "pearson"}


def _table() -> dict[str, Callable[[], Metric]]:
    table: dict[str, Callable[[], Metric]] = {"accuracy": c.Accuracy}
    for name, per_class in _PER_CLASS.items():
        table[name] = partial(c.Counts, name, c.averaged(per_class, "auto"))
    for name, formula in _COUNTS.items():
        table[name] = partial(c.Counts, name, formula)
    for name, of_row in _ROW_MEANS.items():
        table[name] = partial(c.RowMean, name, of_row)
    table["top_k_accuracy"] = partial(
        c.RowMean, "top_k_accuracy", c.among_top(_TOP), greater_is_better=True, proportion=True
    )
    for name, of_output in _NUMBERS.items():
        table[name] = partial(r.OfNumbers, name, of_output, name in _BETTER_IF_MORE)
    for name in ("roc_auc", "average_precision"):
        table[name] = partial(Area, name)
    for name in CLUSTERING:
        table[name] = partial(Clustering, name)
    return table


_TABLE = _table()
BUILT_IN = (*_TABLE, "glue")


def find_metrics(spec: Spec) -> list[Metric]:
    """Return what a specification such as `H:f1,macro` or `H:glue,qqp` stands for.

    Raises `UserError` naming the metrics, or the configurations, that there are.
    """
    name = _ALIASES.get(spec.key, spec.key)
    if name == "glue":
        if spec.config not in GLUE:
            raise UserError(no_such("configuration", str(spec.config), GLUE, "H:glue"))
        return [built_in(one) for one in GLUE[spec.config]]
    if spec.supplier != "H" or name not in _TABLE:
        raise UserError(no_such("metric", str(spec), BUILT_IN))
    if spec.config is None:
        return [built_in(name)]
    if name not in _PER_CLASS:
        raise UserError(f"metric H:{name} has no configuration {spec.config!r}; write H:{name}")
    if spec.config not in c.AVERAGES:
        raise UserError(no_such("configuration", spec.config, c.AVERAGES, f"H:{name}"))
    return [c.Counts(name, c.averaged(_PER_CLASS[name], spec.config))]


def built_in(name: str) -> Metric:
    """Return a built-in metric by its name."""
    return _TABLE[name]()


def choose_metrics(specs: Sequence[Spec], defaults: Sequence[str], serves: str) -> list[Metric]:
    """Return the metrics asked for, or a task's own. Raises `UserError` if one does not fit."""
    metrics = [one for spec in specs for one in find_metrics(spec)]
    for metric in metrics:
        if metric.serves != serves:
            fitting = [name for name in _TABLE if built_in(name).serves == serves]
            held = "numbers" if metric.serves == NUMBERS else "classes"
            raise UserError(
                f"metric {metric.name} measures {held}; this task has {listed(fitting, 40)}"
            )
    return metrics or [built_in(name) for name in defaults]


def choose_merit(
    metrics: Sequence[Metric],
    names: tuple[str, ...],
    specs: Sequence[Spec],
    asked: str | None,
    better: int | None,
) -> Figure:
    """Return the figure that picks the best epoch.

    It is the one that was asked for by name, else the first; GLUE's mrpc and qqp list F1 first and
    are judged by accuracy. `better` of 1 or -1 says whether more or less of it is better.
    """
    figures = {figure.name: figure for metric in metrics for figure in metric.figures(names)}
    if asked is not None and asked not in figures:
        raise UserError(no_such("figure of merit", asked, figures))
    glue = any(spec.key == "glue" for spec in specs) and "accuracy" in figures
    figure = figures[asked] if asked else figures["accuracy" if glue else next(iter(figures))]
    return figure if better is None else replace(figure, greater_is_better=better > 0)
