"""Sounds as a model takes them: one channel, at its rate, from wav, flac and what else is there."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gft.data.table import Rows
from gft.errors import UserError
from gft.inputs.features import Batch
from gft.inputs.files import Files, Source, in_memory, needs_processor, opened
from gft.inputs.kind import Measured

if TYPE_CHECKING:
    from gft.metrics.protocol import Array

SAMPLES = "audio_samples"
"""The part of a feature that says how many samples the model is given."""
LENGTH = "audio_milliseconds"
"""The part of a feature that says how long the sound is."""
ASSUMED_RATE = 16_000
LOWEST_RATE, HIGHEST_RATE = 1_000, 1_000_000
"""Samples a second. Telephones have 8,000, studios 192,000, recorders of bats 500,000."""
_OF_SOUND = ("conv_dim", "num_mel_bins", "feature_projection_input_dim")


@dataclass(frozen=True)
class Sounds(Files):
    """Sounds, each in a file, or decoded, as `datasets` has them in memory."""

    what: ClassVar[str] = "sounds"
    needs: ClassVar[str] = "sounds: names of files, or the files themselves"
    takes: ClassVar[tuple[str, ...]] = ("text", "file", "struct")
    length_of: ClassVar[str] = LENGTH
    unit: ClassVar[str] = "milliseconds"

    def measured(self, source: Source) -> float:
        """Return how many seconds a sound has."""
        return checked_duration(source)


SOUND = Sounds()


def is_of_sound(config: Mapping[str, Any]) -> bool:
    """Say whether a configuration is that of a model that hears: it has filters for sound."""
    return any(name in config for name in _OF_SOUND)


def duration(source: Source) -> float:
    """Return how many seconds a sound has; only its header is read. Raises `UserError`.

    A sound in memory without a rate of its own is taken to have `ASSUMED_RATE`.
    """
    if in_memory(source):
        sound, rate = _of_array(source)
        return len(sound) / (rate or ASSUMED_RATE)
    with _reading(source) as file:
        return _seconds(source, file)


def checked_duration(source: Source) -> float:
    """Return how many seconds a sound has. Raises `UserError` also if its end is missing."""
    if in_memory(source):
        return duration(source)
    with _reading(source) as file:
        # Others say what is there; a flac's header says what should be.
        if file.format == "FLAC" and file.frames:
            file.seek(file.frames - 1)
            file.read(1)
        return _seconds(source, file)


def _seconds(source: Source, file: Any) -> float:
    if not file.frames:
        raise UserError(f"{source} is an empty sound")
    _check_rate(source, file.samplerate)
    return float(file.frames / file.samplerate)


def _check_rate(source: Source, rate: int) -> None:
    """Raise `UserError` for a rate that no sound has: another one is made of it by a filter."""
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise UserError(
            f"{source} has a sample rate of {rate:,} Hz; expected {LOWEST_RATE:,} to "
            f"{HIGHEST_RATE:,}"
        )


def read_sound(
    source: Source, rate: int, begin: float = 0.0, seconds: float | None = None
) -> Array:
    """Return a sound as float32 from -1 to 1, one channel at `rate` samples a second.

    `begin` and `seconds` say which part; channels are averaged. Raises `UserError`.
    """
    import numpy as np

    if in_memory(source):
        sound, found = _of_array(source)
        found = found or rate
        last = len(sound) if seconds is None else round((begin + seconds) * found)
        return resampled(sound[round(begin * found) : last], found, rate)
    with _reading(source) as file:
        if begin:
            file.seek(min(int(begin * file.samplerate), max(0, file.frames - 1)))
        frames = -1 if seconds is None else max(1, round(seconds * file.samplerate))
        found = file.samplerate
        _check_rate(source, found)
        samples = file.read(frames, dtype="float32", always_2d=True)
    sound = samples.mean(axis=1, dtype=np.float32) if len(samples) else np.zeros(1, np.float32)
    return resampled(sound, found, rate)


def _of_array(source: Any) -> tuple[Array, int]:
    """Return a sound in memory, one channel, and its rate; 0 where it is that of the model."""
    import numpy as np

    rate = int(source["sampling_rate"]) if isinstance(source, Mapping) else 0
    values = np.asarray(source["array"] if isinstance(source, Mapping) else source)
    if values.ndim not in (1, 2) or not np.issubdtype(values.dtype, np.floating) or not values.size:
        raise UserError(
            "expected a sound as an array of numbers from -1 to 1, one a sample, found "
            f"{values.dtype}, {values.shape}"
        )
    if rate:
        _check_rate("the sound", rate)
    sound = values if values.ndim == 1 else values.mean(axis=int(np.argmin(values.shape)))
    return sound.astype(np.float32), rate


def resampled(sound: Array, found: int, rate: int) -> Array:
    """Return a sound at another rate, by a polyphase filter."""
    if found == rate:
        return sound
    import numpy as np
    from scipy.signal import resample_poly

    common = math.gcd(found, rate)
    return np.asarray(resample_poly(sound, rate // common, found // common), dtype=np.float32)


def rate_of(processor: Any) -> int:
    """Return the samples a second that a model takes. Raises `UserError` if it takes no sound."""
    rate = getattr(_extractor(processor), "sampling_rate", None)
    if not rate:
        raise needs_processor(processor, "sound")
    return int(rate)


def batch_of(processor: Any, sounds: Sequence[Array], shortest: int = 0) -> Batch:
    """Return sounds as the model's own extractor makes tensors of them, padded to the longest.

    Those of fewer than `shortest` samples are followed by silence.
    """
    import numpy as np

    extractor = _extractor(processor)
    extended = [
        sound if len(sound) >= shortest else np.pad(sound, (0, shortest - len(sound)))
        for sound in sounds
    ]
    # Whisper's and its like pad to a length of their own.
    padding = inspect.signature(type(extractor).__call__).parameters.get("padding")
    options = {"padding": True} if padding is not None and padding.default is False else {}
    made = extractor(
        extended, sampling_rate=extractor.sampling_rate, return_tensors="pt", **options
    )
    return dict(made)


def frames_of(samples: int, config: Mapping[str, Any]) -> int | None:
    """Return how many frames a model makes of so many samples, None where it does not say.

    The layers are convolutions without padding (Baevski et al. 2020).
    """
    layers = layers_of(config)
    return None if layers is None else frames_through(samples, layers)


def frames_through(samples: int, layers: Sequence[Sequence[int]]) -> int:
    """Return how many frames layers of these widths and steps make of so many samples."""
    for kernel, stride in layers:
        samples = max(0, (samples - kernel) // stride + 1)
    return int(samples)


def samples_for(frames: int, config: Mapping[str, Any]) -> int:
    """Return the fewest samples of which a model makes so many frames; 0 where it does not say."""
    layers = layers_of(config)
    if layers is None:
        return 0
    for kernel, stride in reversed(layers):
        frames = (frames - 1) * stride + kernel
    return int(frames)


def layers_of(config: Mapping[str, Any]) -> list[tuple[int, int]] | None:
    """Return width and step of each layer that makes frames of samples; None: nobody says."""
    if "conv_kernel" not in config or "conv_stride" not in config:
        return None
    layers = list(zip(config["conv_kernel"], config["conv_stride"], strict=True))
    if config.get("add_adapter"):
        layers += [(1, config["adapter_stride"])] * config["num_adapter_layers"]
    return layers


def shortest_for(config: Mapping[str, Any]) -> int:
    """Return the fewest samples that a model can be trained on: masks of time need their length."""
    masked = config.get("mask_time_prob") and config.get("apply_spec_augment", True)
    return samples_for(int(config.get("mask_time_length") or 1) + 1 if masked else 1, config)


def _extractor(processor: Any) -> Any:
    return getattr(processor, "feature_extractor", None) or processor


@contextmanager
def _reading(source: Source) -> Iterator[Any]:
    """Open the file of a sound. Raises `UserError` where it, or what is done with it, fails."""
    try:
        import soundfile
    except (ImportError, OSError) as problem:
        raise UserError(
            f"reading sounds needs soundfile, which cannot be imported ({problem}): pip install "
            "'gft[audio]'"
        ) from None
    try:
        with soundfile.SoundFile(opened(source)) as file:
            yield file
    except (RuntimeError, OSError, TypeError) as problem:
        reason = str(problem).rpartition(": ")[2].strip().rstrip(".") or type(problem).__name__
        raise UserError(
            f"{source} is damaged, or not a sound that libsndfile can read ({reason}); it reads "
            "wav, "
            "flac, ogg and mp3"
        ) from None


def kept_rows(
    measured: Measured, least: float = 0.0, most: float = math.inf
) -> tuple[dict[str, Rows], list[str]]:
    """Return the rows whose sound lasts from `least` to `most` seconds, and notes on all others.

    Raises `UserError` if none is left of a split.
    """
    kept, notes = {}, list(measured.notes)
    for split, found in measured.values.items():
        chosen = [n for n, one in enumerate(found) if least <= one <= most]
        lost = len(found) - len(chosen)
        limits = f"{least:g} s or more" if math.isinf(most) else f"{least:g} to {most:g} s"
        if lost and not chosen:
            raise UserError(
                f"no row of {split} lasts {limits}; the longest lasts {max(found):.1f} s"
            )
        if lost:
            notes.append(f"{lost} rows of {split} do not last {limits} and are left out")
        kept[split] = measured.rows[split].select(chosen) if lost else measured.rows[split]
    return kept, notes
