"""Make VAD/VAD of the NRC VAD lexicon: `python3 from_nrc_vad.py NRC-VAD-Lexicon.txt`.

It is free for research and may not be passed on; https://saifmohammad.com/WebPages/nrc-vad.html
has it. Its lines have a word and three numbers, valence, arousal and dominance, between tabs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from make_vad import HEADER
from rows import divided, write


def main() -> None:
    """Write the three splits."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python3 from_nrc_vad.py NRC-VAD-Lexicon.txt")
    path = Path(sys.argv[1])
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        word, *measured = line.split("\t")
        try:
            valence, arousal, dominance = map(float, measured)
        except ValueError:
            if number == 1:  # The names of the columns.
                continue
            raise SystemExit(
                f"{path}, line {number}: expected a word and three numbers between tabs: {line!r}"
            ) from None
        found[word] = (word, f"{valence:g}", f"{arousal:g}", f"{dominance:g}")
    write("VAD/VAD", HEADER, divided(found))


if __name__ == "__main__":
    main()
