"""The built-in metrics by name, and the figure of merit."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from gft.errors import UserError, listed, no_such
from gft.language.spec import Spec
from gft.metrics import classification as c
from gft.metrics import regression as r
from gft.metrics.areas import Area, OfCurve, average_precision, roc
from gft.metrics.clustering import CLUSTERING, Clustering
from gft.metrics.glue import merit_of, parts_of
from gft.metrics.protocol import Figure, Measurable, Metric

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
    *(c.Counts(name, c.averaged(of, "auto"), of_one=True) for name, of in c.PER_CLASS.items()),
    *(c.Counts(name, of_all) for name, of_all in c.OF_ALL.items()),
    *(c.RowMean(name, of_row) for name, of_row in _ROW_MEANS.items()),
    c.RowMean("top_k_accuracy", c.among_top(_TOP), greater_is_better=True, proportion=True),
    *(r.OfNumbers(name, of, name in _BETTER_IF_MORE) for name, of in _NUMBERS.items()),
    *(Area(name, of, of_one=name == "average_precision") for name, of in _AREAS.items()),
    *map(Clustering, CLUSTERING),
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
        if _spelt(spec.key) in names_for(target):
            raise
        if not trust_remote_code:
            raise UserError(f"{unknown}; {_OTHERS}") from None
        from gft.metrics.custom import of_evaluate

        return [of_evaluate(spec.key, spec.config, target)]


_OTHERS = "with --trust_remote_code the library evaluate is asked, whose code is run"


def find(name: str, config: str | None = None, target: Measurable | None = None) -> Metric:
    """Return the built-in metric of a name, in its own or scikit-learn's spelling.

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
    name = _spelt(name)
    if name not in _TABLE:
        raise UserError(no_such("metric", f"H:{name}", names_for(target)))
    if config is None:
        return _TABLE[name]
    if name not in c.PER_CLASS:
        raise UserError(f"metric H:{name} has no configuration {config!r}; write H:{name}")
    if config not in c.AVERAGES:
        raise UserError(no_such("configuration", config, c.AVERAGES, f"H:{name}"))
    formula, binary = c.averaged(c.PER_CLASS[name], config), config == "binary"
    return c.Counts(name, formula, only_two=binary, of_one=binary)


def _spelt(name: str) -> str:
    """Return our spelling of a name: `f1` for `f1_score`, `rand_score` for `rand`."""
    name = _ALIASES.get(name, name)
    for spelling in (name, name.removesuffix("_score"), f"{name}_score"):
        if spelling in _TABLE:
            return spelling
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
    """Return the names of the metrics in the table that are for kinds of target of these names."""
    return tuple(one.name for one in _METRICS if one.target in targets)


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
    if asked is None and specs and (specs[0].supplier, specs[0].key) == ("H", "glue"):
        asked = merit_of(str(specs[0].config))
    figure = merit(metrics, names, asked)
    return figure if better is None else replace(figure, greater_is_better=better > 0)


def merit(metrics: Sequence[Metric], names: tuple[str, ...], asked: str | None = None) -> Figure:
    """Return the figure of merit for classes or outputs called `names`.

    It is the one `asked` for by name, else the first figure of the first metric. Raises
    `UserError` naming the figures that there are.
    """
    figures: dict[str, Figure] = {}
    for metric in metrics:
        for figure in metric.figures(names):
            figures.setdefault(figure.name, figure)
    if asked is None:
        return next(iter(figures.values()))
    for spelling in (asked, _spelt(asked)):
        if spelling in figures:
            return figures[spelling]
    raise UserError(no_such("figure of merit", asked, figures))
