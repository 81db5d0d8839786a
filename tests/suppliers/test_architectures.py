"""The heads of a type of model, read from the library's table without importing it."""

from __future__ import annotations

import pytest

from gft.suppliers.architectures import heads_of_type
from gft.suppliers.heads import AUTO_CLASSES


@pytest.mark.parametrize("head", AUTO_CLASSES)
def test_as_the_library_itself_says(head: str) -> None:
    import transformers
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    mapping = getattr(transformers, AUTO_CLASSES[head])._model_mapping
    known = set(mapping._model_mapping)
    assert known
    assert {kind for kind in CONFIG_MAPPING_NAMES if head in heads_of_type(kind)} == known & set(
        CONFIG_MAPPING_NAMES
    )


def test_a_type_that_nobody_knows() -> None:
    assert heads_of_type("own") == ()
