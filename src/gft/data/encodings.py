"""Encodings of text: by the name that `--encoding` gives, and which one some bytes are likely in.

The guess is made over few bytes, often over one word, where detectors of whole pages fail. Each
encoding that a table may be in is a small model of its language: how often each letter is, and
how often one letter beyond ASCII follows another. The bytes are the same for all of them, so that
the likelihoods compare.
"""

from __future__ import annotations

import codecs
import math
import re
from dataclasses import dataclass
from encodings.aliases import aliases

from gft.errors import UserError, nearest

_OF_R = {"utf-8-bom": "utf-8-sig", "ucs-2le": "utf-16-le", "ucs-2": "utf-16"}
"""How R calls encodings that Python calls otherwise."""
_NO_TEXT = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"}


def encoding_named(name: str) -> str:
    """Return Python's own name of an encoding. Raises `UserError` for one that it lacks."""
    lowered = name.strip().lower()
    try:
        found = codecs.lookup(_OF_R.get(lowered, lowered))
        # A codec may also turn bytes into bytes: this fails for those, without reading anything.
        "".encode(found.name)
    except (LookupError, ValueError):
        found = None
    if found is None or found.name in _NO_TEXT:
        texts = {one: to for one, to in aliases.items() if not to.endswith(("_codec", "_13"))}
        names = {one.replace("_", "-") for one in (*texts, *texts.values())}
        near = nearest(name.replace("_", "-"), sorted(names))
        hint = f" (did you mean {near!r}?)" if near else ""
        raise UserError(
            f"--encoding: no encoding {name!r}{hint}; usual ones are utf-8, cp1252 (Windows, "
            "Western), latin-1, cp1251 and koi8-r (Cyrillic), gb18030, shift-jis and utf-16"
        )
    return found.name


@dataclass(frozen=True)
class Language:
    """What is written in an encoding: its letters, the most frequent first.

    `covered` is the share of text that they make up, `others` the ranges of letters that make up
    the rest, `follows` how often a letter beyond ASCII is followed by one, and `usual` how much
    more (or less) often than others a table comes so, as a logarithm.
    """

    encoding: str
    letters: str
    covered: float
    others: tuple[tuple[str, str], ...]
    follows: float
    usual: float = 0.0
    spread: bool = False
    """Whether the letters are about equally frequent, and not the first by far the most."""

    def likelihood(self, data: bytes) -> float:
        """Return the logarithm of how likely the bytes beyond ASCII are, for comparison."""
        try:
            text = data.decode(self.encoding)
        except UnicodeDecodeError:
            return -math.inf
        total = self.usual
        for run in _BEYOND_ASCII.findall(text):
            in_capitals = len(run) > 1 and run.isupper()
            total += sum(map(self._letter, run.lower() if in_capitals else run))
            total += _IN_CAPITALS * in_capitals
            total += (len(run) - 1) * math.log(self.follows) + math.log(1 - self.follows)
        return total

    def _letter(self, letter: str) -> float:
        rank = self.letters.find(letter)
        if rank >= 0:
            count = len(self.letters)
            weight = 1 / count if self.spread else 2 * (count - rank) / (count * (count + 1))
            return math.log(self.covered * weight)
        for first, last in self.others:
            if first <= letter <= last:
                return math.log((0.99 - self.covered) / (ord(last) - ord(first) + 1))
        return _UNHEARD_OF


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_UNHEARD_OF = math.log(1e-6)
_UNLIKELY = math.log(1e-3)
"""Of a byte: less likely than if it were drawn at random, so that this is no text of ours."""
_SURE = 3.0
"""So much more likely must one be than the next, or both are named."""
_IN_CAPITALS = math.log(0.05)
"""Of a word that is in capitals."""
_HANZI = (
    "的一是不了人我在有他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可"
    "她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三"
    "已老从动两长很店酒房服务差，。！？、"
)
_TRADITIONAL = "的一是不我有在人了這大來他上個們到說為你國和地也子時道就那要得可下生會"
_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_HANGUL = (
    "이다는의가에고하지을은도기리사로한인어서그나아자라니시들대보해수있없것만정일여부전제주스장게면"
    "요영구상무비으를원안과신모공조러미트오드세우거치실성중문화된했습너소재생동유위연간데때마음좋"
)
_HAN = ("\u4e00", "\u9fff")
_LANGUAGES = (
    Language(
        "cp1252",
        "éèàäüöçáíóñßêúãõâôîåøæëïùœìòû’“”–€°£§»«…ÉÄÖÜÀÇÑÓÁÍ",
        0.97,
        (("\u00a0", "\u00ff"),),
        0.05,
        usual=3.0,
    ),
    Language(
        "cp1250",
        "íáéěščžýřłąęóżśćńůúźťďňőűăâşţöüäŠČŽŁŚŻ„”–",
        0.97,
        (("\u0100", "\u017f"), ("\u00a0", "\u00ff")),
        0.12,
    ),
    Language("cp1254", "ıüşöçğİŞÖÇÜĞâî’“”", 0.97, (("\u00a0", "\u00ff"),), 0.08),
    Language("cp1251", _RUSSIAN, 0.94, (("\u0401", "\u0457"),), 0.85, usual=2.0),
    Language("koi8_r", _RUSSIAN, 0.94, (("\u0401", "\u0457"),), 0.85),
    Language(
        "cp1253", "αοιετσνηυρπκμλωςδίάγέόχήθύφβώξζψ", 0.94, (("\u0384", "\u03ce"),), 0.85
    ),
    Language(
        "cp1255", "יוהלאתרבמשנםדכחעקפטסגזצןךףץ", 0.97, (("\u05b0", "\u05f4"),), 0.8, usual=-2.0
    ),
    Language("cp1256", "اليمنورتبةعدسفهكقحجأشصىطخإذئزءضغآثظؤ", 0.97, (("\u060c", "\u06d2"),), 0.8),
    Language("gb18030", _HANZI, 0.5, (_HAN,), 0.9, usual=2.0, spread=True),
    Language("big5", _TRADITIONAL, 0.35, (_HAN,), 0.9, spread=True),
    Language(
        "shift_jis",
        "のいたにはしてなとをるがかこもまでらすれっんりきあさよくそけーンスルトリアイラクレ、。",
        0.7,
        (_HAN, ("\u3041", "\u30fe")),
        0.93,
        spread=True,
    ),
    Language("euc_kr", _HANGUL, 0.7, (("\uac00", "\ud7a3"), _HAN), 0.7, spread=True),
)  # fmt: skip


def likely_encodings(data: bytes) -> list[str]:
    """Return the names of the one or two encodings that bytes are likely in, none if none is.

    `data` is whole lines of text that is not UTF-8. What is binary has none.
    """
    count = sum(byte >= 0x80 for byte in data)
    if not count or _CONTROL.search(data):
        return []
    ranked = sorted(_LANGUAGES, key=lambda one: -one.likelihood(data))
    first, second = ranked[:2]
    best = first.likelihood(data)
    if best < count * _UNLIKELY:
        return []
    names = [first.encoding]
    near = second.likelihood(data) > best - _SURE
    if near and data.decode(second.encoding) != data.decode(first.encoding):
        names.append(second.encoding)
    return [name.upper().replace("_", "-") for name in names]


_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
