"""Tables of newcomers, from what gft_init prints to predictions merged by id."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

EMOJIS = ["❤️", "😍", "😂", "💕", "🔥", "😊", "😎", "✨", "💙"]
SURVEY = ["csv", "xlsx", "sav", "dta"]
MEANT = "why + other"


@pytest.fixture
def start(gft: Any, tiny: Path, tmp_path: Path) -> Any:
    """Fit as gft_init says for a file, but with the tiny model; return what it said."""

    def started(file: Path, *words: str) -> str:
        told = gft("init", file, *words)
        assert told.status == 0, told.err
        printed = told.out[told.out.index("\ngft_fit ") :].replace("\\\n", " ")
        _, *line = shlex.split(printed)
        line[line.index("--model") + 1] = f"C:{tiny}"
        line[line.index("--output_dir") + 1] = str(tmp_path / "out")
        done = gft("fit", *line, "--num_train_epochs", 1, "--max_train_samples", 40)
        assert done.status == 0, done.err
        for name in ("summary", "eval"):
            words = (tmp_path / "out",) if name == "summary" else ("--model", tmp_path / "out")
            assert gft(name, *words).status == 0
        return str(told.out)

    return started


@pytest.fixture
def predicted(gft: Any, tmp_path: Path) -> Any:
    """Return what is predicted for each row of a file, as pandas reads it, all cells as text."""

    def read(file: Path, *words: str) -> pd.DataFrame:
        done = gft("predict", "--model", tmp_path / "out", "--data", file, "--split", "train",
                   "--format", "csv", *words)  # fmt: skip
        assert done.status == 0, done.err
        (tmp_path / "predicted.csv").write_text(done.out, encoding="utf-8", newline="")
        return cells_of(tmp_path / "predicted.csv")

    return read


def cells_of(file: Path, **how: Any) -> pd.DataFrame:
    return pd.read_csv(file, dtype=str, keep_default_na=False, **how)


def test_an_export_with_semicolons_and_decimal_commas(
    start: Any, predicted: Any, gft: Any, rows: Any, tmp_path: Path
) -> None:
    file = tmp_path / "bewertungen.csv"
    lines = ["Nr;Händler;Größe;Kommentar;Note;Urteil"] + [
        f"{n};Müller & Söhne;groß;Ware {n}: {('schlecht', 'schön')[n % 2]} – für {n} €, "
        f"wirklich;{n % 40 / 10 + 1:.1f};{('negativ', 'positiv')[n % 2]}".replace(".", ",")
        for n in range(60)
    ]
    file.write_text("\n".join(lines) + "\n", encoding="cp1252")
    [line] = gft("init", file).errors
    assert "--encoding CP1252" in line
    told = start(file, "--encoding", "CP1252")
    assert "'classify: Urteil ~ Kommentar'" in told
    assert "'regress: Note ~ Kommentar'" in told
    own = cells_of(file, sep=";", encoding="cp1252")
    found = predicted(file, "--keep", "all")
    pd.testing.assert_frame_equal(found[list(own)], own)
    assert set(found.prediction) <= {"negativ", "positiv"}
    notes = rows(file, "regress: Note ~ Kommentar", "--encoding", "cp1252")
    assert [float(row["Note"]) for row in notes[:3]] == [1.0, 1.1, 1.2]


def survey() -> pd.DataFrame:
    """Answers of 60 people: what is missing is NA, and 99 in a scale."""
    count = range(60)
    return pd.DataFrame(
        {
            "id": [n + 1 for n in count],
            "age": [99 if n % 30 == 7 else 18 + 37 * n % 60 for n in count],
            "gender": [("female", "male", "diverse", "NA")[n % 4] for n in count],
            "why": [f"Because of reason {n}, they said so in a long letter." for n in count],
            "other": ["NA" if n % 3 == 0 else f"The weather was quite {n}." for n in count],
            "satisfaction": [99 if n % 10 == 3 else n % 5 + 1 for n in count],
            "party": [("Green", "Left", "Centre", "NA")[n // 4 % 4] for n in count],
        }
    )


def write_survey(file: Path) -> Path:
    """Write the survey as a program of its ending does."""
    import pyreadstat

    from data.workbook_files import write_xlsx

    frame = survey()
    if file.suffix == ".csv":
        frame.to_csv(file, index=False)
    elif file.suffix == ".xlsx":
        write_xlsx(file, {"Sheet 1": [list(frame), *frame.to_numpy().tolist()]})
    else:
        labels = {
            "gender": {1: "female", 2: "male", 3: "diverse"},
            "party": {1: "Green", 2: "Left", 3: "Centre"},
            "satisfaction": {1: "not at all", 5: "completely", 99: "no answer"},
        }
        for name in ("gender", "party"):
            codes = {label: code for code, label in labels[name].items()}
            frame[name] = [codes.get(one, float("nan")) for one in frame[name]]
        frame["other"] = frame["other"].replace("NA", "")
        if file.suffix == ".sav":
            pyreadstat.write_sav(
                frame, file, variable_value_labels=labels,
                missing_ranges={"satisfaction": [99], "age": [99]},
            )  # fmt: skip
        else:
            pyreadstat.write_dta(frame, file, variable_value_labels=labels)
    return file


@pytest.mark.parametrize("ending", SURVEY)
def test_a_survey(start: Any, predicted: Any, gft: Any, tmp_path: Path, ending: str) -> None:
    file = write_survey(tmp_path / f"survey.{ending}")
    told = start(file)
    assert f"'classify: party ~ {MEANT} + num(age) + cat(gender)'" in told
    assert f"or          unsure: --eqn 'regress: satisfaction ~ {MEANT}'" in told
    assert "12 of the 60 rows of train have no label" in told
    own = survey().astype(str)
    found = predicted(file, "--keep", "id")
    merged = own.merge(found, on="id", suffixes=("", "_read"), validate="one_to_one")
    assert len(merged) == len(own)
    assert merged.why_read.tolist() == own.why.tolist()
    assert merged.other_read.tolist() == own.other.replace("NA", "").tolist()
    assert merged.party_read.tolist() == own.party.replace("NA", "").tolist()
    assert set(merged.prediction) <= {"Centre", "Green", "Left"}


def test_a_survey_is_the_same_in_all_its_forms(rows: Any, tmp_path: Path) -> None:
    own = survey().astype(str).replace("NA", "")
    own["satisfaction"] = own.satisfaction.replace("99", "")
    files = [write_survey(tmp_path / f"survey.{ending}") for ending in SURVEY]
    for left, task in (("satisfaction", "regress"), ("party", "classify")):
        expected = own[[left, "why", "other"]].to_dict("records")
        for file in files:
            read = rows(file, f"{task}: {left} ~ {MEANT}", "--na", "99,NA")
            assert [
                {name: "" if cell is None else str(cell) for name, cell in row.items()}
                for row in read
            ] == expected


def test_tweets_of_uneven_classes(start: Any, predicted: Any, tmp_path: Path) -> None:
    names = [f"class {n}" for n in range(9) for _ in range(2 + 3 * n)]
    lines = ["id\tuser\ttweet\temoji"] + [
        f'{10**15 + n}\tuser{n % 13}\tSo "{name[-1]}" it is @ Toys"R"Us & co {n} {EMOJIS[n % 9]}'
        f"\t{name}"
        for n, name in enumerate(names)
    ]
    file = tmp_path / "tweets.tsv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = start(file)
    assert "'classify: emoji ~ tweet'" in told and "emoji has 9 different values" in told
    own = cells_of(file, sep="\t", quoting=3)
    found = predicted(file, "--keep", "id,user")
    pd.testing.assert_frame_equal(found[list(own)], own)
    assert set(found.prediction) <= set(names)


def test_interviews_with_speakers(start: Any, predicted: Any, tmp_path: Path) -> None:
    own = pd.DataFrame(
        {
            "speaker": [f"S{n // 8:02d}" for n in range(96)],
            "turn": [str(n % 8 + 1) for n in range(96)],
            "utterance": [f"I said, {n} times, that it is {'ABC'[n % 3]}" for n in range(96)],
            "stance": [("for", "against", "neutral")[n % 3] for n in range(96)],
        }
    )
    own.to_csv(file := tmp_path / "interviews.csv", index=False)
    told = start(file)
    assert "'classify: stance ~ utterance'" in told and "--group speaker" in told
    found = predicted(file, "--keep", "speaker,turn")
    pd.testing.assert_frame_equal(found[list(own)], own)
