"""`classify_tokens: tags ~ words`: a tag for each word of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.data.table import DataSet, Rows
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Array, Scored
from gft.targets.protocol import Target
from gft.targets.tags import Tags
from gft.tasks import labels as labelling
from gft.tasks.classes import ranked_labels, weights_of
from gft.tasks.options import LabelMap, Ranking, Smoothing, TextLength, Weights
from gft.tasks.protocol import Adapted, Batch, Encoded, Feature, Task, Values
from gft.tasks.tags import IGNORED, check, found_tags, numbers_of
from gft.tasks.text import pad, run_with_labels
from gft.tasks.words import PLACES, READ_ROWS, WORDS, encode_words, words_of

if TYPE_CHECKING:
    import torch

_SAVED = ("inputs", "outputs", "labels", "spelt")
_ARCHITECTURE = "ForTokenClassification"


@dataclass(frozen=True)
class ClassifyTokens:
    """A classifier of words with a token classification head, for tags that mark entities.

    The first piece of a word stands for the word; a long row is read in windows. `spelt` are the
    labels as the data writes them. `smoothing` and `weights` belong to the loss; `every` says
    that the scores of all labels are wanted, not only the best one's.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    labels: tuple[str, ...]
    spelt: tuple[str, ...]
    smoothing: float = 0.0
    asked_weights: tuple[str, ...] | None = None
    weights: tuple[float, ...] | None = None
    same: labelling.Same = ()
    every: bool = False

    name: ClassVar[str] = "classify_tokens"
    aliases: ClassVar[tuple[str, ...]] = ("t", "token-classification", "ner", "pos_tagging")
    summary: ClassVar[str] = "a tag for each word of a row"
    head: ClassVar[str] = "token-classification"
    target: ClassVar[Target] = Tags()
    metrics: ClassVar[tuple[str, ...]] = ("seqeval",)
    length_of: ClassVar[str] = "input_ids"
    longest: ClassVar[int] = 512
    left: ClassVar[str] = "one column of lists of tags, or of text with blanks between the tags"
    right: ClassVar[str] = WORDS
    default_model: ClassVar[str | None] = "dslim/bert-base-NER"
    example: ClassVar[str] = (
        "--model H:bert-base-cased --data H:conll2003 --eqn 'classify_tokens: ner_tags ~ tokens'"
    )
    reads: ClassVar[Reads] = (
        TextLength,
        Smoothing,
        Weights,
        LabelMap,
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
        """Check columns, lengths and tags, and find the labels."""
        check(equation, data, used)
        column = data.columns[equation.left[0]]
        if column.classes is not None:
            spelt, labels = tuple(map(str, range(len(column.classes)))), column.classes
        else:
            spelt = labels = found_tags(column, data.name, used, model.labels if model else ())
        return _kind(labels)(equation.inputs, equation.left, labels, spelt)

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Task:
        """Return the task of a fitted folder."""
        inputs, outputs, labels, spelt = (tuple(saved[key]) for key in _SAVED)
        return _kind(labels)(inputs, outputs, labels, spelt)

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the tagger that a configuration describes."""
        if not any(one.endswith(_ARCHITECTURE) for one in config.get("architectures") or ()):
            return None
        labels = labelling.of_config(config) or labelling.DEFAULT
        inputs, outputs = (equation.inputs, equation.left) if equation else (("tokens",), ("tags",))
        return _kind(labels)(inputs, outputs, labels, labels)

    def saved(self) -> dict[str, Any]:
        """Return the columns and labels, as JSON."""
        return {key: list(getattr(self, key)) for key in _SAVED}

    def with_columns(self, equation: Equation) -> Self:
        """Return the task for other columns."""
        return replace(self, inputs=equation.inputs, outputs=equation.left)

    def configured(self, options: Options) -> Self:
        """Return the task with the loss and the scores that the arguments ask for."""
        asked = options.class_weight
        return replace(
            self,
            smoothing=options.label_smoothing_factor,
            asked_weights=tuple(asked) if asked else None,
            every=options.return_all_scores or (options.top_k or 1) > 1,
        )

    def learned(self, train: Rows) -> Self:
        """Return the task with the weights of the labels, which may come from their counts."""
        import numpy as np

        if self.asked_weights is None:
            return self
        counts = np.zeros(len(self.labels), dtype=np.int64)
        for part in train.batches(self.outputs, READ_ROWS):
            for gold in self.golds(part):
                if gold is not None:
                    counts += np.bincount(gold[gold != IGNORED], minlength=len(counts))
        total = int(counts.sum())
        balanced = [total / (len(counts) * count) if count else 1.0 for count in counts.tolist()]
        return replace(self, weights=weights_of(self.asked_weights, self.labels, balanced))

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task with its labels in the order of a model's."""
        spelt, same, told = labelling.met(self.labels, self.spelt, model.labels, label_map)
        return replace(self, labels=model.labels, spelt=spelt, same=same), told

    def golds(self, rows: Mapping[str, Sequence[Any]]) -> list[Array | None]:
        """Return the numbers of each row's tags, `IGNORED` for a word that has none.

        None for a row without any tag.
        """
        number = {text: n for n, text in enumerate(self.spelt)} | dict(self.same)
        return numbers_of(rows[self.outputs[0]], number)

    def adapt(self, config: Mapping[str, Any]) -> Adapted:
        """Keep the model's head, in its order, if it knows the same labels; else replace it."""
        met = labelling.adapted(self.labels, self.spelt, config)
        task = replace(self, labels=met.labels, spelt=met.spelt)
        return Adapted(task, met.request(self.head), met.notes)

    def encode(
        self,
        processor: Any,
        rows: Mapping[str, Sequence[Any]],
        max_length: int,
        golds: Sequence[Any] | None = None,
    ) -> Encoded:
        """Return token features of the words, several for a long row."""
        words = [words_of(cell) for cell in rows[self.inputs[0]]]
        return encode_words(processor, words, max_length, golds)

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return token tensors and `labels`, of shape (rows, longest).

        A label is where the first piece of its word is, `IGNORED` everywhere else.
        """
        import torch

        of_model = [
            {name: value for name, value in feature.items() if name != PLACES}
            for feature in features
        ]
        batch = pad(processor, of_model, side="right")
        if "labels" in features[0]:
            batch["labels"] = torch.full_like(batch["input_ids"], IGNORED)
            for row, feature in enumerate(features):
                places = torch.as_tensor(feature[PLACES], dtype=torch.int64)
                batch["labels"][row, places] = torch.as_tensor(feature["labels"], dtype=torch.int64)
        return batch

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean cross-entropy over words in nats; with weights, the weighted mean."""
        import torch
        from torch.nn.functional import cross_entropy

        outputs, labels = run_with_labels(model, batch)
        logits, gold = outputs["logits"].float().flatten(0, 1), labels.flatten()
        weights = logits.new_tensor(self.weights or [1.0] * len(self.labels))
        total = cross_entropy(
            logits,
            gold,
            weights,
            ignore_index=IGNORED,
            reduction="sum",
            label_smoothing=self.smoothing,
        )
        # A window may answer for no word that has a tag: the mean over nothing is 0.
        counted = torch.where(gold == IGNORED, 0.0, weights[gold.clamp(min=0)]).sum()
        return total / counted.clamp(min=torch.finfo(counted.dtype).tiny)

    def run(self, model: Any, batch: Batch) -> Any:
        """Return the model's outputs."""
        return model(**batch)

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return the numbers of each word's label, and scores of shape (words, labels).

        Of the scores only the best one of each word, shape (words, 1), unless all are wanted.
        """
        probabilities = outputs["logits"].float().softmax(-1).cpu().numpy()
        of_words = [
            row[list(feature[PLACES])] for row, feature in zip(probabilities, features, strict=True)
        ]
        scores = of_words if self.every else [one.max(-1, keepdims=True) for one in of_words]
        return [one.argmax(-1) for one in of_words], scores

    def joined(
        self, features: Sequence[Feature], values: Sequence[Any], scores: Sequence[Any]
    ) -> tuple[Any, Any]:
        """Return the labels and scores of a row's words: each window has those of its own words."""
        import numpy as np

        return np.concatenate(values), np.concatenate(scores)

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return the numbers of labels of the words that have a tag, for the metrics."""
        import numpy as np

        kept = [np.asarray(gold) != IGNORED for gold in golds]
        gold, predicted = (
            [np.asarray(row)[chosen] for row, chosen in zip(rows, kept, strict=True)]
            for rows in (golds, predictions)
        )
        return Scored(gold, predicted, None, self.labels)

    def value(self, prediction: Any, scores: Any) -> list[str | None]:
        """Return the label of each word, None for a gold one that is missing."""
        return [None if number == IGNORED else self.labels[number] for number in prediction]

    def words(self, cell: Any) -> list[str]:
        """Return the words of a cell, or the tags of one."""
        return words_of(cell)

    def tagged(
        self, words: Sequence[str], prediction: Any, scores: Any, options: Options
    ) -> list[str]:
        """Return one field: `word/TAG:score` of each word; the `--top_k` best tags, or every one.

        A blank inside a word is written `_`, so that blanks stand between words alone.
        """
        found = self._answers(prediction, scores, options)
        pairs = zip(words, found, strict=True)
        return [" ".join(f"{word.replace(' ', '_')}/{answer}" for word, answer in pairs)]

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return one field: `TAG:score` of each word."""
        return [" ".join(self._answers(prediction, scores, options))]

    def ranked(self, scores: Any, options: Options) -> list[dict[str, float] | None] | None:
        """Return the tags of each word with their scores, if more than one is asked for."""
        if not self.every:
            return None
        return [ranked_labels(self.labels, one, options) for one in scores]

    def _answers(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        import numpy as np

        if not self.every:
            best = zip(prediction, scores[:, 0], strict=True)
            return [f"{self.labels[number]}:{score:.4f}" for number, score in best]
        several = len(self.labels) if options.return_all_scores else options.top_k
        return [
            "/".join(
                f"{self.labels[number]}:{score[number]:.4f}"
                for number in np.argsort(-score, kind="stable")[:several]
            )
            for score in scores
        ]


class ClassifyWords(ClassifyTokens):
    """The same for tags that mark no entities, such as parts of speech: other figures."""

    aliases: ClassVar[tuple[str, ...]] = ()
    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "f1_macro")


def _kind(labels: Sequence[str]) -> type[ClassifyTokens]:
    from gft.metrics.tags import are_of_entities

    return ClassifyTokens if are_of_entities(labels) else ClassifyWords
