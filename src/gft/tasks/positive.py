"""Which of two classes metrics such as F1 are about: the one that people look for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from gft.data.numbers import is_number
from gft.data.spelling import comparing
from gft.errors import UserError, listed, no_such
from gft.tasks.labels import in_natural_order

_APART = re.compile(r"[\s_\-:/.,()\u2010-\u2015]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _plain(label: str) -> str:
    """Return a label, lower-case and without accents; of a number its shortest form."""
    text = label.strip()
    if is_number(text):
        return f"{float(text):g}"
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _plainly(words: str) -> frozenset[str]:
    return frozenset(map(_plain, words.split()))


_YES = _plainly(
    "yes y true t 1 positive pos p + present on spam ja j wahr positiv si s sim verdadero "
    "verdadeiro vero positivo oui o vrai positif da tak prawda waar positief sand sann joo evet "
    "да истина نعم हाँ 是 对 真 有 はい 예"
)
_NO = _plainly(
    "no n false f 0 -1 negative neg - absent off ham nein falsch negativ falso nao negativo non "
    "faux negatif nu nie falsz nee onwaar negatief falsk nej nei ei hayir нет ложь لا नहीं 否 错 "
    "假 无 いいえ 아니요"
)
_NOT = _plainly(
    "not no non none without nicht kein keine keinen nichts ohne pas sans sin sem senza nao niet "
    "geen zonder inte ikke ej ingen nie bez ne не нет без"
)
_BEFORE = (*sorted(_NOT), "un", "非", "不", "无", "無", "未")
_REST = _plainly("not none nothing other others rest nicht nichts sonstige andere autre otro")


def positive_of(labels: Sequence[str], golds: Sequence[int], asked: str | None) -> str | None:
    """Return the class of two that metrics are about; None where there are not two.

    It is the one `asked` for, else the one that says yes, else the rarer among `golds`, numbers of
    classes; of two as frequent the later in natural order. Raises `UserError` for a class that
    there is not.
    """
    if asked is not None:
        return named(labels, asked)
    if len(labels) != 2:
        return None
    affirmative = affirmed(*labels)
    if affirmative is not None:
        return affirmative
    second = sum(golds)
    counts = dict(zip(labels, (len(golds) - second, second), strict=True))
    first, last = in_natural_order(labels)
    return first if counts[first] < counts[last] else last


def named(labels: Sequence[str], asked: str) -> str:
    """Return the class of two that `--positive_label` names. Raises `UserError`."""
    if len(labels) != 2:
        raise UserError(
            f"--positive_label {asked}: it is for two classes, and there are {len(labels)} "
            f"({listed(labels)}); --metric H:f1,macro averages over all of them"
        )
    key = comparing(labels)
    for label in labels:
        if key(label) == key(asked):
            return label
    raise UserError(f"--positive_label: {no_such('label', asked, labels)}")


def affirmed(one: str, other: str) -> str | None:
    """Return the class that says yes of something which the other denies; None: neither does."""
    for label, against in ((one, other), (other, one)):
        if _is_yes(label, against) or _denies(against, label):
            return label
    return None


def _is_yes(label: str, against: str) -> bool:
    """Say whether two labels are yes and no, or 1 and 0, also as in `hate_yes` and `hate_no`."""
    if _plain(label) in _YES and _plain(against) in _NO:
        return True
    words, others = _words(label), _words(against)
    alike = words[:-1] == others[:-1] and len(words) > 1
    return alike and words[-1] in _YES and others[-1] in _NO


def _denies(label: str, of: str) -> bool:
    """Say whether a label is not-X, in some spelling, and another one X or anything but not-Y."""
    words, others = _words(label), _words(of)
    if not words or not others or others[0] in _NOT:
        return False
    if words[0] in _NOT and len(words) > 1:
        return True
    joined, whole = "".join(words), "".join(others)
    return joined in _REST or any(joined == before + whole for before in _BEFORE)


def _words(label: str) -> list[str]:
    """Return the words of a label, lower-case and without accents: `notIronic` is two."""
    text = _HUMP.sub(" ", re.sub(r"^\s*[!¬~]", "not ", label))
    return [_plain(word) for word in _APART.split(text) if word]
