"""The arguments that tasks which only predict read, beside those that they share with others."""

from __future__ import annotations

from gft.language.argument import OUTPUT, PREDICT, TRAINING, TaskArguments, argument


# fmt: off
class ZeroShotOptions(TaskArguments):
    """The classes that a model was not fitted to."""

    labels: tuple[str, ...] | None = argument(None, "the classes of zero-shot-classification, such as good,bad", OUTPUT, PREDICT)


class Speaking(TaskArguments):
    """Where sounds are written, and how they come out."""

    output_dir: str | None = argument(None, "the folder of the sounds", OUTPUT, PREDICT, short="o", identity=False, common=True)
    overwrite_output_dir: bool = argument(False, "start again: remove what gft wrote there", OUTPUT, PREDICT, identity=False, common=True)
    seed: int = argument(42, "same seed, same machine: same sounds", TRAINING, PREDICT, common=True, least=0, most=2**32 - 1)
