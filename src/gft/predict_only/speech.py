"""Speech synthesis: texts are read aloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from gft.errors import UserError
from gft.language.program import DEFAULT_HOME, Options
from gft.predict_only.options import Speaking
from gft.predict_only.pipelines import pipeline
from gft.predict_only.protocol import Answer, Answering, Applied, PredictOnly, Rows, text_in


@dataclass(frozen=True)
class TextToSpeech(PredictOnly):
    """Writes each text as a wav file, `000001.wav` and so on, in a folder."""

    folder: Path
    seed: int
    overwrite: bool

    name = "text_to_speech"
    aliases = ("text-to-speech", "text-to-audio", "TTS")
    summary = "a text read aloud: a wav file in --output_dir"
    right = "a text"
    inputs = ("text",)
    heads = ("text-to-waveform",)
    default_model = "facebook/mms-tts-eng"
    example = "echo 'a fine day' | gft_predict --task text_to_speech --output_dir spoken"
    reads = (Speaking,)

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return the task with the folder that it writes into."""
        speaking = options.of(Speaking)
        folder = Path(speaking.output_dir or Path(DEFAULT_HOME) / cls.name).expanduser()
        return cls(folder, speaking.seed, speaking.overwrite_output_dir)

    def answering(self, applied: Applied) -> Answering:
        """Return the function that writes each text, and yields the file and its seconds.

        The same seed makes the same audio. Raises `UserError` if a file would be overwritten
        without `--overwrite_output_dir`.
        """
        import numpy as np
        import torch

        try:
            import soundfile
        except ImportError:
            raise UserError(
                "writing audio needs the package soundfile: pip install 'gft[audio]'"
            ) from None
        speak = pipeline("text-to-audio", applied)
        self.folder.mkdir(parents=True, exist_ok=True)

        def answers(rows: Rows, first: int) -> Iterator[Answer]:
            for number, (cell,) in enumerate(rows, first):
                text = text_in(cell)
                path = self.folder / f"{number:06}.wav"
                if path.exists() and not self.overwrite:
                    raise UserError(
                        f"{path} already exists: name another --output_dir, or replace it with "
                        "--overwrite_output_dir"
                    )
                torch.manual_seed(self.seed)
                spoken = speak(text)
                sound = np.asarray(spoken["audio"], np.float32).squeeze()
                soundfile.write(path, sound.T, spoken["sampling_rate"])
                seconds = round(max(sound.shape) / spoken["sampling_rate"], 3)
                values = {"file": str(path), "seconds": seconds}
                yield Answer([str(path), f"{seconds:.2f}"], values)

        return answers
