"""What a task asks of a model: the joint between tasks and suppliers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Setting: TypeAlias = str | float | bool


@dataclass(frozen=True)
class Vocabulary:
    """The vocabulary of a tokenizer that was made for the model: its size, and what pads."""

    size: int
    padding: int | None


@dataclass(frozen=True)
class ModelRequest:
    """What a model is to be when its weights are loaded; what is not asked for stays as it is.

    `head` is the head, as suppliers name heads: `sequence-classification`. `labels` are the names
    of its outputs in the order of the logits; `outputs` is their number, where they have no names.

    With `new_head` the head is made afresh even where the weights in the files would fit: they
    were trained for something else. With `head_rows`, it begins with the weights of those labels
    of the files' head, by number.

    `settings` are other fields of the configuration, such as dropouts, by the names they have in
    a `config.json` of the model's type; `generation` those of its settings of generation.
    `tokens` is how many tokens it has to know at least: embeddings of more are made afresh.
    """

    head: str
    labels: tuple[str, ...] | None = None
    outputs: int | None = None
    problem_type: str | None = None
    new_head: bool = False
    head_rows: tuple[int, ...] = ()
    vocabulary: Vocabulary | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    generation: Mapping[str, Any] = field(default_factory=dict)
    tokens: int = 0

    def config(self, of_model: Mapping[str, Any]) -> dict[str, Any]:
        """Return a model's configuration with what is asked for set in it."""
        return {**of_model, **self.config_fields()}

    def config_fields(self) -> dict[str, Any]:
        """Return what is asked for as fields of a `config.json`.

        The number of outputs comes first: setting it resets their names.
        """
        fields: dict[str, Any] = {}
        if self.outputs is not None:
            fields["num_labels"] = self.outputs
        if self.labels is not None:
            fields["id2label"] = dict(enumerate(self.labels))
            fields["label2id"] = {label: number for number, label in enumerate(self.labels)}
        if self.problem_type is not None:
            fields["problem_type"] = self.problem_type
        fields.update(self.settings)
        if self.vocabulary is not None:
            fields["vocab_size"] = self.vocabulary.size
            fields["pad_token_id"] = self.vocabulary.padding
        return fields
