"""Hashing values: the same for equal values, however Arrow lays them out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


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
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    digest.update(len(array).to_bytes(8, "little") + np.packbits(valid).tobytes())
    if (
        types.is_string(arrow_type)
        or types.is_large_string(arrow_type)
        or types.is_string_view(arrow_type)
    ):
        _hash_text(digest, array.cast(pa.large_string()).fill_null(""))
    elif types.is_binary(arrow_type) or types.is_large_binary(arrow_type):
        _hash_text(digest, array.cast(pa.large_binary()).fill_null(b""))
    elif types.is_struct(arrow_type):
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


def _hash_text(digest: Any, array: pa.Array) -> None:
    _, offsets, data = array.buffers()
    if offsets is None or not len(array):
        return
    bounds = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    digest.update(np.diff(bounds).astype("<i8").tobytes())
    if data is not None:
        digest.update(memoryview(data)[int(bounds[0]) : int(bounds[-1])])
