"""`classify_tokens: tags ~ words`: a tag for each word of a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.data.table import Column, DataSet
from gft.inputs.features import Batch, Cells, Encoded, Feature
from gft.inputs.kind import InputKind
from gft.inputs.text import pad
from gft.inputs.words import POSITIONS, WORDS, encode_words, words_of
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Array, Scored
from gft.targets.protocol import Target
from gft.targets.tags import Tags
from gft.tasks import labels as labelling
from gft.tasks.classes import ranked_labels
from gft.tasks.labelled import LabelledTask, balanced_of
from gft.tasks.masks import IGNORED
from gft.tasks.options import LabelMap, Ranking, Smoothing, TextLength, Weights
from gft.tasks.outputs import as_array, softmax
from gft.tasks.predictions import DIGITS
from gft.tasks.protocol import Splits, Task, Values
from gft.tasks.tags import UNTAGGED, check, found_tags, members, numbers_of, raw_tags

if TYPE_CHECKING:
    import torch

    from gft.data.labels import Parted

JOINED_AT_ONCE = 10_000


@dataclass(frozen=True)
class ClassifyTokens(LabelledTask):
    """A classifier of words with a token classification head, for tags that mark entities.

    The first subword token of a word stands for the word; a long row is read in windows. `every`
    says that the scores of all labels are wanted, not only the best one's.
    """

    every: bool = False

    name: ClassVar[str] = "classify_tokens"
    aliases: ClassVar[tuple[str, ...]] = ("t", "token-classification", "ner", "pos_tagging")
    summary: ClassVar[str] = "a tag for each word of a row"
    head: ClassVar[str] = "token-classification"
    heads: ClassVar[tuple[str, ...]] = ("ForTokenClassification",)
    target: ClassVar[Target] = Tags()
    metrics: ClassVar[tuple[str, ...]] = ("seqeval",)
    takes: ClassVar[tuple[InputKind, ...]] = (WORDS,)
    columns: ClassVar[tuple[str, ...]] = ("tokens",)
    output: ClassVar[str] = "tags"
    output_needs: ClassVar[str] = "a list of tags per row, or tags separated by spaces"
    output_takes: ClassVar[tuple[str, ...]] = ("list", "text")
    windowed: ClassVar[bool] = True
    left: ClassVar[str] = (
        "one column of lists of tags, of tags separated by spaces, or of character spans"
    )
    right: ClassVar[str] = "one column of lists of words, or of words separated by spaces"
    default_model: ClassVar[str | None] = "dslim/bert-base-NER"
    example: ClassVar[str] = (
        "--model H:bert-base-cased --data H:conll2003 --eqn 'classify_tokens: ner_tags ~ tokens'"
    )
    answer: ClassVar[str] = "labels"
    reads: ClassVar[Reads] = (TextLength, Smoothing, Weights, LabelMap, Ranking)

    @classmethod
    def bound(cls, equation: Equation, data: DataSet, used: Splits, model: Task | None) -> Task:
        """Check lengths and tags, and find the labels."""
        check(equation, data, used)
        column = data.columns[equation.left[0]]
        if column.classes is not None:
            raw_labels, labels = tuple(map(str, range(len(column.classes)))), column.classes
        else:
            raw_labels = labels = found_tags(column, data.name, used, model.labels if model else ())
        return _kind(labels).of_columns(equation, labels=labels, raw_labels=raw_labels)

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Task:
        """Return the task of a fitted folder."""
        return super(ClassifyTokens, _kind(saved["labels"])).restore(saved)

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the tagger that a configuration describes."""
        if not cls.is_head_of(config):
            return None
        labels = labelling.logits_of(config)
        return _kind(labels).of_columns(equation, labels=labels, raw_labels=labels)

    @property
    def parted(self) -> Parted:
        """What makes a list of tags of a cell."""
        return members

    def configured(self, options: Options) -> Self:
        """Return the task with the loss and the scores that the arguments ask for."""
        asked = options.of(Ranking)
        every = asked.return_all_scores or (asked.top_k or 1) > 1
        smoothing = options.of(Smoothing).label_smoothing_factor
        return replace(super().configured(options), every=every, smoothing=smoothing)

    def balanced(self, golds: Iterable[Any]) -> list[float]:
        """Return the weights with which tags count alike: words / (tags * words of each)."""
        import numpy as np

        counts = np.zeros(len(self.labels), dtype=np.int64)
        for gold in golds:
            counts += np.bincount(gold[gold != IGNORED], minlength=len(counts))
        return balanced_of(counts.tolist())

    def golds(self, rows: Cells) -> list[Array | None]:
        """Return the numbers of each row's tags, `IGNORED` for a word that has none.

        None for a row without any tag.
        """
        return numbers_of(rows[self.outputs[0]], self.numbers)

    @classmethod
    def gold_text(cls, cells: Sequence[Any], columns: Sequence[Column]) -> str | None:
        """Return the tags of a row separated by spaces, `_` for a word without one.

        None for a row that has no list of tags.
        """
        if cells[0] in (None, ""):
            return None
        return " ".join(tag or UNTAGGED for tag in raw_tags(cells[0], columns[0]))

    def gold_json(self, cell: Any) -> Any:
        """Return the tags of a row; `_` in a text is none, unless a label is called so."""
        if not isinstance(cell, str):
            return cell
        none = {UNTAGGED} - set(self.labels)
        return [None if tag in none else tag for tag in words_of(cell)]

    def encode(
        self, processor: Any, rows: Cells, max_length: int, golds: Sequence[Any] | None = None
    ) -> Encoded:
        """Return token features of the words, several for a long row."""
        [words] = self.read(rows)
        return encode_words(processor, words, max_length, golds)

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return token tensors and `labels`, of shape (rows, longest).

        A label is at the first subword token of its word, `IGNORED` everywhere else.
        """
        import torch

        of_model = [
            {name: value for name, value in feature.items() if name != POSITIONS}
            for feature in features
        ]
        batch = pad(processor, of_model, side="right")
        if "labels" in features[0]:
            batch["labels"] = torch.full_like(batch["input_ids"], IGNORED)
            for row, feature in enumerate(features):
                positions = torch.as_tensor(feature[POSITIONS], dtype=torch.int64)
                batch["labels"][row, positions] = torch.as_tensor(
                    feature["labels"], dtype=torch.int64
                )
        return batch

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean cross-entropy over words in nats; with weights, the weighted mean."""
        outputs, labels = self.run_with_labels(model, batch)
        return self.cross_entropy(outputs["logits"].float().flatten(0, 1), labels.flatten())

    def weight(self, batch: Batch) -> torch.Tensor:
        """Return the sum of the weights of words that have a tag."""
        return self.counted(batch["labels"]).sum()

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return the numbers of each word's label, and scores of shape (words, labels).

        Of the scores only the best one of each word, shape (words, 1), unless all are wanted.
        """
        probabilities = softmax(as_array(outputs["logits"]))
        of_words = [
            row[list(feature[POSITIONS])]
            for row, feature in zip(probabilities, features, strict=True)
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

    def fields_beside(
        self, cells: Sequence[Any], prediction: Any, scores: Any, options: Options
    ) -> list[str]:
        """Return one field: `word/TAG:score` of each word; the `--top_k` best tags, or every one.

        A space inside a word is written `_`, so that spaces only separate words.
        """
        found = self._answers(prediction, scores, options)
        pairs = zip(words_of(cells[0]), found, strict=True)
        tagged = (f"{word.replace(' ', '_')}/{answer}" for word, answer in pairs)
        # So many at a time: each is a text of its own until it is joined.
        return [" ".join(iter(lambda: " ".join(islice(tagged, JOINED_AT_ONCE)), ""))]

    def ranked(self, scores: Any, options: Options) -> list[dict[str, float] | None] | None:
        """Return the tags of each word with their scores, if more than one is asked for."""
        if not self.every:
            return None
        return [ranked_labels(self.labels, one, options) for one in scores]

    def details(self, prediction: Any, scores: Any, options: Options) -> dict[str, Any]:
        """Return the score of each word's tag, and those of all tags if they are asked for."""
        best = [round(float(one), DIGITS) for one in scores.max(-1)]
        ranked = self.ranked(scores, options)
        return {"score": best} | ({} if ranked is None else {"scores": ranked})

    def _answers(self, prediction: Any, scores: Any, options: Options) -> Iterator[str]:
        import numpy as np

        if not self.every:
            for number, score in zip(prediction, scores[:, 0], strict=True):
                yield f"{self.labels[number]}:{score:.4f}"
            return
        asked = options.of(Ranking)
        several = len(self.labels) if asked.return_all_scores else asked.top_k
        for score in scores:
            yield "/".join(
                f"{self.labels[number]}:{score[number]:.4f}"
                for number in np.argsort(-score, kind="stable")[:several]
            )


class ClassifyWords(ClassifyTokens):
    """The same for tags that mark no entities, such as parts of speech: other metrics."""

    aliases: ClassVar[tuple[str, ...]] = ()
    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "f1_macro")


def _kind(labels: Sequence[str]) -> type[ClassifyTokens]:
    from gft.metrics.tags import are_of_entities

    return ClassifyTokens if are_of_entities(labels) else ClassifyWords
