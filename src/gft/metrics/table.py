"""The built-in metrics by name, and the selection metric."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace

import numpy as np

from gft.errors import UserError, listed, no_such
from gft.language.spec import Spec
from gft.metrics import classification as c
from gft.metrics import regression as r
from gft.metrics.areas import Area, OfCurve, average_precision, roc
from gft.metrics.clustering import CLUSTERING, Clustering
from gft.metrics.correlations import correlation
from gft.metrics.glue import merit_of, parts_of
from gft.metrics.protocol import Array, Measurable, Measure, Metric

_ROW_MEANS = {"loss": c.cross_entropy, "log_loss": c.cross_entropy, "brier_score_loss": c.brier}
_TOP = 2


def _mean(name: str, error: Callable[[Array, Array], Array]) -> r.OfNumbers:
    return r.OfNumbers(name, r.mean_of(error), sums=r.ratio_of(error), tail=r.tail_of(error))


def _explained(name: str, of: r.OfOutput, centred: bool) -> r.OfNumbers:
    ratio, tail = r.unexplained(centred), r.tail_of_squares if centred else r.tail_of(r.squared)
    return r.OfNumbers(name, of, greater_is_better=True, sums=ratio, tail=tail)


_NUMBERS = (
    correlation("pearson"),
    correlation("spearman"),
    correlation("spearmanr"),
    _mean("mean_squared_error", r.squared),
    r.OfNumbers(
        "root_mean_squared_error",
        r.root_mean_squared,
        sums=r.ratio_of(r.squared, np.sqrt),
        tail=r.tail_of(r.squared),
    ),
    _mean("mean_absolute_error", r.absolute),
    _mean("mean_absolute_percentage_error", r.relative),
    r.OfNumbers("median_absolute_error", r.median_absolute),
    r.OfNumbers("max_error", r.largest, tail=r.tail_of_largest),
    _explained("r2", r.r2, centred=False),
    _explained("explained_variance", r.explained_variance, centred=True),
    _mean("mean_squared_log_error", r.squared_log),
    _mean("mean_poisson_deviance", r.poisson),
    _mean("mean_gamma_deviance", r.gamma),
)
_AREAS: dict[str, OfCurve] = {"roc_auc": roc, "average_precision": average_precision}
_ALIASES = {
    "mse": "mean_squared_error",
    "rmse": "root_mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mcc": "matthews_correlation",
    "matthews_corrcoef": "matthews_correlation",
    "pearsonr": "pearson",
    "r_squared": "r2",
    "overall_accuracy": "accuracy",
}


_METRICS: tuple[Metric, ...] = (
    c.ACCURACY,
    *(c.of_classes(name, "auto") for name in c.PER_CLASS),
    *(c.of_all(name) for name in c.OF_ALL),
    *(c.RowMean(name, of_row) for name, of_row in _ROW_MEANS.items()),
    c.RowMean("top_k_accuracy", c.among_top(_TOP), greater_is_better=True, proportion=True),
    *_NUMBERS,
    *(Area(name, of, of_one=name == "average_precision") for name, of in _AREAS.items()),
    *(Clustering(name, span) for name, span in CLUSTERING.items()),
)
_TABLE = {one.name: one for one in _METRICS}
BUILT_IN = (*_TABLE, "glue")


def find_metrics(spec: Spec, target: Measurable, trust_remote_code: bool = False) -> list[Metric]:
    """Return what a specification such as `H:f1,macro` or `H:glue,qqp` stands for.

    `C:FILE.py` is a function of the user's own.
    What is not built in is asked of the library evaluate, if its code may be run. Raises
    `UserError` naming the metrics, or the configurations, that there are.
    """
    if spec.supplier == "C":
        from gft.metrics.custom import read_custom

        return [read_custom(spec.key, target)]
    if spec.supplier != "H":
        raise UserError(no_such("metric", str(spec), names_for(target)))
    try:
        if spec.key == "glue":
            return parts_of(spec.config)
        return [find(spec.key, spec.config, target)]
    except UserError as unknown:
        if _built_in_name(spec.key) in names_for(target):
            raise
        if not trust_remote_code:
            raise UserError(f"{unknown}; {_OTHERS}") from None
        from gft.metrics.custom import of_evaluate

        return [of_evaluate(spec.key, spec.config, target)]


_OTHERS = "with --trust_remote_code the library evaluate is asked, whose code is run"


def find(name: str, config: str | None = None, target: Measurable | None = None) -> Metric:
    """Return the built-in metric of a name, its own or scikit-learn's.

    `config` is an average (`f1,macro`). A `target` may have
    metrics of its own, which come first; without one, and where it has none of that name, it is
    one for classes or numbers. Raises `UserError` naming the metrics, or the configurations, that
    there are.
    """
    if target is not None:
        own = target.metric(_ALIASES.get(name, name), config)
        if own is not None:
            return own
    base, _, ending = name.rpartition("_")
    if config is None and base in c.PER_CLASS and ending in c.AVERAGES:
        name, config = base, ending
    name = _built_in_name(name)
    if name not in _TABLE:
        raise UserError(no_such("metric", f"H:{name}", names_for(target)))
    if config is None:
        return _TABLE[name]
    if name not in c.PER_CLASS:
        raise UserError(f"metric H:{name} has no configuration {config!r}; write H:{name}")
    if config not in c.AVERAGES:
        raise UserError(no_such("configuration", config, c.AVERAGES, f"H:{name}"))
    return c.of_classes(name, config)


def _built_in_name(name: str) -> str:
    """Return our name for a metric: `f1` for `f1_score`, `rand_score` for `rand`."""
    name = _ALIASES.get(name, name)
    for known in (name, name.removesuffix("_score"), f"{name}_score"):
        if known in _TABLE:
            return known
    return name


def choose_metrics(
    specs: Sequence[Spec],
    defaults: Sequence[str],
    target: Measurable,
    trust_remote_code: bool = False,
) -> list[Metric]:
    """Return the metrics asked for, or a task's own. Raises `UserError` if one does not fit."""
    metrics = [one for spec in specs for one in find_metrics(spec, target, trust_remote_code)]
    for metric in metrics:
        if metric.target not in target.names():
            raise UserError(
                f"metric {metric.name} measures {metric.target}; "
                f"this task has {listed(names_for(target), 40)}"
            )
    return metrics or [find(name, None, target) for name in defaults]


def names_for(target: Measurable | None) -> tuple[str, ...]:
    """Return the names of the metrics for a target, of those for classes and numbers without."""
    return BUILT_IN if target is None else target.metric_names()


def names_of(targets: Container[str]) -> tuple[str, ...]:
    """Return the names of the metrics in the table that are for target types of these names."""
    return tuple(one.name for one in _METRICS if one.target in targets)


def choose_merit(
    metrics: Sequence[Metric],
    names: tuple[str, ...],
    specs: Sequence[Spec],
    asked: str | None,
    better: int | None,
) -> Measure:
    """Return the metric that picks the best epoch.

    It is the one that was asked for by name, else the first; GLUE's mrpc and qqp list F1 first and
    are judged by accuracy. `better` of 1 or -1 says whether more or less of it is better.
    """
    if asked is None and specs and (specs[0].supplier, specs[0].key) == ("H", "glue"):
        asked = merit_of(str(specs[0].config))
    measure = merit(metrics, names, asked)
    return measure if better is None else replace(measure, greater_is_better=better > 0)


def merit(metrics: Sequence[Metric], names: tuple[str, ...], asked: str | None = None) -> Measure:
    """Return the selection metric for classes or outputs called `names`.

    It is the one `asked` for by name, else the first measure of the first metric. Raises
    `UserError` naming the metrics that there are.
    """
    measures: dict[str, Measure] = {}
    for metric in metrics:
        for measure in metric.measures(names):
            measures.setdefault(measure.name, measure)
    if asked is None:
        return next(iter(measures.values()))
    for known in (asked, _built_in_name(asked)):
        if known in measures:
            return measures[known]
    raise UserError(no_such("selection metric", asked, measures))
