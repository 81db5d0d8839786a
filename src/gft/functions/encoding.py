"""Every split of a fit in tokens, and what is truncated of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gft import notes
from gft.functions.truncation import truncated
from gft.inputs.features import Unread
from gft.inputs.vocabulary import check_known, tokens_beyond
from gft.model.predictors import longest
from gft.tasks.options import TextLength

if TYPE_CHECKING:
    from gft.engine.features import FeatureStore
    from gft.functions.preparing import Prepared


@dataclass(frozen=True)
class EncodedSplits:
    """The splits as the model reads them, and what is truncated of each."""

    stores: dict[str, FeatureStore]
    unread: dict[str, Unread]
    max_length: int


def encode(prepared: Prepared) -> EncodedSplits:
    """Return every split in tokens; notes name empty and truncated rows."""
    from gft.engine.features import encode_split

    processor, requested = prepared.processor, prepared.program.options.of(TextLength).max_length
    limit = longest(requested, processor, prepared.source.config, prepared.task.longest)
    stores, unread = {}, {}
    beyond = not prepared.request.tokens and tokens_beyond(processor, prepared.source.config)
    for role, rows in prepared.rows.items():
        stores[role], unread[role], empty, unknown = encode_split(
            prepared.task, processor, rows, prepared.golds[role], limit
        )
        if beyond:
            every = (stores[role][n] for n in range(len(stores[role])))
            check_known(every, prepared.source.config["vocab_size"], processor)
        if empty:
            notes.note(f"{empty} of {len(rows)} rows of {role} have no text at all; they are kept")
        notes.note(*unknown.messages(role))
        if unread[role].rows:
            notes.note(truncated(unread[role], prepared.task.too_long(limit), role, len(rows)))
    return EncodedSplits(stores, unread, limit)
