"""A damaged checkpoint is said to be so, and the one before it is taken."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from faults.damages import MANIFEST, Damage, of_checkpoints
from gft.engine import checkpoints
from gft.errors import Damaged

DAMAGES = of_checkpoints()


def save(folder: Path, step: int, best: int | None = None) -> Path:
    staged = checkpoints.staging(folder, step)
    for name in ("model.safetensors", "optimizer.pt", "scheduler.pt"):
        (staged / name).write_bytes(os.urandom(3000))
    (staged / "trainer_state.json").write_text(json.dumps({"global_step": step}))
    return checkpoints.publish(folder, staged, step, {"identity": {}, "best_step": best})


@pytest.mark.parametrize("damage", DAMAGES, ids=[one.name for one in DAMAGES])
def test_the_one_before_is_taken(
    damage: Damage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path, 8)
    save(tmp_path, 16)
    damage.do(tmp_path)
    if damage.goes_on:
        assert checkpoints.last_whole(tmp_path) == tmp_path / "checkpoint-8"
        told = [line for line in capsys.readouterr().err.splitlines() if "damaged" in line]
        if "empty folder" not in damage.name:  # Nothing in it is gft's.
            assert len(told) == 1 and "resuming from checkpoint-8" in told[0]
            assert f"{tmp_path / 'checkpoint-16'} is damaged: " in told[0]
    else:
        with pytest.raises(
            Damaged, match=r"no checkpoint in .* is intact: start again with --overwrite_output_dir"
        ):
            checkpoints.last_whole(tmp_path)


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    place = save(tmp_path, 8)
    assert checkpoints.damage(place) is None
    weights = place / "model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:1000])
    assert checkpoints.damage(place) == "model.safetensors has 1,000 bytes, but 3,000 were written"
    weights.write_bytes(b"")
    assert checkpoints.damage(place) == "model.safetensors has no bytes, but 3,000 were written"
    weights.write_bytes(bytes(3000))
    assert (
        checkpoints.damage(place) == "model.safetensors does not hold the bytes that were written"
    )
    weights.unlink()
    assert checkpoints.damage(place) == "model.safetensors is missing"
    weights.write_bytes(content)
    assert checkpoints.damage(place) is None
    (place / MANIFEST).unlink()
    assert checkpoints.damage(place) == f"{MANIFEST} is missing"


def test_without_the_best_one_it_cannot_go_on(tmp_path: Path) -> None:
    save(tmp_path, 8, best=8)
    save(tmp_path, 16, best=8)
    (tmp_path / "checkpoint-8" / "optimizer.pt").unlink()
    with pytest.raises(Damaged, match="it needs checkpoint-8, the best on val, where optim"):
        checkpoints.last_whole(tmp_path)


def test_two_are_kept_and_one_of_them_needs_no_other(tmp_path: Path) -> None:
    best = 0
    for step in range(8, 80, 8):
        best = step if step in (8, 24, 64) else best
        save(tmp_path, step, best=best)
        kept = [place.name for place in checkpoints.saved(tmp_path)]
        if step == 8:
            assert kept == ["checkpoint-8"]
        elif best < step:
            assert kept == [f"checkpoint-{best}", f"checkpoint-{step}"]
        else:
            assert kept[-1] == f"checkpoint-{step}" and len(kept) == 2
            assert kept[0] in ("checkpoint-8", "checkpoint-24")
