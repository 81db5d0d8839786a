"""What classify_images and classify_audio share: a class for each file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.tasks import labels as labelling
from gft.tasks.classify import Classify
from gft.tasks.files import check_file_column, folders_of
from gft.tasks.options import LabelMapToTrain, Ranking, Smoothing, Weights
from gft.tasks.protocol import Task


@dataclass(frozen=True)
class ClassifyMedia(Classify):
    """A classifier of files; relative names begin in one of `folders`."""

    folders: tuple[str, ...] = ()

    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "f1_macro")
    longest: ClassVar[int] = 0
    left: ClassVar[str] = "one column of classes: integers, strings or booleans"
    heads: ClassVar[tuple[str, ...]]
    """How the classes of models with the task's head are called in `transformers`."""
    column: ClassVar[str]
    """What the input column is called where no equation says it."""
    what: ClassVar[str]
    """What the files are, for errors."""
    reads: ClassVar[Reads] = (
        Smoothing,
        Weights,
        LabelMapToTrain,
        Ranking,
    )

    @classmethod
    def bind(
        cls,
        equation: Equation,
        data: DataSet,
        used: Mapping[str, Rows],
        model: Task | None = None,
    ) -> Task:
        """Check columns and labels, and find the classes."""
        mistakes = Mistakes()
        for message in check_file_column(equation, data, cls.name, cls.what):
            mistakes.add(message)
        task = None
        with mistakes.collect():
            task = super().bind(equation, data, used, model)
        mistakes.raise_any()
        if not isinstance(task, cls):
            raise UserError(
                f"column {equation.left[0]!r} of {data.name} has lists of classes; {cls.name} "
                "needs one class a row"
            )
        return replace(task, folders=folders_of(data))

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the classifier that a configuration describes."""
        labels = labelling.of_config(config) or labelling.DEFAULT
        names = config.get("architectures") or ()
        if not any(head in name for head in cls.heads for name in names) or len(labels) < 2:
            return None
        inputs, outputs = (
            (equation.inputs, equation.left) if equation else ((cls.column,), ("label",))
        )
        return cls(inputs, outputs, labels, labels)

    def configured(self, options: Options) -> Self:
        """Return the task with its loss and with `--data_dir`."""
        task = super().configured(options)
        if not options.data_dir:
            return task
        return replace(task, folders=(*task.folders, str(Path(options.data_dir).expanduser())))

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task with labels and folders of a model's."""
        task, told = super().aligned(model, label_map)
        assert isinstance(model, ClassifyMedia)
        return replace(task, folders=(*self.folders, *model.folders)), told

    def located(self, folder: Path | None) -> Self:
        """Return the task with the folder that relative names begin in."""
        return self if folder is None else replace(self, folders=(str(folder), *self.folders))
