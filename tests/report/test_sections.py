"""The sections of a fit's summary."""

from __future__ import annotations

from typing import Any

from gft.report import sections

DATA = {"rows": {"train": 100, "test": 20}, "without_label": {"train": 3},
        "truncated": {"test": 2}, "tokens_truncated": {"train": 0.0, "test": 0.125},
        "splits": {"train": "train", "test": "validation"}}  # fmt: skip


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def record(**more: Any) -> dict[str, Any]:
    return {"data": DATA, "max_length": 64, "task": {"outputs": ["y"]}, **more}


def test_splits_with_the_shares_of_classes() -> None:
    golds = {"train": {"a": 25, "b": 75}, "test": {"a": 20, "b": 0}}
    found = rows(sections.data_section(record(), {"golds": golds}))
    assert ["train", "train", "100", "3", "0"] in found
    assert ["test", "validation", "20", "0", "2", "(12.5", "%", "of", "tokens)"] in found
    assert ["y", "train", "test"] in found
    assert ["b", "75", "(75.0%)", "0", "(0.0%)"] in found


def test_splits_with_the_spread_of_numbers_or_nothing() -> None:
    spread = {"mean": 1.5, "sd": 0.5, "least": 1.0, "most": 2.0}
    found = rows(sections.data_section(record(), {"golds": {"train": {"y": spread}}}))
    assert ["train", "train", "100", "3", "0", "1.5", "0.5", "1", "2"] in found
    assert len(rows(sections.data_section(record(), {}))) == 4
    two = {"train": {"y": spread, "z": spread}}
    found = rows(sections.data_section(record(), {"golds": two}))
    assert ["z", "train", "1.5", "0.5", "1", "2"] in found


def test_what_no_row_is_takes_a_line_and_no_column() -> None:
    plain = {**DATA, "without_label": {}, "truncated": {}, "tokens_truncated": {},
             "repeated": {"train": 7}, "splits": {"train": "train", "test": "test"}}  # fmt: skip
    text = sections.data_section({**record(), "data": plain}, {})
    assert rows(text)[0] == ["split", "rows", "duplicates"]
    assert ["train", "100", "7"] in rows(text) and ["test", "20", "0"] in rows(text)
    assert text.endswith("\nNo row is without a label or truncated at 64 tokens.\n")


def test_of_many_classes_some_are_shown() -> None:
    golds = {"train": {f"c{n}": n for n in range(20)}}
    assert "The table leaves out 8 rarer ones; --json has all.\n" in sections.data_section(
        record(), {"golds": golds}
    )
    of_class = {"precision": 0.5, "recall": 0.5, "support": 9}
    classes = {f"c{n}": {**of_class, "f1": n / 20} for n in range(20)}
    text = sections.classes_section({"splits": {"test": {"classes": classes}}})
    assert "These are the 12 of 20 classes with the lowest f1; --json has all.\n" in text
    assert "c19" not in text and ["c0", "0.5000", "0.5000", "0.0000", "9"] in rows(text)
    assert sections.classes_section({"splits": {}}) == ""


def test_the_model_and_its_training() -> None:
    model = {"spec": "H:bert", "architecture": "Bert", "parameters": 1000,
             "trained_parameters": 100}  # fmt: skip
    training = {"steps": 30, "epochs": 1, "last_loss": 0.25, "best_epoch": 1.0, "chosen_by": "val",
                "effective_batch": 32}  # fmt: skip
    told = sections.model_section(
        record(model=model, training=training, precision="fp32", device="cpu", seed=7),
        {"train_seconds": 2.0, "rows_per_second": 480.0},
    )
    assert "1,000, 100 trained, 10.0%\n" in told
    assert "30 steps, 1 epoch in 2.0 s (480 rows/s); last loss 0.2500\n" in told
    assert "32 rows a step; fp32 on cpu; seed 7\n" in told


def test_calibration() -> None:
    calibrated = {"calibration": {"expected_calibration_error": 0.05}}
    text = sections.calibration_line({"splits": {"val": calibrated, "test": calibrated}})
    assert text.endswith("0.0500 on test and 0.0500 on val\n")
    assert sections.calibration_line({"splits": {"val": {}}}) == ""
    calibrated["calibration"]["if_calibrated"] = {"mean": 0.04, "percentile_95": 0.06}
    assert sections.calibration_line({"splits": {"test": calibrated}}).endswith(
        "0.0500 on test (perfect calibration would give about 0.0400, at most 0.0600 in 95 % of "
        "such splits)\n"
    )


def labels(train: int, examined: int, low: int, high: int, everyday: int = 0) -> str:
    wrong = {"rows": examined, "wrong": (low + high) // 2, "low": low, "high": high}
    return sections.label_errors_sentence(
        {"train_rows": train, "examined": examined, "everyday": everyday, "wrong": wrong}
    )


def test_an_estimate_that_tells_nothing_is_not_told() -> None:
    told = "The number of wrong labels in train cannot be estimated from"
    assert labels(351, 351, 1, 224).startswith(f"{told} so few rows. label_errors.csv")
    assert labels(351, 351, 1, 60).startswith(told)
    assert labels(9000, 9000, 1, 3000).startswith(f"{told} these rows.")
    assert labels(351, 351, 20, 60).startswith("About 40 of the 351 labels")
    assert labels(351, 351, 0, 4).startswith("About 2 of the 351 labels")
    assert labels(9000, 9000, 10, 600).startswith("About 305 of the 9,000 labels")


def test_why_rows_are_not_in_the_table_of_label_errors() -> None:
    assert labels(300, 300, 20, 60).endswith(
        "all 300 rows of train, the most doubtful label first."
    )
    told = labels(300, 288, 20, 60, everyday=12)
    assert "12 rows were left out: their texts are empty, or so short" in told
    assert "at even distances" not in told
    told = labels(300_000, 100_000, 20_000, 60_000)
    assert told.endswith("Only 100,000 rows, at even distances, were considered.")
