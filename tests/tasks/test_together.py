"""What ties rows together, by what stands on the right of an equation."""

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from gft.cells.reading import read_columns
from gft.data.near import folded, near_within
from gft.data.table import DataSet, Rows
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.registry import tasks
from gft.tasks.together import overlap, repeated_rows, together


def ties(equation, columns, group=None, folder=None):
    parsed = parse_equation(equation)
    data = DataSet("films", {"train": Rows(pa.table(columns))}, folder=folder)
    kind = tasks()[parsed.task]
    read = read_columns(parsed, data, kind, Options({}))
    task = kind.bind(read.equation, read.data, read.data.splits)
    return together(task, group)(read.data.splits["train"], "train")


def test_all_inputs_have_to_be_the_same():
    found = ties(
        "classify: y ~ a + b",
        {"a": ["Is it?", "is it", "IS IT", "No"], "b": ["yes", "Yes!", "no", "yes"],
         "y": ["n", "y", "n", "y"]},
    )  # fmt: skip
    assert found.bundles.tolist() == [0, 0, 1, 2]


def test_what_is_asked_about_one_context_is_together():
    context = ["The Nile is in Africa.", "the nile is in africa", "The Rhine is in Europe."]
    answers = [{"text": [word], "answer_start": [4]} for word in ("Nile", "nile", "Rhine")]
    found = ties(
        "classify_spans: answers ~ question + context",
        {"question": ["what?", "where?", "what?"], "context": context, "answers": answers},
    )
    assert found.bundles.tolist() == [0, 0, 1]


def test_lists_of_words():
    words = [["It", "rains", "."], ["it", "rains"], ["It", "snows", "."]]
    tags = [["D", *"V" * (len(row) - 1)] for row in words]
    found = ties("classify_tokens: tags ~ words", {"words": words, "tags": tags})
    assert found.bundles.tolist() == [0, 0, 1]


def test_images_by_their_bytes(tmp_path):
    for name, grey in (("a.png", 10), ("b.png", 200), ("c.png", 10)):
        Image.new("L", (4, 4), grey).save(tmp_path / name)
    found = ties(
        "classify_images: y ~ image",
        {"image": ["a.png", "b.png", "c.png"], "y": ["dark", "light", "dark"]},
        folder=tmp_path,
    )
    assert found.bundles.tolist() == [0, 1, 0]
    stored = [{"bytes": (tmp_path / one).read_bytes(), "path": one} for one in ("a.png", "b.png")]
    found = ties(
        "classify_images: y ~ image",
        {"image": [*stored, {**stored[0], "path": "z.png"}], "y": ["dark", "light", "dark"]},
    )
    assert found.bundles.tolist() == [0, 1, 0]


def test_groups_and_short_texts():
    long = "the door of the house was open all night"
    text = ["ok", "it was dark", "OK!", long, f"{long.title()}."]
    found = ties(
        "classify: y ~ text",
        {"text": text, "who": ["anna", "anna", "ben", "ben", "cleo"], "y": list("ababa")},
        group="who",
    )
    assert found.bundles.tolist() == [0, 0, 1, 1, 1]
    assert found.everyday.tolist() == [True, False, True, False, False]
    missing = ties(
        "classify: y ~ text",
        {"text": list("abcde"), "who": ["x", None, None, "x", ""], "y": list("ababa")},
        group="who",
    )
    assert missing.bundles[0] == missing.bundles[3]
    assert len(set(missing.bundles.tolist())) == 4


def test_near_texts_are_found_within_one_list():
    text = [f"the {n} red foxes jumped over some {n * 7} lazy dogs" for n in range(40)]
    changed = [one.replace("lazy", "very lazy") for one in text[:5]]
    far = ["nothing like that was ever said here", "", ""]
    every = [folded(one) for one in (*text[:1], *changed[:1], *far)]
    assert near_within(every).tolist() == [[0, 1]]
    assert near_within([]).shape == near_within(["a"]).shape == (0, 2)


@pytest.mark.parametrize("count", [30, 300])
def test_val_has_no_text_of_train(count):
    from gft.data.partition import draw
    from gft.data.roles import assign_roles

    text = [f"{'!' * (n % 3)}Review no. {n // 3} was written by {n // 3 * 7}" for n in range(count)]
    rows = Rows(pa.table({"text": text, "y": ["ab"[n % 2] for n in range(count)]}))
    data = DataSet("films", {"train": rows})
    task = tasks()["classify"].bind(parse_equation("classify: y ~ text"), data, data.splits)
    golds = {"train": task.golds_of(rows)}
    parted = draw(data, assign_roles(data, None), golds, together(task, None), stratified=True)
    ids = {role: {n // 3 for n in part.numbers.tolist()} for role, part in parted.parts.items()}
    assert not ids["train"] & ids["val"]
    assert abs(len(parted.parts["val"].numbers) - count / 10) <= 3
    assert parted.drawing.tied == count
    assert np.concatenate([one.numbers for one in parted.parts.values()]).size == count


def test_what_two_splits_share():
    parsed = parse_equation("classify: y ~ x")
    train = {"x": ["It rains", "No!", "?!", "We went home early today"], "y": list("abab"),
             "who": ["ann", "bob", None, "cy"]}  # fmt: skip
    val = {"x": ["it rains...", "RT @me: no", "!", "We went home early today, too", "new"],
           "y": list("ababa"), "who": ["dan", "bob", None, "eve", "cy"]}  # fmt: skip
    data = DataSet("films", {"train": Rows(pa.table(train)), "val": Rows(pa.table(val))})
    task = tasks()["classify"].bind(parsed, data, data.splits)
    found = overlap(task, data.splits["val"], data.splits["train"], "who")
    assert found.same.tolist() == [True, True, False, False, False]  # Marks alone are no text.
    assert found.grouped.tolist() == [False, True, False, False, True] and found.groups == 2
    assert found.shared.tolist() == [True, True, False, False, True] and found.near == 1
    assert found.example == "it rains..."
    alone = data.splits["train"].select([0, 1, 2, 3])
    without = Rows(pa.table({name: cells for name, cells in train.items() if name != "who"}))
    assert overlap(task, data.splits["val"], alone, "who").groups == 2
    assert overlap(task, data.splits["val"], without, "who").groups is None
    assert overlap(task, alone, without, near=False).same.tolist() == [True, True, False, True]


SPEECHES = {
    "text": ["We stay where we are, thank you all.", "we stay where we are thank you all", "No!",
             "no", "no"],
    "age": ["34", "70", "34", "70", "34.0"],
    "party": ["Red", "red", "green", "green", "Green"],
    "y": ["a", "b", "a", "b", "b"],
}  # fmt: skip


def bound(columns, equation="classify: y ~ text + num(age) + cat(party)"):
    parsed = parse_equation(equation)
    data = DataSet("talks", {name: Rows(pa.table(part)) for name, part in columns.items()})
    read = read_columns(parsed, data, tasks()[parsed.task], Options({}))
    return tasks()[parsed.task].bind(read.equation, read.data, read.data.splits), read.data.splits


def test_rows_of_a_short_text_are_together_only_with_the_same_covariates():
    task, splits = bound({"train": SPEECHES})
    assert together(task, None)(splits["train"], "train").bundles.tolist() == [0, 0, 1, 2, 1]
    task, splits = bound({"train": SPEECHES}, "classify: y ~ text")
    assert together(task, None)(splits["train"], "train").bundles.tolist() == [0, 0, 1, 1, 1]


def test_the_same_text_with_other_covariates_is_another_input():
    test = {name: [cells[0], cells[3]] for name, cells in SPEECHES.items()}
    train = {name: [cells[1], cells[2], cells[4]] for name, cells in SPEECHES.items()}
    task, splits = bound({"train": train, "test": test})
    found = overlap(task, splits["test"], splits["train"])
    # The long text is nearly in train; "no" is what anybody says.
    assert found.same.tolist() == [False, False] and found.near == 1
    again = overlap(task, splits["train"], splits["train"], near=False)
    assert again.same.all() and again.example == f"{SPEECHES['text'][1]} | 70 | red"
    assert repeated_rows(task, splits["train"]) == 1
    task, splits = bound({"train": train, "test": test}, "classify: y ~ text")
    assert overlap(task, splits["test"], splits["train"]).same.all()
