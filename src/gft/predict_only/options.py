"""The arguments of predict-only tasks, besides those that they share with other tasks."""

from __future__ import annotations

from gft.language.argument import OUTPUT, PREDICT, TRAINING, TaskArguments, argument


# fmt: off
class ZeroShotOptions(TaskArguments):
    """The classes that a model was not fitted to."""

    labels: tuple[str, ...] | None = argument(None, "the classes of zero-shot-classification, such as good,bad", OUTPUT, PREDICT)


class Speaking(TaskArguments):
    """Where audio files are written, and the random seed."""

    output_dir: str | None = argument(None, "folder for the audio files", OUTPUT, PREDICT, short="o", identity=False, common=True)
    overwrite_output_dir: bool = argument(False, "start again: remove what gft wrote there", OUTPUT, PREDICT, identity=False, common=True)
    seed: int = argument(42, "random seed; same seed, same machine: same audio", TRAINING, PREDICT, common=True, least=0, most=2**32 - 1)
