"""`suggest`: the gft_fit line for data of the user's own, why, and what is wrong with the data."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gft.cells.missing import values_of, wanted
from gft.cells.missing_codes import likely_missing, na_list, ordinary_in
from gft.cells.options import CellForms
from gft.cells.reading import read_columns
from gft.cells.texts import readable
from gft.data.folders import SPLIT_NAMES, VAL_NAMES, files_beside, files_inside, path_of
from gft.data.languages import language_of
from gft.data.opening import COMPRESSED, stem_of
from gft.data.problem import Problem
from gft.data.roles import TENTH, Roles, assign_roles, size_text
from gft.data.sampling import spread
from gft.data.table import DataSet, Rows
from gft.errors import UserError, listed
from gft.functions.checking import bare_columns_of, problems_of
from gft.functions.options import Scoring
from gft.functions.splits import MOST_TIED, drawn_sizes
from gft.functions.suggested_covariates import Proposed, with_covariates
from gft.language.argument import rows as rows_of
from gft.language.equation import Equation
from gft.language.program import DEFAULT_HOME, Options, Program
from gft.language.spec import Spec
from gft.markup import html_facts, html_text
from gft.opening import on_disk, open_data
from gft.registry import tasks
from gft.results.candidates import Candidates, candidates
from gft.results.choosing import CLEAR, Choice
from gft.results.data_facts import as_texts, describe_data
from gft.storage.paths import expanded
from gft.suppliers.installed import parse, supplier_of
from gft.suppliers.options import FilesOfText
from gft.tasks.protocol import Task

_UNUSUAL = re.compile(r"[^\w.-]+")
JUDGED_ROWS = 300
COUNTED_ROWS = 10_000
FEWEST_GROUPS = 10
SHOWN = 8
SPARES_A_TEST = 300
"""Rows of a single split from which on test is taken out of it."""
FEW_LETTERS = 2_000
MOSTLY = 0.8
"""A file is in one language when so large a share of its texts is."""
_OF_LANGUAGES = {
    "ar": ("Arabic", "aubmindlab/bert-base-arabertv02"),
    "de": ("German", "google-bert/bert-base-german-cased"),
    "en": ("English", "bert-base-cased"),
    "es": ("Spanish", "dccuchile/bert-base-spanish-wwm-cased"),
    "fi": ("Finnish", "TurkuNLP/bert-base-finnish-cased-v1"),
    "fr": ("French", "almanach/camembert-base"),
    "it": ("Italian", "dbmdz/bert-base-italian-cased"),
    "nl": ("Dutch", "GroNLP/bert-base-dutch-cased"),
    "pt": ("Portuguese", "neuralmind/bert-base-portuguese-cased"),
    "ru": ("Russian", "DeepPavlov/rubert-base-cased"),
    "sv": ("Swedish", "KB/bert-base-swedish-cased"),
    "tr": ("Turkish", "dbmdz/bert-base-turkish-cased"),
    "zh": ("Chinese", "google-bert/bert-base-chinese"),
}
"""A model for each language, to begin with."""
_NO_LANGUAGE = "zxx"
"""What ISO 639 calls content without words."""
_OF_MANY = "FacebookAI/xlm-roberta-base"


@dataclass(frozen=True)
class Suggestion:
    """A program to fit: its words, the reason for each choice by name, and what is wrong."""

    words: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]
    folder: str

    def text(self) -> str:
        """Return all of it as a shell program: a comment, of one line each, is what is not run."""
        lines = [f"{name:<12}{why}" for name, why in self.reasons]
        if self.problems:
            lines += ["", "what looks wrong with the data:"]
            lines += [f"- {problem.message}" for problem in self.problems]
        lines += ["", f"then: gft_summary {shlex.quote(self.folder)}"]
        comments = "".join(f"# {' '.join(line.splitlines())}".rstrip() + "\n" for line in lines)
        return f"{comments}\n{self.command()}\n"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Suggestion: {shlex.join(self.words)}>"

    def _repr_html_(self) -> str:
        wrong = [f"- {problem.message}\n" for problem in self.problems]
        warned = f"What looks wrong with the data:\n{''.join(wrong)}" if wrong else ""
        return html_facts(dict(self.reasons)) + html_text(warned) + html_text(self.command())

    def command(self) -> str:
        """Return the line for a shell, an option a line where it is long."""
        pairs = [
            f"{option} {shlex.quote(value)}"
            for option, value in zip(self.words[1::2], self.words[2::2], strict=True)
        ]
        lines = [f"{self.words[0]} {pairs[0]} {pairs[1]}", *pairs[2:]]
        return " \\\n        ".join(lines)


def suggest(program: Program, words: Sequence[str]) -> Suggestion:
    """Return what to run for the data that a word or `--data` names.

    What the program says already (equation, task, model, splits) stays as it is. Raises
    `UserError` when no column can be predicted from another.
    """
    spec = _spec(program, words)
    data = open_data(replace(program, datas=(spec,)))
    seen = readable(data)
    about = describe_data(seen)
    possible = candidates(seen, about)
    choice = _choice(program, data, possible)
    task_type = tasks()[program.task or choice.equation.task]
    proposed = Proposed(choice.equation, None)
    if program.equation is None:
        proposed = with_covariates(choice.equation, seen, task_type, possible.groups)
    options = _options(program, data, replace(choice, equation=proposed.equation), task_type)
    columns = read_columns(proposed.equation, data, task_type, options)
    columns.noting(*bare_columns_of(task_type, columns)).tell()
    reasons = _reasons(program, data, possible, choice, proposed)
    equation, data = columns.equation, columns.data
    drawn = _what_is_drawn(program, data, equation, possible)
    roles = assign_roles(data, program.splits, drawn_sizes(program.options.but(**drawn)))
    task_type.bind(equation, data, roles.rows(data, equation.left))
    model, why = _model(program, task_type, data, equation)
    reasons += [("model", why), ("splits", _splits(data, roles, spec))]
    short = stem_of(Path(data.name))
    folder = f"{DEFAULT_HOME}/{_UNUSUAL.sub('-', short).strip('-.') or 'data'}"
    arguments = {"--model": model, "--data": str(spec)}
    if program.splits:
        arguments["--splits"] = ",".join(program.splits)
    arguments |= {"--eqn": str(equation)} | _reading_options(options)
    arguments |= {
        f"--{name}": value if isinstance(value, str) else f"{value:g}"
        for name, value in drawn.items()
    } | {"--output_dir": folder}
    rows = ", ".join(f"{split} {len(rows):,} rows" for split, rows in data.splits.items())
    first = ("data", f"{data.name}: {rows}; columns {listed(data.columns, SHOWN)}")
    problems = problems_of(
        data, equation, task_type, roles.names(), wanted(options), drawn.get("group")
    )
    flat = tuple(word for pair in arguments.items() for word in pair)
    return Suggestion(("gft_fit", *flat), (first, *reasons), tuple(problems), folder)


def _options(program: Program, data: DataSet, choice: Choice, task_type: type[Task]) -> Options:
    """Return the options of a program with those that its data needs."""
    needed: dict[str, Any] = {name.removeprefix("--"): value for name, value in choice.options}
    if not program.options.of(CellForms).na:
        found = likely_missing(data, choice.equation, task_type.target)
        ordinary = ordinary_in(found, data, choice.equation)
        values = [value for value in {one.value: None for one in found} if value not in ordinary]
        if values:
            needed["na"] = values
    return program.options.but(
        **{name: value for name, value in needed.items() if name not in program.options.given}
    )


def _what_is_drawn(
    program: Program, data: DataSet, equation: Equation, possible: Candidates
) -> dict[str, Any]:
    """Return `test_size` and `group` where they are given, or where the data needs them.

    A single split of many rows can spare some for test: val has chosen the epoch.
    """
    sizes, group = drawn_sizes(program.options), program.options.of(Scoring).group
    found: dict[str, Any] = {"val_size": sizes.val, "test_size": sizes.test, "group": group}
    names = program.splits or ()
    if sizes.test is None and len(names) < 3 and len(data.splits) == 1:
        [rows] = data.splits.values()
        found["test_size"] = TENTH if len(rows) >= SPARES_A_TEST else None
    if group is None:
        groups = [name for name in possible.groups if name not in equation.columns]
        first = next(iter(data.splits.values()))
        found["group"] = next((one for one in groups if _can_be_parted(first, one)), None)
    return {name: value for name, value in found.items() if value is not None}


def _can_be_parted(rows: Rows, name: str) -> bool:
    """Say whether a column has so many groups, none of them large, that some can be drawn."""
    cells = Counter(map(str, spread(rows, COUNTED_ROWS).column(name)))
    return len(cells) >= FEWEST_GROUPS and max(cells.values()) <= MOST_TIED * cells.total()


def _reading_options(options: Options) -> dict[str, str]:
    """Return the options that say how the data is read, as they are typed."""
    names = {row.name for table in (CellForms, FilesOfText) for row in rows_of(table)}
    found = {}
    for name in sorted(names & options.given.keys()):
        value = options.given[name]
        if name == "na":
            value = na_list(values_of([value] if isinstance(value, str) else value))
        if value is not None:
            found[f"--{name}"] = str(value)
    return found


def _spec(program: Program, words: Sequence[str]) -> Spec:
    """Return the data that is meant: a file of several splits stands for all of them."""
    if len(words) + (program.data is not None) != 1:
        raise UserError("gft_init needs one file or folder: gft_init reviews.csv")
    if program.data is not None:
        return program.data
    word = words[0]
    spec = on_disk(parse(word), program.options)
    if not supplier_of(spec).is_of_paths:
        return spec
    if spec.config:  # A sheet is a split by itself.
        return spec
    return replace(spec, key=_of_all_splits(spec.key))


def _of_all_splits(path: str) -> str:
    """Return the path that means a file and the splits beside it; a path of none stays."""
    file = expanded(path)
    if not file.is_file():
        return path
    packed = next((end for end in COMPRESSED if path.endswith(end)), "")
    stem, dot, ending = path.removesuffix(packed).rpartition(".")
    if dot and ending in SPLIT_NAMES and "train" in files_beside(expanded(stem)):
        return stem
    inside = files_inside(file.parent)
    if "train" in inside and len(inside) > 1 and any(file in files for files in inside.values()):
        return str(Path(path).parent)
    return path


def _choice(program: Program, data: DataSet, possible: Candidates) -> Choice:
    """Return the equation to suggest. Raises `UserError` where there is none."""
    if program.equation is not None:
        return Choice(program.equation, 0, "as given")
    found = possible.choice(program.task)
    if found is not None:
        return found
    if possible.obstacle:
        raise UserError(f"{data.name}: {possible.obstacle}")
    lacking = "no column looks like labels" if possible.right else "no column of text"
    raise UserError(
        f"{data.name}: {lacking} (columns: {listed(map(str, data.columns.values()), SHOWN)}); "
        "name the label and the inputs: --eqn 'classify: LABEL ~ TEXT'"
    )


def _reasons(
    program: Program, data: DataSet, possible: Candidates, choice: Choice, proposed: Proposed
) -> list[tuple[str, str]]:
    """Return why an equation is suggested, and what else could be."""
    equation = proposed.equation
    if program.equation is not None:
        return [("equation", choice.reason)]
    others = [one for one in data.columns if one not in equation.columns]
    reasons = [
        ("task", f"{equation.task}: {choice.reason}"),
        ("label", _why_left(possible, equation)),
        ("inputs", listed(equation.texts) + (f"; not {listed(others, SHOWN)}" if others else "")),
    ]
    if proposed.reason is not None:
        reasons.append(("covariates", proposed.reason))
    groups = [name for name in possible.groups if name not in equation.columns]
    if groups:
        why = f"rows with the same {groups[0]} may be alike"
        reasons.append(("groups", f"{why}: --group {groups[0]} keeps them in one split"))
    second = possible.runner_up(choice) if program.task is None else None
    if second is not None:
        unsure = "unsure: " if choice.score - second.score <= CLEAR else ""
        words = "".join(f" {name} {shlex.quote(value)}" for name, value in second.options)
        other = f"{unsure}--eqn {shlex.quote(str(second.equation))}{words} ({second.reason})"
        reasons.append(("or", other))
    return reasons


def _why_left(possible: Candidates, equation: Equation) -> str:
    others = [one for one in possible.left if one not in equation.columns]
    also = f"; {listed(others, SHOWN)} could be predicted instead: --eqn" if others else ""
    whose = "their names" if len(equation.left) > 1 else "its name"
    return f"{listed(equation.left)}, by {whose} and values{also}"


def _model(
    program: Program, task_type: type[Task], data: DataSet, equation: Equation
) -> tuple[str, str]:
    """Return a model for the language of the texts, or for what else is read, and why."""
    if program.model is not None:
        return str(program.model), "as given"
    if not task_type.longest:
        model = str(parse(str(task_type.default_model)))
        return model, f"{model}, a good starting point"
    rows = spread(next(iter(data.splits.values())), JUDGED_ROWS)
    texts = as_texts([one for name in equation.texts for one in rows.column(name)])
    code, share = language_of(texts)
    many = str(parse(_OF_MANY))
    if sum(map(len, texts)) < FEW_LETTERS and code not in _OF_LANGUAGES:
        return many, f"{many}: the texts are too short to detect their language"
    if code in (None, _NO_LANGUAGE):
        return many, f"{many}: the texts have no words to detect a language"
    name, own = _OF_LANGUAGES.get(code, (f"of the language {code!r}", _OF_MANY))
    if share < MOSTLY:
        return many, f"{many}: the texts are in several languages, most often {name}"
    model = str(parse(own))
    knows = ", which covers a hundred languages" if model == many else ""
    return model, f"{model}{knows}: the texts look {name}"


def _splits(data: DataSet, roles: Roles, spec: Spec) -> str:
    """Return which splits are used for what."""
    names, sizes = roles.names(), roles.drawn
    parts = [
        f"{role} is "
        + (f"{size_text(sizes[name])} of train, taken out of it" if name in sizes else name)
        for role, name in names.items()
        if role != name
    ]
    same = [role for role, name in names.items() if role == name]
    parts = [*([f"the data's own {listed(same)}"] if same else []), *parts]
    if "test" not in names:
        parts.append("no test split: val chose the epoch, and its scores are optimistically biased")
    apart = _named_alike(spec)
    if apart:
        parts.append(
            f"{listed(apart)} beside it: to be used as a split it needs a name like "
            "train.csv or test.csv, in one folder"
        )
    return "; ".join(parts)


def _named_alike(spec: Spec) -> list[str]:
    """Return files that look like other splits of a file: `reviews_test.csv`."""
    file = path_of(spec)
    if not supplier_of(spec).is_of_paths or not file.is_file():
        return []
    stem, ending = stem_of(file), file.name.removeprefix(stem_of(file))
    base = re.sub(rf"[-_.]?({'|'.join(SPLIT_NAMES)})$", "", stem, flags=re.IGNORECASE)
    names = [f"{base}{mark}{split}{ending}" for mark in "-_." for split in ("test", *VAL_NAMES)]
    return [n for n in names if n != file.name and file.with_name(n).is_file()]
