"""gft_init: the line it suggests runs, its reasons, what it finds wrong with data."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gft.data.gathered import tokens_about
from gft.data.languages import language_of
from hub.server import Hub

GOOD = "the food was good and the people were friendly number {}"
BAD = "we waited for an hour and nobody came to our table number {}"
GERMAN = "das Essen war gut und die Leute waren sehr freundlich, Nummer {}"
CHINESE = "这家酒店的服务非常好,房间很干净,第{}次来"


def written(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def reviews(path: Path, rows: int = 120, good: str = GOOD, bad: str = BAD) -> Path:
    labelled = [
        (f"r{n:04}", (good if n % 2 else bad).format(n), "good" if n % 2 else "bad")
        for n in range(rows)
    ]
    return written(path, ("id", "review", "label"), labelled)


def suggested(gft: Callable[..., Any], *words: object) -> str:
    ran = gft("init", *words)
    assert ran.status == 0, ran.err
    return str(ran.out)


def test_bytes_as_python_prints_them_are_told(gft: Callable[..., Any], tmp_path: Path) -> None:
    rows = [(str(GOOD.format(n).encode()), "ab"[n % 2]) for n in range(40)]
    page = suggested(gft, written(tmp_path / "d.csv", ("review", "label"), rows))
    assert "40 of the 40 rows of train hold bytes as Python prints them" in page


def test_the_line_runs_as_printed(hub: Hub, tmp_path: Path) -> None:
    reviews(tmp_path / "my reviews.csv")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def run(script: str) -> str:
        return subprocess.run(["sh", "-ec", script], cwd=tmp_path, env=environment,
                              capture_output=True, text=True, check=True).stdout  # fmt: skip

    page = run("gft_init 'my reviews.csv'")
    assert "# splits      the data's own train; val is 10 % of train" in page
    assert "# inputs      review; not id" in page
    assert "# model       H:bert-base-cased: the texts look English" in page
    program = page[page.index("gft_fit") :]
    assert program == (
        "gft_fit --model H:bert-base-cased --data 'C:my reviews.csv' \\\n"
        "        --eqn 'classify: label ~ review' \\\n"
        "        --output_dir gft-runs/my-reviews\n"
    )
    # A file of the whole page is a shell program: the reasons are comments.
    (tmp_path / "fit.sh").write_text(page, encoding="utf-8")
    run("sh fit.sh")
    assert (tmp_path / "gft-runs/my-reviews/gft.json").is_file()


def test_a_large_file_spares_a_test_and_speakers_stay_whole(
    gft: Callable[..., Any], tmp_path: Path
) -> None:
    topics = [f"{one} {two}" for one in ("river", "stone", "cloud", "road")
              for two in ("in spring", "after the flood", "at night", "of my youth")]  # fmt: skip
    turns = [
        (f"S{n // 20:02}", f"what I remember is the {topics[n % 16]}, number {n}", "yn"[n // 7 % 2])
        for n in range(320)
    ]
    file = written(tmp_path / "talks.csv", ("speaker", "utterance", "agrees"), turns)
    page = suggested(gft, file)
    assert "--test_size 0.1 --group speaker " in " ".join(page.replace("\\", "").split())
    assert "test is 10 % of train, taken out of it" in page and "biased" not in page
    few = written(tmp_path / "few.csv", ("speaker", "utterance", "agrees"), turns[:290])
    assert "--test_size" not in suggested(gft, few)
    assert "--test_size 30 " in suggested(gft, "--data", f"C:{few}", "--test_size", "30")


def test_one_file_of_several_stands_for_all(gft: Callable[..., Any], tmp_path: Path) -> None:
    for name in ("train", "test"):
        reviews(tmp_path / f"{name}.csv")
        reviews(tmp_path / f"reviews.{name}")
    assert f"--data C:{tmp_path} " in suggested(gft, tmp_path / "train.csv")
    page = suggested(gft, tmp_path / "reviews.test")
    assert f"--data C:{tmp_path / 'reviews'} " in page
    assert "# splits      the data's own train and test; val is 10 % of train" in page
    assert "rows of test are in train too" in page


def test_files_that_are_not_called_as_splits_are(gft: Callable[..., Any], tmp_path: Path) -> None:
    for name in ("reviews_train", "reviews_test"):
        reviews(tmp_path / f"{name}.csv")
    assert "reviews_test.csv beside it: to be used" in suggested(
        gft, tmp_path / "reviews_train.csv"
    )


@pytest.mark.parametrize(
    ("texts", "model", "language"),
    [
        ((GERMAN, GERMAN), "H:google-bert/bert-base-german-cased", "German"),
        ((CHINESE, CHINESE), "H:google-bert/bert-base-chinese", "Chinese"),
        ((CHINESE, GERMAN), "H:FacebookAI/xlm-roberta-base", "several languages"),
    ],
)
def test_languages(
    gft: Callable[..., Any], tmp_path: Path, texts: tuple[str, str], model: str, language: str
) -> None:
    rows = [(texts[n > 60].format(n), ("a", "b")[n % 2]) for n in range(120)]
    page = suggested(gft, written(tmp_path / "x.csv", ("text", "label"), rows))
    assert f"gft_fit --model {model} " in page and language in page


def test_language_of_nothing() -> None:
    assert language_of(["12", "", "?!"]) == (None, 0.0)


def test_python(tmp_path: Path) -> None:
    import gft

    found = gft.suggest(str(reviews(tmp_path / "x.csv")), model="C:here")
    assert found.words[:3] == ("gft_fit", "--model", "C:here")
    assert "--eqn 'classify: label ~ review'" in found.command()
    assert str(found).startswith("# data        x.csv: train 120 rows")
    with pytest.raises(gft.UserError, match="no data at"):
        gft.suggest("nothing.csv")
    with pytest.raises(gft.UserError, match="expected the path of a file; write the table"):
        gft.suggest([["a", "b"]])  # type: ignore[arg-type]  # as a table is given


def test_numbers(gft: Callable[..., Any], tmp_path: Path) -> None:
    rows = [(GOOD.format(n), n / 7, n / 3, ("train", "dev")[n % 2]) for n in range(120)]
    data = written(tmp_path / "x.csv", ("text", "valence", "arousal", "split"), rows)
    page = suggested(gft, data)
    assert "--eqn 'regress: valence + arousal ~ text'" in page
    assert "column 'split' of train names splits (dev and train)" in page
    assert "valence and arousal hold numbers that are not all whole" in page


def test_what_is_given_stays(gft: Callable[..., Any], tmp_path: Path) -> None:
    data = reviews(tmp_path / "x.csv")
    page = suggested(gft, data, "--model", "H:someone/mnli", "--eqn", "classify: label ~ id")
    assert "gft_fit --model H:someone/mnli " in page
    assert "--eqn 'classify: label ~ id'" in page


def problems(gft: Callable[..., Any], path: Path, header: Sequence[str], rows: Any) -> list[str]:
    page = suggested(gft, written(path, header, rows))
    return [line[4:] for line in page.splitlines() if line.startswith("# - ")]


def test_problems_are_found(gft: Callable[..., Any], tmp_path: Path) -> None:
    rows = [(GOOD.format(n), "good") for n in range(60)]
    rows += [(BAD.format(n), "bad " if n % 9 else "bad") for n in range(60)]  # Blanks do not count.
    rows += [(GOOD.format(0), "good"), (GOOD.format(1), "bad"), ("", "bad"), ("no label", "")]
    rows += [("fine<br />indeed", "go od "), ("a cafÃ© there", "rare"), ("word " * 700, "bad")]
    rows += [("much word " * 700 + str(n), "bad") for n in range(8)]
    found = problems(gft, tmp_path / "x.csv", ("text", "label"), rows)
    for told in (
        "1 of the 135 rows of train has no label: it is left out",
        "1 of the 135 rows of train has no text at all",
        "1 row of train repeats an earlier row, such as 'the food was good",
        "2 rows of train have the same input and different labels: 'the food was good and the"
        " people were friendly number 1' is good and bad",
        "about 7 % of the 135 rows of train are longer than 512 tokens",
        "1 of the 135 rows of train: characters were garbled",
        "1 of the 135 rows of train hold HTML, such as 'fine<br />indeed'",
        "'good' (61) and 'go od' (1) count as different classes",
        "2 classes have fewer than 5 rows: go od (1) and rare (1)",
        "column 'text' gives label away: its first word alone is right on 97.0% of held-out rows",
    ):
        assert any(line.startswith(told) for line in found), "\n".join([told, "", *found])
    assert len(found) == 10


def test_a_label_that_stands_in_the_text(gft: Callable[..., Any], tmp_path: Path) -> None:
    rows = [(f"{label}: some words {n}", label) for n in range(60) for label in ("good", "bad")]
    rows += [(f"nothing {n}", "none") for n in range(3)]
    found = problems(gft, tmp_path / "x.csv", ("text", "label"), rows)
    assert "in 98 % of the rows the text contains the label itself" in " ".join(found)


def test_uneven_and_few(gft: Callable[..., Any], tmp_path: Path) -> None:
    rows = [(f"some words {n}", "no" if n % 20 else "yes") for n in range(99)]
    found = " ".join(problems(gft, tmp_path / "x.csv", ("text", "label"), rows))
    assert "only 99 labelled rows" in found
    assert "95 % of the rows are 'no': always predicting that is right as often" in found


def test_clean_data_has_no_problem(gft: Callable[..., Any], tmp_path: Path) -> None:
    words = f"{GOOD} {BAD}".replace("{}", "").split()
    rows = [(" ".join(words[(n * k) % len(words)] for k in range(1, 9)) + f" {crc32(bytes([n]))}",
             ("good", "bad")[n * n % 7 % 2]) for n in range(120)]  # fmt: skip
    assert "looks wrong" not in suggested(gft, written(tmp_path / "x.csv", ("text", "label"), rows))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "gft_init needs one file or folder: gft_init reviews.csv"),
        (["{0}/nothing.csv"], "no data at {0}/nothing.csv"),
        (["{0}/texts.csv"], "texts.csv: no column looks like labels (columns: text (text))"),
        (["{0}/one.csv"], "one.csv: label is 'x' in every row: there is nothing to tell apart"),
        (["{0}"], "holds several data sets; name one of them: {0}/a and {0}/b"),
        (["{0}/x.csv", "--eqn", "classify: lable ~ review"], "(did you mean 'label'?)"),
    ],
)
def test_mistakes(gft: Callable[..., Any], tmp_path: Path, words: list[str], told: str) -> None:
    reviews(tmp_path / "x.csv")
    reviews(tmp_path / "a.train")
    reviews(tmp_path / "b.train")
    written(tmp_path / "texts.csv", ("text",), [(GOOD.format(n),) for n in range(9)])
    written(tmp_path / "one.csv", ("text", "label"), [(GOOD.format(n), "x") for n in range(9)])
    ran = gft("init", *(word.format(tmp_path) for word in words))
    assert ran.status == 2 and not ran.out
    assert told.format(tmp_path) in ran.err


def test_tokens_of_a_text_without_blanks() -> None:
    assert tokens_about("酒" * 600) == 600
    assert tokens_about("word " * 600) == 720


def test_words_with_tags(gft: Callable[..., Any], tmp_path: Path) -> None:
    rows = [
        {"id": n, "tokens": GOOD.format(n).split(), "tags": ["O"] * 10 + ["B-NUM"]}
        for n in range(120)
    ]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    page = suggested(gft, tmp_path / "x.jsonl")
    assert "--eqn 'classify_tokens: tags ~ tokens'" in page
    assert "# task        classify_tokens: tags holds a tag for each word in tokens" in page
    assert "--model H:bert-base-cased" in page and "looks wrong" not in page


def test_lists_of_classes(gft: Callable[..., Any], tmp_path: Path) -> None:
    rows = [
        {
            "text": (GOOD, BAD)[n % 2].format(crc32(bytes([n]))),
            "topics": [["food", "staff"], ["time"], []][n % 3],
        }
        for n in range(120)
    ]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    page = suggested(gft, tmp_path / "x.jsonl")
    assert "--eqn 'classify: topics ~ text'" in page and "looks wrong" not in page
    assert (
        "topics holds lists of 3 different values: food, staff and time; any number of them" in page
    )


def test_tags_of_words_in_texts(gft: Callable[..., Any], tmp_path: Path) -> None:
    rows = [{"text": GOOD.format(n), "tags": ["O"] * 10 + ["B-NUM"]} for n in range(120)]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert "--eqn 'classify_tokens: tags ~ text'" in suggested(gft, tmp_path / "x.jsonl")


def test_rows_without_a_label_are_no_class(gft: Callable[..., Any], tmp_path: Path) -> None:
    rows = [(GOOD.format(n), ("a", "b", "")[n % 3]) for n in range(120)]
    page = suggested(gft, written(tmp_path / "x.csv", ("text", "label"), rows))
    assert "label has 2 different values: a and b" in page


def test_answers_to_questions(gft: Callable[..., Any], tmp_path: Path) -> None:
    rows = [
        {"id": n, "question": f"how was number {n}", "context": GOOD.format(n),
         "answers": {"text": ["good"], "answer_start": [13]}} for n in range(120)
    ]  # fmt: skip
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    page = suggested(gft, tmp_path / "x.jsonl")
    assert "--eqn 'classify_spans: answers ~ question + context'" in page
    assert "answers holds answers to question and context" in page and "looks wrong" not in page


def test_line_ends_in_names_and_labels_stay_within_comments(
    gft: Callable[..., Any], tmp_path: Path
) -> None:
    rows = [(GOOD.format(n), "echo good\necho bad" if n % 2 else "bad") for n in range(40)]
    page = suggested(gft, written(tmp_path / "d.csv", ("the\ntext", "label"), rows))
    told = page[: page.index("gft_fit ")].splitlines()
    assert all(line.startswith("#") for line in told if line) and "good echo bad" in page


def test_bytes_that_are_text_are_no_images(gft: Callable[..., Any], tmp_path: Path) -> None:
    texts = [(GOOD if n % 2 else BAD).format(n).encode() for n in range(40)]
    labels = ["good" if n % 2 else "bad" for n in range(40)]
    pq.write_table(pa.table({"review": texts, "label": labels}), tmp_path / "d.parquet")
    assert "--eqn 'classify: label ~ review'" in suggested(gft, tmp_path / "d.parquet")


def test_times_are_no_labels(gft: Callable[..., Any], tmp_path: Path) -> None:
    days = pa.array([datetime(2024, 1, 1 + n % 2) for n in range(40)])
    table = pa.table({"review": [GOOD.format(n) for n in range(40)], "label": days})
    pq.write_table(table, tmp_path / "d.parquet")
    ran = gft("init", tmp_path / "d.parquet")
    assert ran.status == 2 and "no column looks like labels" in ran.err
