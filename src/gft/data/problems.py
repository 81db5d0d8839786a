"""What is wrong with data before anything is fitted: each problem with a count and an example."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from gft.data.between import between_splits
from gft.data.checks import lacks_column
from gft.data.folders import SPLIT_NAMES
from gft.data.gathered import LONG, READ_ROWS, SplitFacts, gather, listed_labels, texts_of_rows
from gft.data.giveaway import GivenAway, gives_away, gives_each_away
from gft.data.numbers import is_number
from gft.data.overlap import Overlap
from gft.data.problem import Problem, shown
from gft.data.sampling import spread
from gft.data.spelling import folded
from gft.data.table import DataSet, Rows
from gft.errors import counted, listed

Inputs = tuple[str, ...]
Alike = Callable[[Inputs], Inputs]
FEW_ROWS = 100
FEW_OF_A_CLASS = 5
UNEVEN = 0.9
OFTEN_LONG = 0.05
GIVEN_AWAY = 0.9
SAMPLED_ROWS = 1_000
JUDGED_ROWS = 10_000
"""So many rows are looked at for what gives a label away; of more, rows at even distances."""


def find_problems(
    data: DataSet,
    left: Sequence[str],
    right: Sequence[str],
    numbers: bool,
    overlaps: Mapping[tuple[str, str], Overlap] = MappingProxyType({}),
    alike: Alike | None = None,
    group: str | None = None,
    beside: Sequence[str] = (),
) -> list[Problem]:
    """Return what is wrong with the columns of an equation, in all splits that have them.

    The first split is the one to train on. `numbers` says that the left-hand side is numbers, not
    classes; `overlaps` what a split shares with one before, by both names; `alike` returns what
    inputs have to have in common to be the same, themselves by default; `group` is the column that
    names groups, and `beside` are numbers and categories beside the inputs. Time is linear in the
    rows, of which at most a million a split are read; memory holds the different inputs of all
    splits.
    """
    inputs = [*right, *beside]
    splits = {
        name: rows for name, rows in data.splits.items() if set(inputs) <= rows.columns.keys()
    }
    facts = {name: gather(rows, left, right, numbers, beside) for name, rows in splits.items()}
    if not facts:
        return []
    first = next(iter(facts))
    found = [
        Problem("no column", len(rows), lacks_column(split, data.name, name, rows))
        for split, rows in data.splits.items()
        for name in inputs
        if name not in rows.columns
    ]
    texts = len(right)
    found += [one for name, split in facts.items() for one in _of_split(name, split, texts, alike)]
    found += _of_labels(facts[first], numbers)
    found += given_away(splits[first], left, right, numbers, beside)
    sampled = {
        name: [" ".join(texts) for texts in texts_of_rows(rows, right, SAMPLED_ROWS)]
        for name, rows in splits.items()
    }
    found += between_splits(facts, sampled, numbers, overlaps, group)
    found += _columns_of_splits(data, [*left, *inputs])
    return found


def given_away(
    rows: Rows,
    left: Sequence[str],
    right: Sequence[str],
    numbers: bool,
    beside: Sequence[str] = (),
) -> Iterator[Problem]:
    """Yield the columns that know a label by a simple rule, in at most `JUDGED_ROWS` rows.

    Of labels that are lists each is tried by itself, where there are no others.
    Those `beside` the texts are numbers and categories, which may honestly say much.
    """
    if len(left) == 1 and left[0] in rows.columns:
        lists = listed_labels(rows, left[0], JUDGED_ROWS)
        if lists is not None:
            yield from _each_given_away(rows, left[0], lists, [*right, *beside])
            return
    names = [*left, *right, *(one for one in beside if one in rows.columns)]
    texts = [row for row in texts_of_rows(rows, names, JUDGED_ROWS) if all(row[: len(left)])]
    if not texts or not set(left) <= rows.columns.keys():
        return
    cells = dict(zip(names, zip(*texts, strict=True), strict=True))
    if numbers and not all(is_number(one) for label in left for one in cells[label]):
        return
    for column in names[len(left) :]:
        for label in left:
            found = gives_away(cells[column], cells[label], numbers, column in beside)
            if found is None:
                continue
            what = (
                f"column {column!r} gives {_rule_text(found, label, numbers)}; "
                "leave it out, or clean it"
            )
            yield Problem("gives away", len(texts), what)


def _each_given_away(
    rows: Rows, label: str, lists: Sequence[Sequence[str]], columns: Sequence[str]
) -> Iterator[Problem]:
    """Yield the columns that know one of the labels of a row, which has any number of them."""
    for column in (one for one in columns if one in rows.columns):
        texts = [text for [text] in texts_of_rows(rows, [column], JUDGED_ROWS)]
        for found in gives_each_away(texts, lists):
            what = (
                f"column {column!r} gives {_rule_text(found, label, False)}; "
                "leave it out, or clean it"
            )
            yield Problem("gives away", len(texts), what)


def _rule_text(found: GivenAway, label: str, numbers: bool) -> str:
    """Return what a column gives away, by which rule, and how sure that is."""
    if found.of is not None:
        return (
            f"the class {found.of!r} of {label} away: {found.rule} alone finds it with a recall "
            f"of {found.finds:.1%} and a precision of {found.right:.1%} on held-out rows"
        )
    how = (
        f"explains {found.right:.1%} of the variance of held-out rows"
        if numbers and not found.exact
        else f"is right on {found.right:.1%} of held-out rows"
    )
    return f"{label} away: {found.rule} alone {how}"


def _of_split(name: str, split: SplitFacts, texts: int, alike: Alike | None) -> Iterator[Problem]:
    of, odd = f"of the {split.rows:,} rows of {name}", split.odd
    example = {kind: shown(text) for kind, text in split.examples.items()}
    unlabelled = (
        "have no label: they are neither trained on nor scored"
        if odd["no label"] > 1
        else "has no label: it is left out"
    )
    messages = {
        "no label": f"{of} {unlabelled}",
        "empty": f"{of} {'have' if odd['empty'] > 1 else 'has'} no text at all",
        "no number": f"{of}: the label is not a number, such as {example.get('no number')}",
    }
    yield from _counted(split, messages)
    yield from _repeated(name, split, texts, alike)
    if odd["long"] > OFTEN_LONG * split.rows:
        share = 100 * odd["long"] / split.rows
        what = f"about {share:.0f} % {of} are longer than {LONG} tokens: most models truncate there"
        yield Problem("long", odd["long"], what)
    messages = {
        "damaged": f"{of}: characters were garbled when the file was written, "
        f"such as {example.get('damaged')}; save it once more as UTF-8",
        "bytes": f"{of} hold bytes as Python prints them, such as {example.get('bytes')}; decode "
        "them before the file is written",
        "markup": f"{of} hold HTML, such as {example.get('markup')}",
    }
    yield from _counted(split, messages)


def _counted(split: SplitFacts, messages: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what is odd about some rows; `messages` say it, after their number."""
    counts = {kind: split.odd[kind] for kind in messages}
    yield from (Problem(kind, n, f"{n:,} {messages[kind]}") for kind, n in counts.items() if n)


def _repeated(name: str, split: SplitFacts, texts: int, alike: Alike | None) -> Iterator[Problem]:
    """Yield inputs that are there more than once: with one label, and with several.

    The first so many cells of an input are `texts`.
    """
    again = at_odds = 0
    example = contradiction = ""
    first: dict[Inputs, Inputs] = {}
    joined: dict[Inputs, Counter[str | None]] = defaultdict(Counter)
    for inputs, labels in split.seen.items():
        if any(inputs[:texts]):
            same = inputs if alike is None else alike(inputs)
            first.setdefault(same, inputs)
            joined[same].update(labels)
    for same, labels in joined.items():
        several, inputs = labels.total(), first[same]
        if several < 2:
            continue
        known = [label for label in labels if label is not None]
        if len(known) > 1:
            at_odds += sum(labels[label] for label in known)
            contradiction = contradiction or f"{shown(' | '.join(inputs))} is {listed(known, 4)}"
        else:
            again += several - 1
            example = example or shown(" | ".join(inputs))
    if again:
        what = f"{again:,} rows of {name} repeat" if again > 1 else f"1 row of {name} repeats"
        message = f"{what} an earlier row, such as {example}"
        yield Problem("repeated", again, message)
    if at_odds:
        message = (
            f"{at_odds:,} rows of {name} have the same input and different labels: {contradiction}"
        )
        yield Problem("contradiction", at_odds, message)


def _of_labels(train: SplitFacts, numbers: bool) -> Iterator[Problem]:
    labelled = train.rows - train.odd["no label"] if train.labels else 0
    if labelled and labelled < FEW_ROWS:
        few = counted(labelled, "labelled row")
        message = f"only {few}: what is learned from so few varies with the seed"
        yield Problem("few rows", labelled, message)
    if numbers or not labelled:
        return
    alike: dict[str, list[str]] = defaultdict(list)
    for label in train.labels:
        alike[folded(label)].append(label)
    for spellings in alike.values():
        if len(spellings) > 1:
            counts = listed([f"{one!r} ({train.labels[one]:,})" for one in spellings], 4)
            message = f"{counts} count as different classes: are they meant to be one?"
            yield Problem("spelling", len(spellings), message)
    rare = [label for label, count in train.labels.items() if count < FEW_OF_A_CLASS]
    if rare:
        is_are = "classes have" if len(rare) > 1 else "class has"
        counts = listed([f"{one} ({train.labels[one]:,})" for one in rare], 6)
        message = f"{len(rare):,} {is_are} fewer than {FEW_OF_A_CLASS} rows: {counts}"
        yield Problem("rare", len(rare), message)
    most, count = train.labels.most_common(1)[0]
    if count > UNEVEN * labelled and len(train.labels) > 1:
        message = (
            f"{100 * count / labelled:.0f} % of the rows are {shown(most)}: always predicting that "
            "is right as often; trust f1 more than accuracy, and try --class_weight balanced"
        )
        yield Problem("uneven", count, message)
    naming, nameable = train.odd["given away"], train.odd["nameable"]
    if nameable and naming > GIVEN_AWAY * nameable:
        message = (
            f"in {100 * naming / nameable:.0f} % of the rows the text contains the label itself: "
            "the score will say little about other texts"
        )
        yield Problem("given away", naming, message)


def _columns_of_splits(data: DataSet, used: Sequence[str]) -> Iterator[Problem]:
    """Yield columns that say which split a row belongs to."""
    for split, rows in data.splits.items():
        for column in rows.columns.values():
            if column.name in used or column.kind != "text":
                continue
            values = sorted({str(one) for one in spread(rows, READ_ROWS).column(column.name)})
            if are_splits(values):
                message = (
                    f"column {column.name!r} of {split} names splits ({listed(values)}): "
                    "gft reads a file for each, train.csv, val.csv and test.csv in one folder"
                )
                yield Problem("splits in a column", len(values), message)


def are_splits(values: Iterable[str]) -> bool:
    """Say whether the values of a column are names of splits."""
    folded = {value.strip().lower() for value in values} - {""}
    return len(folded) > 1 and folded <= {*SPLIT_NAMES, "training", "testing"}
