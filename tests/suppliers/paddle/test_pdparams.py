"""`.pdparams`: arrays come out of it, nothing that it asks for is ever done."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from gft.errors import UserError
from gft.suppliers.paddle.pdparams import NAME_TABLE, read_pdparams, write_pdparams
from hub.paddle import WEIGHTS, WRITTEN, copied, harmful

ARRAYS = {
    "bert.pooler.dense.weight": numpy.arange(6, dtype="float32").reshape(2, 3),
    "bert.pooler.dense.bias": numpy.ones(3, "float32"),
    "step": numpy.array([7], "int64"),
}


def refused(content: bytes, tmp_path: Path) -> str:
    path = tmp_path / WEIGHTS
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_pdparams(path, "P:me/model")
    [message] = caught.value.messages
    assert message.startswith("P:me/model: ")
    assert "\n" not in message
    return str(message)


class TestHarm:
    def test_a_command_is_not_run(self, tmp_path: Path) -> None:
        mark = tmp_path / "was here"
        content = harmful(f"touch '{mark}'")
        message = refused(content, tmp_path)
        assert not mark.exists()
        assert "asks for posix.system" in message or "asks for nt.system" in message
        assert "so it is not read" in message
        # What reads a pickle as Paddle does would have run it.
        pickle.loads(content)
        assert mark.exists()

    def test_the_command_that_meets_it(self, gft: Callable[..., Any], tmp_path: Path) -> None:
        folder, mark = copied("bert_sequence", tmp_path / "model"), tmp_path / "was here"
        (folder / WEIGHTS).write_bytes(harmful(f"touch '{mark}'"))
        assert gft("summary", "--model", f"P:{folder}").status == 0
        (tmp_path / "d.train").write_text("text,label\ngood,1\nbad,0\n" * 8)
        ran = gft("fit", "--model", f"P:{folder}", "--data", f"C:{tmp_path / 'd'}", "--eqn",
                  "classify: label ~ text", "--output_dir", tmp_path / "out")  # fmt: skip
        assert ran.status == 2
        assert "which weights do not need" in ran.errors[0]
        assert not mark.exists()
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"cbuiltins\neval\n(S'1'\ntR.", "builtins.eval"),
            (b"cnumpy\nload\n(S'/etc/passwd'\ntR.", "numpy.load"),
            (b"ccollections\nCounter\n)R.", "collections.Counter"),
            (b"c_codecs\nencode\n(S'x'\nS'zip'\ntR.", "the encoding 'zip'"),
            (b"Pelsewhere\n.", "something outside the file ('elsewhere')"),
        ],
    )
    def test_what_is_no_array(self, content: bytes, told: str, tmp_path: Path) -> None:
        assert told in refused(content, tmp_path)


class TestDamage:
    @pytest.mark.parametrize("part", [0, 1, 50, 400, 6000])
    def test_a_beginning(self, part: int, tmp_path: Path) -> None:
        whole = (WRITTEN / "bert_sequence" / WEIGHTS).read_bytes()
        message = refused(whole[:part], tmp_path)
        assert "is not a file of weights, or is damaged" in message
        assert "remove it and run this again" in message

    @pytest.mark.parametrize("content", [b"PK\x03\x04 a zip", b"<html>not found</html>"])
    def test_another_file(self, content: bytes, tmp_path: Path) -> None:
        assert "is not a file of weights" in refused(content, tmp_path)

    @pytest.mark.parametrize(
        ("held", "told"),
        [
            ([1, 2], "holds a list, expected weights by name"),
            ({}, "holds no weights"),
            ({NAME_TABLE: {}}, "holds no weights"),
            ({"a": "text"}, "holds a str under 'a', expected an array of numbers"),
            ({1: numpy.ones(2)}, "under '1'"),
            ({"a": numpy.array(["x"])}, "holds str32 under 'a'"),
            ({"a": numpy.array([None])}, "holds object under 'a'"),
        ],
    )
    def test_what_is_no_weight(self, held: Any, told: str, tmp_path: Path) -> None:
        assert told in refused(pickle.dumps(held), tmp_path)


class TestForms:
    @pytest.mark.parametrize("protocol", range(2, 5))
    @pytest.mark.parametrize("kind", [dict, OrderedDict])
    def test_every_protocol(self, protocol: int, kind: Any, tmp_path: Path) -> None:
        path = tmp_path / WEIGHTS
        path.write_bytes(pickle.dumps(kind({**ARRAYS, NAME_TABLE: {"a": "b"}}), protocol))
        found = read_pdparams(path, "m")
        assert found.keys() == ARRAYS.keys()
        assert all((found[name] == ARRAYS[name]).all() for name in found)

    def test_the_older_name_of_numpys_core(self, tmp_path: Path) -> None:
        content = pickle.dumps(ARRAYS, 2).replace(b"numpy._core.", b"numpy.core.")
        (tmp_path / WEIGHTS).write_bytes(content)
        assert read_pdparams(tmp_path / WEIGHTS, "m")["step"].tolist() == [7]

    def test_half_precision(self, tmp_path: Path) -> None:
        numbers = numpy.array([1.5, -2.0, 0.25], "float32")
        bits = (numbers.view("uint32") >> 16).astype("uint16")
        held = {"half": numbers.astype("float16"), "brain": bits, "double": numbers.astype("f8")}
        (tmp_path / WEIGHTS).write_bytes(pickle.dumps({**held, "scalar": numpy.float32(2)}))
        found = read_pdparams(tmp_path / WEIGHTS, "m")
        for name in held:
            assert found[name].dtype == numpy.float32
            assert found[name].tolist() == numbers.tolist()
        assert found["scalar"] == 2

    def test_what_is_written_is_what_paddle_saves(self, tmp_path: Path) -> None:
        write_pdparams(tmp_path / WEIGHTS, ARRAYS)
        state = pickle.load(io.BytesIO((tmp_path / WEIGHTS).read_bytes()))
        assert state.pop(NAME_TABLE).keys() == ARRAYS.keys()
        assert all((state[name] == ARRAYS[name]).all() for name in state)
        assert read_pdparams(tmp_path / WEIGHTS, "m").keys() == ARRAYS.keys()
