"""What the mark of an interval stands for, each sentence once."""

from __future__ import annotations

from gft.report.cautions import about_differences, cautions, cautions_of_splits

TOLD = "half of all squared errors comes from {} of 1,200 rows: this interval is not"


def test_sentences_that_differ_in_a_count_are_one() -> None:
    marked = [{"caveat": TOLD.format(n)} for n in ("1,038", "7", "9", "9")]
    levels = [{"caveat": f"only 6 rows of level {n}: this"} for n in (1, 2)]
    undefined = [{"caveat": f"undefined in {n}% of the samples"} for n in (12, 5)]
    assert cautions([*marked, *levels, {}, *undefined]) == [
        f"(!) {TOLD.format('7 to 1,038')}.",
        "(!) only 6 rows of level 1: this.",
        "(!) only 6 rows of level 2: this.",
        "(!) undefined in 5 to 12% of the samples.",
    ]


def test_splits_are_named_where_there_are_several() -> None:
    few, one = {"caveat": "only 6 rows of spam"}, {"caveat": TOLD.format("38")}
    both = cautions_of_splits([("val", [few, one, {"caveat": TOLD.format("7")}]), ("test", [few])])
    assert both == ["(!) val and test: only 6 rows of spam.", f"(!) val: {TOLD.format('7 to 38')}."]
    assert cautions_of_splits([("val", [few]), ("test", [])]) == ["(!) only 6 rows of spam."]


def test_a_difference_without_width() -> None:
    [told] = about_differences([{"low": 0.0, "high": 0.0}])
    assert told.startswith("0 to 0: the same in every sample of the rows")
