"""What is only handed on to the library, and libraries that are older than the newest."""

from __future__ import annotations

import dataclasses

import pytest

from gft.engine.fitting import handed_to, steps_of
from gft.engine.options import HandedOn
from gft.errors import UserError
from gft.language.program import Options


@dataclasses.dataclass
class Older:
    """The library's arguments before it had most of them."""

    weight_decay: float = 0.0


def test_an_older_library_gets_what_it_knows() -> None:
    assert handed_to(Older, Options({})) == {"weight_decay": 0.0}
    assert handed_to(Older, Options({"weight_decay": 0.5, "seeds": 2})) == {"weight_decay": 0.5}


def test_what_it_does_not_know_is_named() -> None:
    with pytest.raises(UserError, match="--adam_beta1 needs a newer version of transformers than"):
        handed_to(Older, Options({"adam_beta1": 0.8}))


def test_an_epoch_ends_with_a_batch_that_may_be_smaller() -> None:
    training = Options({"per_device_train_batch_size": 8, "num_train_epochs": 3}).of(HandedOn)
    assert steps_of(10, training) == (2, 6)
    assert steps_of(10, Options({"max_steps": 5}).of(HandedOn)) == (2, 5)
