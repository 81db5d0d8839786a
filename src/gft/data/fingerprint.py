"""Hashing values: the same for equal values, however Arrow lays them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def hash_column(digest: Any, column: pa.ChunkedArray) -> None:
    """Feed the values of a column to a hash, the same whatever chunks it is made of."""
    if len(column.chunks) > 1 and (_is_text(column.type) or _is_bytes(column.type)):
        _hash_texts(digest, column.chunks)
    else:
        hash_array(digest, column.combine_chunks())


def hash_array(digest: Any, array: pa.Array) -> None:
    """Feed the values of an array to a hash, and which of them are missing.

    What Arrow keeps beside the values (offsets, bits past the end, bytes under a missing value)
    differs from file to file and does not count; neither do the widths of text and lists.
    """
    if isinstance(array, pa.ChunkedArray):
        # Joining no chunk at all, or more text than one array can hold, gives chunks again.
        for chunk in array.chunks:
            hash_array(digest, chunk)
        return
    types, arrow_type = pa.types, array.type
    if isinstance(arrow_type, pa.BaseExtensionType):
        return hash_array(digest, array.storage)
    if types.is_dictionary(arrow_type):
        return hash_array(digest, array.dictionary_decode())
    if _is_text(arrow_type) or _is_bytes(arrow_type):
        return _hash_texts(digest, [array])
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    digest.update(len(array).to_bytes(8, "little") + np.packbits(valid).tobytes())
    if types.is_struct(arrow_type):
        for member in array.flatten():
            hash_array(digest, member)
    elif (
        types.is_list(arrow_type)
        or types.is_large_list(arrow_type)
        or types.is_fixed_size_list(arrow_type)
    ):
        lengths = pc.list_value_length(array).fill_null(0).to_numpy(zero_copy_only=False)
        digest.update(lengths.astype("<i8").tobytes())
        hash_array(digest, array.flatten())
    elif (
        types.is_integer(arrow_type)
        or types.is_floating(arrow_type)
        or types.is_boolean(arrow_type)
    ):
        zero = pa.scalar(0).cast(arrow_type)
        values = array.fill_null(zero).to_numpy(zero_copy_only=False)
        digest.update(values.astype(values.dtype.newbyteorder("<")).tobytes())
    else:
        digest.update(repr(array.to_pylist()).encode())
    return None


def _is_text(arrow_type: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(arrow_type)
        or types.is_large_string(arrow_type)
        or types.is_string_view(arrow_type)
    )


def _is_bytes(arrow_type: pa.DataType) -> bool:
    return bool(pa.types.is_binary(arrow_type) or pa.types.is_large_binary(arrow_type))


def _hash_texts(digest: Any, chunks: Sequence[pa.Array]) -> None:
    """Feed texts or bytes to a hash: which are missing, then all lengths, then all of their bytes.

    Chunks are not joined, for they may be much longer than memory.
    """
    valid = [one.is_valid().to_numpy(zero_copy_only=False) for one in chunks]
    rows = sum(map(len, chunks))
    digest.update(rows.to_bytes(8, "little") + np.packbits(np.concatenate(valid)).tobytes())
    for chunk in chunks:
        offsets, _ = _offsets_and_bytes(chunk)
        digest.update(np.diff(offsets).astype("<i8").tobytes())
    for chunk in chunks:
        offsets, data = _offsets_and_bytes(chunk)
        if data is not None:
            digest.update(memoryview(data)[int(offsets[0]) : int(offsets[-1])])


def _offsets_and_bytes(chunk: pa.Array) -> tuple[Any, Any]:
    """Return where each text of a chunk begins and ends in some bytes, and these bytes."""
    whole = pa.large_string() if _is_text(chunk.type) else pa.large_binary()
    array = chunk.cast(whole)
    if array.null_count:
        array = array.fill_null("" if _is_text(chunk.type) else b"")
    _, offsets, data = array.buffers()
    if offsets is None or not len(array):
        return np.zeros(1, np.int64), None
    return np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1], data
