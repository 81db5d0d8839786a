"""What predicts with a model: its net, a graph that stands for it, or a model without a net."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.engine.options import Computing
from gft.errors import GftError, UserError, listed
from gft.graphs.choice import FEW
from gft.graphs.files import FOLDER, Guide
from gft.graphs.kept import LISTED, kept_guide
from gft.graphs.options import Running
from gft.graphs.pick import chosen, chosen_alone
from gft.graphs.runtimes import TORCH, installed
from gft.inputs.vocabulary import tokens_beyond
from gft.language.options import Shared
from gft.language.program import Options
from gft.model.opened import Opened, effects_of
from gft.suppliers.options import Tokenizing
from gft.suppliers.padding import counts_from_padding
from gft.tasks.options import Batches, TextLength

if TYPE_CHECKING:
    from gft.engine.inference import Predicting, Predictor
    from gft.engine.placed_model import PlacedModel

LONGEST = 512


def load_weights(opened: Opened, options: Options) -> PlacedModel:
    """Load a model, ready to compute; a tokenizer is not needed for that.

    Raises `UserError` if the head would be newly made: such a model knows nothing.
    """
    from gft.engine.effects import attach
    from gft.engine.placed_model import place_model
    from gft.engine.trial import recall
    from gft.request import ModelRequest

    effects = effects_of(opened)
    loaded = opened.source.load(ModelRequest(opened.task.head))
    if loaded.new_weights:
        raise UserError(
            f"{opened.source.spec} has no trained head ({listed(loaded.new_weights, 4)} would be "
            "made at random), so its predictions would mean nothing; fit it first with gft_fit"
        )
    if effects is not None:
        attach(loaded.model, effects)
    placed = place_model(loaded, options, trained=False)
    placed.model.eval()
    recall(placed, (opened.record or {}).get("fast_path"))
    return placed


def make_predictor(
    opened: Opened,
    options: Options,
    weights: Callable[[], PlacedModel] | None = None,
    rows: int = FEW,
) -> Predicting:
    """Return what predicts as fit did: a graph that stands for the model, or the model.

    A graph is taken where it has answered so many `rows` first, or is asked for. The weights of a
    net are loaded by `weights` if given. Raises `UserError` if the model came without a
    tokenizer, or without a trained head, or has no graph where one is asked for.
    """
    model = opened.source.without_net()
    if model is not None:
        from gft.engine.without_net import netless

        if options.of(TextLength).max_length is not None:
            notes.note("--max_length has no effect on a linear model, which counts no tokens")
        labels = (opened.record or {"task": {}})["task"].get("labels", ())
        return netless(opened.task, model, str(opened.source.spec), labels)
    return graph_predictor(opened, options, rows) or net_predictor(opened, options, weights)


def graph_predictor(opened: Opened, options: Options, rows: int) -> Predicting | None:
    """Return what predicts with a graph of the model, None where the model itself is to.

    Raises `UserError` where a graph is asked for that there is none of.
    """
    found = _chosen_graph(opened, options, rows)
    if found is None:
        return None
    from gft.graphs.opening import open_graph

    folder, guide, use = found
    asked, precision = options.of(Running).runtime, options.of(Computing).precision
    length, size = options.of(TextLength).max_length, options.of(Batches)
    try:
        return open_graph(
            folder,
            guide,
            opened.task,
            use,
            effects_of(opened),
            length,
            size.per_device_eval_batch_size,
            options.of(Computing).cores,
        )
    except UserError:
        raise
    except GftError as problem:
        if asked is not None or precision == "int8" or opened.guide is not None:
            raise
        notes.warn(f"the model itself is used, not its graph: {problem}")
        return None


def runtime_for(opened: Opened, options: Options, rows: int) -> tuple[str, str] | None:
    """Return the runtime and the precision for so many rows, None where it is the model itself."""
    if opened.source.without_net() is not None:
        return None
    found = _chosen_graph(opened, options, rows)
    return None if found is None else found[2]


def _chosen_graph(
    opened: Opened, options: Options, rows: int
) -> tuple[Path, Guide, tuple[str, str]] | None:
    """Return a graph's folder, what is known of it and what runs it; None for the model itself."""
    asked, precision = options.of(Running).runtime, options.of(Computing).precision
    guide, folder, name = opened.guide, opened.source.folder, str(opened.source.spec)
    if guide is not None and folder is not None:
        return folder, guide, chosen_alone(guide, asked, precision, rows, name)
    if asked == TORCH:
        return None
    shared, tokenizing = options.of(Shared), options.of(Tokenizing)
    if not (shared.tokenizer_name_or_path or tokenizing.base_model):
        folder, guide = _kept_graph(opened)
    use = chosen(guide, asked, precision, rows, name)
    if use is None or guide is None or folder is None:
        return None
    return folder, guide, use


def _kept_graph(opened: Opened) -> tuple[Path | None, Guide | None]:
    """Return the folder of a fit's graphs and what is known of them, None where it has none.

    Those of a fit on a hub are downloaded, where something here can run them; that they are of its
    weights is certain, as both are of one commit.
    """
    record, source = opened.record, opened.source
    if source.folder is None or not record or not record.get(LISTED):
        return None, None
    elsewhere = "repository" in source.origin
    if elsewhere and not installed():
        return None, None
    folder = source.with_files(record[LISTED]["files"]) if elsewhere else source.folder
    if folder is None:
        return None, None
    return folder / FOLDER, kept_guide(folder, record, with_model=not elsewhere)


def net_predictor(
    opened: Opened, options: Options, weights: Callable[[], PlacedModel] | None = None
) -> Predictor:
    """Return what predicts with a net. Raises what `make_predictor` does."""
    from gft.engine.inference import Predictor

    processor = opened.source.processor()  # Before a weight is asked for.
    task = opened.task.with_processor(processor, opened.source.generation)
    ready = weights() if weights else load_weights(opened, options)
    ready.loaded.processor = processor
    fitted = (opened.record or {}).get("max_length")
    asked = options.of(TextLength).max_length or fitted
    limit = longest(asked, processor, opened.source.config, opened.task.longest)
    config = opened.source.config
    known = config["vocab_size"] if tokens_beyond(processor, config) else None
    size = options.of(Batches).per_device_eval_batch_size
    return Predictor(task, ready, limit, size, known)


def longest(
    asked: int | None, processor: Any, config: Mapping[str, Any], of_task: int = LONGEST
) -> int:
    """Return the longest text in tokens: as asked, else the model's limit, at most the task's.

    0 for a task that counts no tokens, whatever is asked.
    Raises `UserError` if more is asked for than the model has positions.
    """
    if not of_task:
        return 0
    limits = [getattr(processor, "model_max_length", of_task)]
    positions = config.get("max_position_embeddings")
    if positions is None and config.get("model_type") != "t5":
        positions = config.get("n_positions")  # as GPT-2 and its kin call it; T5 has no limit
    if positions:
        # RoBERTa and its kin begin to count positions after the padding token's number.
        counted = counts_from_padding(config.get("model_type"))
        offset = (config.get("pad_token_id", 1) or 0) + 1 if counted else 0
        limits.append(positions - offset)
    limit = int(min(limits))
    if asked is not None and asked > limit:
        raise UserError(f"--max_length {asked}: the model takes at most {limit} tokens")
    return asked or min(limit, of_task)
