"""Data frames that R's `saveRDS` wrote. Functions, models and environments are not looked into."""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import io
import lzma
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from gft import notes
from gft.data.folders import is_split
from gft.data.headers import free_name
from gft.data.labelled import CodeLabels, with_labels
from gft.data.objects import Read
from gft.data.opening import COMPRESSED, open_bytes
from gft.data.readers import BLOCK, library, too_large
from gft.errors import UserError, first_line, listed

MOST_BYTES = 1 << 28
"""Of an rds, unpacked: its reader makes an object of each string."""
MOST_IN_SEQUENCE = 1 << 22
"""R writes 1:n as n, so that a short file may stand for any number of cells."""

_PACKERS: dict[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
_FORMS = (b"X\n", b"A\n", b"B\n", b"A\r\n")
_SAVED = (b"RDX", b"RDA", b"RDB")
"""How an rds begins, and how the files of `save` do."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LATIN1, _UTF8, _ASCII = 4, 8, 64
"""What R says of a string's encoding."""


def read_rds(path: Path) -> Read:
    """Return the data frame in an rds, or the list of vectors of one length.

    A list of data frames that are named after splits is those.

    Factors are the text of their levels, dates and times ISO text, whole numbers integers; codes
    with labels keep them. Columns that are no vectors are left out with a note. Raises `UserError`.
    """
    parser = library("rdata.parser", path)
    data = _unpacked(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            root = parser.parse_data(
                data, extension=".rds", altrep_constructor_dict=_sequences(parser)
            )
        return _splits(path, root.object) or _table(path, root.object)
    except (UserError, MemoryError):
        raise
    except RecursionError:
        raise UserError(f"{path} is nested too deeply for a data frame") from None
    except Exception as problem:
        raise UserError(f"{path} is not a complete rds file: {first_line(problem):.120}") from None


def _unpacked(path: Path) -> bytes:
    """Return what is in a file: R packs an rds without a suffix that says so."""
    opened: IO[bytes] = cast(IO[bytes], open_bytes(path))
    with opened as file:
        data = _all_of(path, file)
    if not data:
        raise UserError(f"{path} is empty")
    packer = next((one for mark, one in _PACKERS.items() if data.startswith(mark)), None)
    if packer is not None and path.suffix.lower() not in COMPRESSED:
        with packer(io.BytesIO(data)) as file:
            data = _all_of(path, file)
    if data.startswith(_SAVED):
        raise UserError(f"{path} {SAVED}")
    if not data.startswith(_FORMS):
        raise UserError(
            f"{path} is not an rds file; in R, saveRDS(the_data_frame, 'x.rds') writes one"
        )
    return data


SAVED = (
    "holds objects of an R session by their names; save the data frame alone: in R, "
    "saveRDS(the_data_frame, 'x.rds')"
)


def _all_of(path: Path, file: IO[bytes]) -> bytes:
    parts, size = [], 0
    while part := file.read(BLOCK):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise too_large(path, MOST_BYTES)
    return b"".join(parts)


def _sequences(parser: Any) -> dict[bytes, Any]:
    """Return the reader's ways to write out what R abridges, with a bound on sequences."""

    def bounded(write_out: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def checked(state: Any) -> Any:
            if state.value[0] > MOST_IN_SEQUENCE:
                raise ValueError(f"a sequence of {state.value[0]:,.0f} numbers")
            return write_out(state)

        return checked

    ways = dict(parser.DEFAULT_ALTREP_MAP)
    for name in (b"compact_intseq", b"compact_realseq"):
        ways[name] = bounded(ways[name])
    return ways


def _splits(path: Path, root: Any) -> dict[str, pa.Table]:
    """Return the data frames in a list, by their names; none where it is something else."""
    if _form(root) != "VEC" or not all(map(_is_frame, root.value)):
        return {}
    names = _texts(_attributes(root).get("names"))
    if not names:
        return {}
    if not all(map(is_split, names)):
        raise UserError(
            f"{path} holds several data frames: {listed(names, 6)}; save one of them, or name them "
            "after splits: list(train = a, test = b)"
        )
    return {name: _table(path, one) for name, one in zip(names, root.value, strict=True)}


def _is_frame(thing: Any) -> bool:
    return _form(thing) == "VEC" and "data.frame" in _texts(_attributes(thing).get("class"))


def _table(path: Path, root: Any) -> pa.Table:
    about = _attributes(root)
    classes = _texts(about.get("class"))
    names = _texts(about.get("names"))
    is_list = _form(root) == "VEC"
    if not is_list or not names or (classes and "data.frame" not in classes):
        what = f"an object of class {classes[0]}" if classes else _called(root)
        raise UserError(
            f"{path} holds {what}, and only a data frame is read; in R, "
            "saveRDS(as.data.frame(x), 'x.rds')"
        )
    arrays, labels, titles = {}, {}, {}
    left_out = []
    for name, vector in zip(names, root.value, strict=True):
        array = _array(vector)
        if array is None or name in arrays:
            left_out.append(name)
            continue
        arrays[name] = array
        labels[name] = _labels(vector)
        titles[name] = next(iter(_texts(_attributes(vector).get("label"))), None)
    lengths = {len(array) for array in arrays.values()}
    if len(lengths) != 1:
        raise UserError(f"{path} holds no data frame: {_lengths(arrays)}")
    if left_out:
        notes.note(f"{path}: left out {listed(left_out, 6)}, which are not atomic vectors")
    local = [
        name for name, vector in zip(names, root.value, strict=True) if _is_without_zone(vector)
    ]
    if local:
        notes.note(
            f"{path}: times without a time zone are written in UTC, while R shows local time: "
            f"{listed(local, 6)}"
        )
    if _form(about.get("row.names")) == "STR":
        name = free_name(arrays)
        arrays = {name: pa.array(_strings(about["row.names"]), pa.large_string()), **arrays}
        notes.note(f"{path}: the rows have names: {name}")
    return with_labels(path, pa.table(arrays), labels, titles)


def _lengths(arrays: dict[str, pa.Array]) -> str:
    if not arrays:
        return "it has no atomic vector"
    lengths = [str(len(array)) for array in arrays.values()]
    return f"its vectors have {listed(lengths, 4)} cells"


def _form(thing: Any) -> str:
    return "" if thing is None else str(thing.info.type.name)


def _called(thing: Any) -> str:
    known = {"CLO": "a function", "ENV": "an environment", "LANG": "a call", "S4": "an S4 object"}
    known |= {"VEC": "a list without names", "NILVALUE": "NULL"}
    return known.get(_form(thing), "a single vector")


def _attributes(thing: Any) -> dict[str, Any]:
    """Return the attributes of an object by name: a list of pairs that name each other's next."""
    found: dict[str, Any] = {}
    pair = thing.attributes
    while pair is not None and _form(pair) == "LIST":
        tag = pair.tag
        while tag is not None and _form(tag) == "REF":
            tag = tag.referenced_object
        if tag is not None:
            found[tag.value.value.decode()] = pair.value[0]
        pair = pair.value[1]
    return found


def _texts(thing: Any) -> list[str]:
    return [text or "" for text in _strings(thing)] if _form(thing) == "STR" else []


def _strings(thing: Any) -> Iterator[str | None]:
    for one in thing.value:
        if one.value is None:
            yield None
        elif one.info.gp & _LATIN1:
            yield one.value.decode("cp1252", "replace")
        else:
            # What is marked neither way is in the writer's own encoding, mostly UTF-8.
            try:
                yield one.value.decode("utf-8")
            except UnicodeDecodeError:
                if one.info.gp & (_UTF8 | _ASCII):
                    raise
                yield one.value.decode("cp1252", "replace")


def _array(vector: Any) -> pa.Array | None:
    """Return a vector as an array, None if it is something else, such as a matrix."""
    about = _attributes(vector)
    classes = _texts(about.get("class"))
    form = _form(vector)
    if "dim" in about or {"POSIXlt", "data.frame"} & set(classes):
        return None
    if form == "STR":
        return _without_missing(pa.array(_strings(vector), pa.large_string()), about)
    if form == "VEC":
        return _list_array(vector)
    if form not in ("LGL", "INT", "REAL"):
        return None
    values = vector.value
    if "integer64" in classes:
        whole = np.asarray(values).view(np.int64)
        return pa.array(whole, mask=whole == np.iinfo(np.int64).min)
    missing = np.ma.getmaskarray(values) | np.isnan(np.ma.filled(values, 0))
    plain = np.ma.filled(values, 0)
    if "factor" in classes:
        levels = pa.array(_texts(about.get("levels")), pa.large_string())
        return levels.take(pa.array(plain.astype(np.int64) - 1, mask=missing))
    if "Date" in classes or "POSIXct" in classes:
        written = _day if "Date" in classes else _moment_in(_texts(about.get("tzone")))
        texts = [
            None if gone else written(float(value))
            for value, gone in zip(plain, missing, strict=True)
        ]
        return pa.array(texts, pa.large_string())
    return _without_missing(pa.array(plain, mask=missing), about)


def _is_without_zone(vector: Any) -> bool:
    """Say whether a vector has times of which R keeps no time zone."""
    about = _attributes(vector)
    return "POSIXct" in _texts(about.get("class")) and not any(_texts(about.get("tzone")))


def _day(days: float) -> str:
    return (_EPOCH + dt.timedelta(days=int(days // 1))).date().isoformat()


def _moment_in(zones: list[str]) -> Callable[[float], str]:
    """Return what writes seconds since 1970 as R would print them, in UTC if no zone is kept."""
    try:
        zone: dt.tzinfo = ZoneInfo(zones[0]) if zones and zones[0] else dt.UTC
    except (OSError, ValueError, KeyError):
        zone = dt.UTC

    def written(seconds: float) -> str:
        moment = (_EPOCH + dt.timedelta(seconds=int(seconds // 1))).astimezone(zone)
        return moment.replace(tzinfo=None).isoformat(timespec="seconds")

    return written


def _list_array(vector: Any) -> pa.Array | None:
    """Return a column of lists of texts or numbers, None where there is something else."""
    cells: list[list[Any] | None] = []
    for one in vector.value:
        if _form(one) == "NILVALUE":
            cells.append(None)
            continue
        array = None if _form(one) == "VEC" else _array(one)
        if array is None:
            return None
        cells.append(array.to_pylist())
    try:
        return pa.array(cells)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None


def _labels(vector: Any) -> CodeLabels:
    """Return the labels of a vector's codes, as haven keeps them: a named vector of codes."""
    labels = _attributes(vector).get("labels")
    if labels is None or (codes := _array(labels)) is None:
        return {}
    names = _texts(_attributes(labels).get("names"))
    return {
        code: name for code, name in zip(codes.to_pylist(), names, strict=True) if code is not None
    }


def _without_missing(array: pa.Array, about: dict[str, Any]) -> pa.Array:
    """Return an array without the codes that haven says are user-missing."""
    import pyarrow.compute as pc

    values, ends = about.get("na_values"), about.get("na_range")
    if values is not None and (gone := _array(values)) is not None:
        array = pc.if_else(pc.is_in(array, gone.cast(array.type)), None, array)
    if ends is not None and _form(ends) in ("INT", "REAL"):
        low, high = (float(end) for end in ends.value)
        inside = pc.and_(pc.greater_equal(array, low), pc.less_equal(array, high))
        array = pc.if_else(inside, pa.scalar(None, array.type), array)
    return array
