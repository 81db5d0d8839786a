"""What is fuzzed: for each kind of input, a spoilt one and the real function that reads it."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fuzz import materials
from fuzz.long_rows import long_row
from fuzz.materials import Call, spoilt, spoilt_json, spoilt_text, written

Case = Callable[[random.Random, Path], Call]
"""Makes a case in a folder: what the call reads is written there."""
CONFIGURATIONS = ("config.json", "tokenizer_config.json", "tokenizer.json")


def kinds(tiny: Path) -> Mapping[str, Case]:
    """Return every kind by its name; `tiny` is the folder of a small model."""
    found: dict[str, Case] = {"equations": _equation, "specifications": _specification}
    for ending, content in materials.text_files().items():
        found[ending] = partial(_file_of_rows, ending, content)
    found |= {
        "pdparams": _pdparams,
        "archives": _archive,
        "files of arguments": _arguments,
        "gft.json": _record,
        "checkpoints": _checkpoint,
    }
    found["arguments"] = partial(_argument, tiny)
    found["long rows"] = partial(long_row, tiny)
    found["little memory"] = partial(_little_memory, tiny)
    for name in CONFIGURATIONS:
        found[name] = partial(_model, tiny, name)
    return found


def _equation(chance: random.Random, folder: Path) -> Call:
    from gft.language.equation import parse_equation

    text = spoilt_text(chance.choice(materials.EQUATIONS), chance)
    return lambda: _none(parse_equation(text))


def _specification(chance: random.Random, folder: Path) -> Call:
    from gft.data.folders import path_of
    from gft.language.spec import parse_spec
    from gft.suppliers.installed import letters

    text = spoilt_text(chance.choice(materials.SPECIFICATIONS), chance)
    return lambda: _none(path_of(parse_spec(text, letters())))


def _file_of_rows(ending: str, content: bytes, chance: random.Random, folder: Path) -> Call:
    from gft.data.files import read_data

    file = written(folder / f"x.{ending}", spoilt(content, chance))

    def read() -> None:
        for rows in read_data(file).splits.values():
            for name in rows.columns:
                rows.column(name)

    return read


def _pdparams(chance: random.Random, folder: Path) -> Call:
    from gft.suppliers.paddle.pdparams import read_pdparams

    file = written(folder / "model_state.pdparams", spoilt(materials.pdparams(), chance))
    return lambda: _none(read_pdparams(file, "P:x"))


def _archive(chance: random.Random, folder: Path) -> Call:
    from gft.suppliers.paddle.archives import unpack

    make = chance.choice((materials.zipped, materials.tarred))
    made = make({"set/train.tsv": b"label\ttext\n" * 30, "set/../../up": b"x"})
    if chance.random() < 0.9:
        made = make({"set/train.tsv": b"label\ttext\n" * 30})
    file = written(folder / "set.zip", spoilt(made, chance))
    return lambda: unpack(file, {folder / "set" / "train.tsv": None})


def _arguments(chance: random.Random, folder: Path) -> Call:
    from gft.commands.argument_file import read_arguments
    from gft.language.command_line import parse_command_line
    from gft.registry import arguments

    value = {"data": "C:x.csv", "metric": ["a", "b"], "learning_rate": 1e-5, "fp16": True}
    ending, told = chance.choice((("json", value), ("yaml", value), ("json", _a_record())))
    content = json.dumps(spoilt_json(told, chance)).encode()
    if chance.random() < 0.5:
        content = spoilt(content, chance)
    file = written(folder / f"x.{ending}", content)
    return lambda: _none(parse_command_line("fit", [str(file)], arguments(), read_arguments))


def _a_record() -> dict[str, Any]:
    from gft.record_file import FORMAT

    return {
        "gft_format": FORMAT,
        "program": {"model": "C:x", "data": "C:x.csv", "arguments": {"learning_rate": 1e-4}},
        "data": {"name": "x", "splits": {"train": "train"}},
        "task": {"name": "classify", "inputs": ["text"], "outputs": ["label"]},
        "model": {"spec": "C:x"},
        "files": ["config.json"],
    }


def _record(chance: random.Random, folder: Path) -> Call:
    from gft.record_file import RECORD, read_record

    content = json.dumps(spoilt_json(_a_record(), chance)).encode()
    if chance.random() < 0.5:
        content = spoilt(content, chance)
    written(folder / RECORD, content)
    return lambda: _none(read_record(folder))


def _checkpoint(chance: random.Random, folder: Path) -> Call:
    from gft.engine.checkpoints import last_whole, publish

    for step in (5, 10):
        staged = folder / "staged"
        staged.mkdir()
        for name in ("model.safetensors", "optimizer.pt", "scheduler.pt"):
            (staged / name).write_bytes(random.Random(name).randbytes(300))
        publish(folder, staged, step, {"best_step": 5})
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    victim = chance.choice(files)
    if chance.random() < 0.2:
        victim.unlink()
    else:
        victim.write_bytes(spoilt(victim.read_bytes(), chance))
    return lambda: _none(last_whole(folder))


def _argument(tiny: Path, chance: random.Random, folder: Path) -> Call:
    """One argument of gft_fit, any of them, with a value that few of them can have."""
    from gft.commands.fit import fit_command
    from gft.commands.shell import run
    from gft.registry import arguments

    every = [name for name, one in arguments().items() if "fit" in one.functions]
    told = [chance.choice(every), chance.choice(materials.VALUES)]
    written(folder / "x.csv", materials.text_files()["csv"])
    words = ["--model", f"C:{tiny}", "--data", "C:x.csv", "--eqn", "classify: label ~ text"]
    words += ["--output_dir", "out", "--use_cpu", "true", "--dry_run", f"--{told[0]}={told[1]}"]
    return lambda: run("fit", fit_command, words)


def _little_memory(tiny: Path, chance: random.Random, folder: Path) -> Call:
    """A row is predicted with too little memory for that, or just enough."""
    call, more = long_row(tiny, chance, folder, 50_000), chance.randrange(1, 48) << 20

    def limited() -> int | None:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + more
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        return call()

    return limited


def _model(tiny: Path, name: str, chance: random.Random, folder: Path) -> Call:
    from gft.language.program import Options
    from gft.request import ModelRequest
    from gft.suppliers.installed import parse, supplier_of

    place = folder / "model"
    shutil.copytree(tiny, place)
    content = (place / name).read_bytes()
    if chance.random() < 0.7:
        content = json.dumps(spoilt_json(json.loads(content), chance)).encode()
    else:
        content = spoilt(content, chance)
    (place / name).write_bytes(content)

    def load() -> None:
        spec = parse(f"C:{place}")
        source = supplier_of(spec).model(spec, Options({}))
        source.processor()
        source.load(ModelRequest("sequence-classification", ("neg", "pos"), new_head=True))

    return load


def _none(result: object) -> None:
    """Make nothing of a result: only how the call ends counts."""
