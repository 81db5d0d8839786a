"""gft_fit --learning_curve: parts of train are fitted too, and say what more rows would bring."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gft.errors import Interrupted, Mistakes
from gft.functions import learning_curve, several
from gft.functions.learning_curve import rows_of_parts
from gft.functions.preparing import prepare
from gft.functions.running import output_folder
from gft.language.program import Program, build_program
from gft.registry import predict_only_names, task_names
from gft.suppliers.installed import letters

Gft = Callable[..., Any]
NAMES = ("river", "stone", "market", "garden", "window")


@pytest.fixture(scope="module")
def hues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """240 rows of train by 40 authors, six each, of which two are duplicates; 60 of test."""
    folder = tmp_path_factory.mktemp("hues")
    for split, rows in (("train", 240), ("val", 20), ("test", 60)):
        lines = ["text,hue,author"]
        for n in range(rows):
            word, of = NAMES[n % 5], n // 6
            text = f"{word} mark{n % 2} {word} {of}" if n % 6 > 1 else f"mark{of % 2} again {of}"
            lines.append(f"{text},{['red', 'blue'][(n if n % 6 > 1 else of) % 2]},a{of}")
        (folder / f"hues.{split}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "hues"


def words(tiny: Path, data: Path, out: Path, *more: object) -> list[object]:
    return ["fit", "--model", f"C:{tiny}", "--data", f"C:{data}", "--eqn", "classify: hue ~ text",
            "--num_train_epochs", "2", "--learning_rate", "3e-3", "--per_device_train_batch_size",
            "16", "--output_dir", out, "--learning_curve", *more]  # fmt: skip


def program_of(given: dict[str, Any]) -> Program:
    return build_program("fit", given, letters(), task_names(), predict_only_names())


def test_parts_are_fitted_gone_on_with_and_told(
    tiny: Path, hues: Path, tmp_path: Path, gft: Gft, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, run, done = tmp_path / "out", several.run, []

    def stop_at_the_second(prepared: Any, *rest: Any) -> Any:
        if done:
            raise Interrupted(signal.SIGTERM)
        done.append(len(prepared.rows["train"]))
        return run(prepared, *rest)

    monkeypatch.setattr(several, "run", stop_at_the_second)
    ran = gft(*words(tiny, hues, out))
    assert ran.status == 143 and done == [30]
    assert f"the fits of the learning curve that are finished are in {out}" in ran.err
    assert (out / "part-8" / "gft.json").is_file() and not (out / "gft.json").exists()

    again: list[int] = []

    def counted(prepared: Any, *rest: Any) -> Any:
        again.append(len(prepared.rows["train"]))
        return run(prepared, *rest)

    monkeypatch.setattr(several, "run", counted)
    monkeypatch.setattr(learning_curve, "run", counted)
    ran = gft(*words(tiny, hues, out))
    assert ran.status == 0, ran.err
    assert again == [60, 120, 240]
    assert not list(out.glob("part-*"))
    metrics = json.loads((out / "metrics.json").read_text())
    found = metrics["learning_curve"]
    assert [one["rows"] for one in found["points"]] == [30, 60, 120, 240]
    assert found["split"] == "test" and found["metric"] == "accuracy"
    last = found["points"][-1]["splits"]
    assert last["test"]["metrics"]["accuracy"] == metrics["splits"]["test"]["metrics"]["accuracy"]
    assert last.keys() == {"val", "test"}
    assert found["sentence"] in ran.out and "240" in ran.out
    assert found["sentence"] in gft("summary", out).out
    assert found["sentence"] in (out / "README.md").read_text()
    page = (out / "report.html").read_text()
    assert "Learning curve" in page and "accuracy on test by rows of train" in page


def test_parts_are_nested_and_keep_groups_and_equal_rows_together(
    tiny: Path, hues: Path, tmp_path: Path
) -> None:
    given = {"model": f"C:{tiny}", "data": f"C:{hues}", "eqn": "classify: hue ~ text"}
    for more in ({}, {"group": "author"}):
        program = program_of({**given, "output_dir": str(tmp_path / "x"), **more})
        prepared = prepare(program, output_folder(program), Mistakes())
        train = prepared.rows["train"]
        parts = rows_of_parts(prepared)
        assert list(parts) == [8, 4, 2]
        assert set(parts[8]) < set(parts[4]) < set(parts[2])
        assert [len(one) for one in parts.values()] == pytest.approx([30, 60, 120], abs=6)
        column = train.column("author" if more else "text")
        bundles = np.array([str(cell).replace("again", "") for cell in column])
        for numbers in parts.values():
            assert not set(bundles[numbers]) & set(np.delete(bundles, numbers))
            shares = np.mean([train.column("hue")[n] == "red" for n in numbers])
            assert shares == pytest.approx(0.5, abs=0.1)


def test_few_rows_say_nothing(tiny: Path, colours: Path, tmp_path: Path, gft: Gft) -> None:
    given = words(tiny, colours, tmp_path / "out")
    given[given.index("classify: hue ~ text")] = "classify: colour ~ text"
    ran = gft(*given)
    assert ran.status == 0, ran.err
    assert "cannot be estimated: 64 rows of train are too few" in ran.out
    found = json.loads((tmp_path / "out" / "metrics.json").read_text())["learning_curve"]
    assert found["expected"] == [] and len(found["points"]) == 1


def test_mistakes_and_the_plan(tiny: Path, hues: Path, tmp_path: Path, gft: Gft) -> None:
    ran = gft(*words(tiny, hues, tmp_path / "a", "--seeds", "2"))
    assert ran.status == 2 and "--learning_curve fits parts of train with one seed" in ran.errors[0]
    alike = tmp_path / "alike.csv"
    alike.write_text("text,hue,author\n" + "a mark0,red,a\nb mark1,blue,a\n" * 120)
    ran = gft(*words(tiny, alike, tmp_path / "b", "--group", "author"))
    assert ran.status == 2 and "needs val or test rows with labels" in ran.errors[-1]
    plan = gft(*words(tiny, hues, tmp_path / "c", "--dry_run"))
    assert "fits on 30, 60 and 120 rows of it, for the learning curve" in plan.out
    assert not (tmp_path / "c").exists()


def test_steps_shrink_with_the_rows() -> None:
    program = program_of({"model": "C:m", "data": "C:d", "eqn": "classify: a ~ b",
                            "max_steps": 100, "warmup_steps": 0.1, "eval_steps": 20})  # fmt: skip
    assert learning_curve._steps(program, 8) == {"max_steps": 12, "eval_steps": 2}
