"""What a search found: tables, rows with tabs, JSON."""

from __future__ import annotations

from gft.report.of_search import SHOWN_TAGS, FoundRows, FoundTasks
from gft.suppliers.protocol import Found

ROWS = (
    Found("me/a", 1500, 7, ("license:mit", "dataset:glue", "pytorch", "fill-mask"), "fill-mask"),
    Found("me/b"),
)


def test_models_as_a_table_rows_and_json() -> None:
    found = FoundRows("model", ROWS, only_names=False)
    head, _, first, _ = found.text().splitlines()
    assert head.split() == ["model", "downloads", "likes", "task", "tags"]
    assert first.split() == ["me/a", "1,500", "7", "fill-mask", "dataset:glue,", "pytorch"]
    first, second = found.lines().splitlines()
    assert first == "me/a\t1500\t7\tlicense:mit,dataset:glue,pytorch,fill-mask\tfill-mask"
    assert second == "me/b\t\t\t\t"
    assert [row["name"] for row in found.saved()] == ["me/a", "me/b"]


def test_data_sets_have_no_task_and_names_may_stand_alone() -> None:
    found = FoundRows("dataset", ROWS[:1], only_names=False)
    assert "task" not in found.saved()[0] and found.lines().count("\t") == 3
    names = FoundRows("dataset", ROWS[:1], only_names=True)
    assert names.text() == names.lines() == "me/a\n"
    assert names.saved() == [{"name": "me/a"}]


def test_many_tags_are_cut_and_nothing_is_no_table() -> None:
    tags = tuple(f"t{n}" for n in range(SHOWN_TAGS + 2))
    assert "and 2 more" in FoundRows("model", (Found("a", tags=tags),), False).text()
    assert FoundRows("model", (), False).text() == ""


def test_tasks() -> None:
    found = FoundTasks(("classify",))
    name, also, summary = found.lines().rstrip("\n").split("\t")
    assert name == "classify" and "text-classification" in also.split(",")
    assert found.saved() == [{"name": name, "also": also.split(","), "summary": summary}]
    assert summary in found.text()
