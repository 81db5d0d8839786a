"""Tables of the pages that come from the code: `python docs/from_code.py` writes them.

A page has a pair of comments, `<!-- from code: PART -->` and `<!-- end -->`. This script writes
what is between them, and a test checks that pages and code agree.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import picture
from gft.language.argument import FUNCTIONS, Argument
from gft.language.help import SUMMARY
from gft.language.older_names import OLDER
from gft.metrics.glue import TASKS as GLUE
from gft.metrics.glue import merit_of, parts_of
from gft.metrics.table import find, merit, names_for
from gft.predict_only.protocol import PredictOnly
from gft.registry import acts as acts_in
from gft.registry import arguments as known_arguments
from gft.registry import predict_only, tasks
from gft.suppliers.installed import suppliers
from gft.tasks.protocol import Task
from in_markdown import code, table
from python_api import python, results

DOCS = Path(__file__).parent
TABLE = known_arguments()
PART = re.compile(r"(<!-- from code: (\w+)(?: ([\w /]+))? -->\n).*?(<!-- end -->)", re.DOTALL)
KINDS = {
    "text": "text",
    "texts": "one or more texts",
    "whole": "a whole number",
    "number": "a number",
    "flag": "a flag",
    "flag or text": "a flag or a text",
    "json": "JSON, or a file of it",
}


MORE = {
    "output_dir": "output_folder.md",
    "class_weight": "recipes/uneven.md",
    "max_length": "recipes/long_texts.md",
    "windows": "recipes/long_texts.md",
    "corrections": "recipes/label_errors.md",
    "correct_held_out": "recipes/label_errors.md",
    "max_windows": "recipes/long_texts.md",
    "dry_run": "functions/gft_fit.md",
    "peft": "performance.md",
    "figure_of_merit": "metrics.md",
}
"""Pages that say more about an argument, besides the page of its own name."""


def main() -> int:
    """Write every part of every page and the picture again; return the exit status."""
    for page in sorted(DOCS.rglob("*.md")):
        before = page.read_text(encoding="utf-8")
        after = written(before)
        if after != before:
            page.write_text(after, encoding="utf-8", newline="\n")
            print(f"wrote {page.relative_to(DOCS)}")
    if picture.write():
        print(f"drew {picture.PICTURE.relative_to(DOCS)}")
    return 0


def written(page: str) -> str:
    """Return the text of a page with its parts made anew. Raises `KeyError` for an unknown part."""

    def part(found: re.Match[str]) -> str:
        made = PARTS[found[2]](*(found[3] or "").split())
        return f"{found[1]}\n{made.strip()}\n\n{found[4]}"

    return PART.sub(part, page)


def sentence(text: str) -> str:
    """Return a text with a capital letter and a full stop, escaped for markdown."""
    plain = re.sub(r"(?<![`\w])\[(\w+)\]", r"`[\1]`", text).replace("*", r"\*")
    plain = re.sub(r"(?<!`)(--\w+)", r"`\1`", plain)
    named = re.match(r"\w+[:=,]", plain)  # A value, such as auto or tsv, is written as it is.
    return f"{plain[0] if named else plain[0].upper()}{plain[1:]}."


# The arguments ---------------------------------------------------------------------------------


def arguments() -> str:
    """Return every argument under its group, the common ones first."""
    lines = []
    acting = [one for one in TABLE.values() if not one.no_effect]
    for group in dict.fromkeys(one.group for one in acting):
        inside = [one for one in acting if one.group == group]
        lines.append(f"## {group[0].upper()}{group[1:].partition(' (')[0]}\n")
        for one in sorted(inside, key=lambda one: not one.common):
            lines.append(f"### {one.name}\n\n{described(one)}\n")
    return "\n".join(lines)


def described(one: Argument) -> str:
    """Return the description of an argument: what it does, its values, its commands and tasks."""
    said = [KINDS[one.kind]]
    if one.choices and len(one.choices) <= 12:
        said = [f"{KINDS[one.kind]}: {code(one.choices)}"]
    elif one.choices:
        said = [f"one of {len(one.choices)} names: {code(one.choices)}"]
    limits = [
        f"{words} {value:.10g}"
        for words, value in (
            ("greater than", one.above),
            ("at least", one.least),
            ("at most", one.most),
        )
        if value is not None
    ]
    said += [", ".join(limits)] if limits else []
    if one.default not in (None, False):
        said.append(f"default `{written_default(one.default)}`")
    said.append(f"short form `-{one.short}`" if one.short else "")
    where = "every command" if set(FUNCTIONS) <= one.functions else code(
        f"gft_{name}" for name in FUNCTIONS if name in one.functions
    )  # fmt: skip
    readers = tasks_of(one)
    only = f"; only for {code(readers)}" if readers else ""
    values = "; ".join(text for text in said if text)
    page = next((page for page in (f"{one.name}.md", f"../{MORE.get(one.name)}")
                 if (DOCS / "arguments" / page).is_file()), "")  # fmt: skip
    more = f" [More]({page})." if page else ""
    return f"{sentence(one.help)} *{values[0].upper()}{values[1:]}.* In {where}{only}.{more}"


def tasks_of(one: Argument) -> list[str]:
    """Return the tasks in which an argument has an effect, none if it has one in all of them."""
    kinds = [*tasks().values(), *predict_only().values()]
    inside = [
        kind.name
        for kind in kinds
        if any(acts_in(one.name, function, kind) for function in one.functions)
    ]
    return [] if set(tasks()) <= set(inside) else inside


def written_default(default: object) -> str:
    """Return a default as a user writes it."""
    return f"{default:g}" if isinstance(default, float) else str(default).lower()


def without_effect() -> str:
    """Return the arguments that are accepted and have no effect, with the reason."""
    rows = [
        (f"`{one.name}`", str(one.no_effect))
        for one in sorted(TABLE.values(), key=lambda one: one.name)
        if one.no_effect
    ]
    return table(("argument", "reason"), rows)


def older() -> str:
    """Return the names that arguments had in the past."""
    rows = [
        (f"`{name}`", f"[`{one.now}`](#{one.now})" if acts(one.now) else gone(one.now, one.reason))
        for name, one in sorted(OLDER.items())
    ]
    return table(("older name", "current name"), rows)


def acts(name: str | None) -> bool:
    """Return whether an argument has an effect."""
    return name is not None and not TABLE[name].no_effect


def gone(name: str | None, reason: str) -> str:
    """Return why a name has no effect any more."""
    return f"no effect: {reason or (TABLE[name].no_effect if name else '')}"


def arguments_of(function: str) -> str:
    """Return the common arguments of a command, and how many more there are."""
    taken = [one for one in TABLE.values() if function in one.functions and not one.no_effect]
    common = [one for one in taken if one.common]
    rows = [
        (f"[`--{one.name}`](../arguments/all.md#{one.name})", sentence(one.help)[:-1])
        for one in common
    ]
    more = len(taken) - len(common)
    rest = f"\n\nand {more} more: `gft_{function} --help_all`, or " if more else "\n\nSee "
    return table(("argument", "means"), rows) + f"{rest}[every argument](../arguments/all.md)."


def functions() -> str:
    """Return the commands, one line each."""
    rows = [(f"[`gft_{name}`](gft_{name}.md)", SUMMARY[name]) for name in FUNCTIONS]
    return table(("command", "does"), rows)


# The tasks -------------------------------------------------------------------------------------


def metrics_of(task: type[Task]) -> str:
    """Return the metrics that a task is scored by; the first picks the best epoch."""
    metrics = [find(name, None, task.target) for name in task.metrics]
    return code(dict.fromkeys(one.name for metric in metrics for one in metric.measures(())))


def all_tasks(folder: str = "") -> str:
    """Return the tasks that are fitted; their pages are in a folder."""
    rows = [
        (f"[`{name}`]({folder}{name}.md)", task.left, task.right, metrics_of(task))
        for name, task in sorted(tasks().items())
    ]
    return table(("task", "left of `~`", "right of `~`", "metrics"), rows)


def spellings() -> str:
    """Return the other names of every task."""
    rows = [(f"`{name}`", code(task.aliases)) for name, task in sorted(tasks().items())]
    return table(("task", "other names"), rows)


def task_facts(name: str) -> str:
    """Return the facts of a task."""
    task = tasks()[name]
    rows = [
        ("Predicts", task.summary),
        ("Other names", code(task.aliases)),
        ("Left of `~`", task.left),
        ("Right of `~`", task.right),
        ("Model head", f"`{task.head}`"),
        ("Metrics", f"{metrics_of(task)}; the first picks the best epoch"),
        ("Other metrics", code(names_for(task.target))),
        ("Default model of `gft_predict`",
         f"`H:{task.default_model}`" if task.default_model else "none"),
    ]  # fmt: skip
    return table(("", ""), rows)


def all_predict_only() -> str:
    """Return the tasks that only predict."""
    rows = [
        (f"[`{name}`](#{name})", task.summary, task.right)
        for name, task in sorted(predict_only().items())
    ]
    return table(("task", "returns", "a row is"), rows)


def predict_only_facts(name: str) -> str:
    """Return the facts of a task that only predicts."""
    task: type[PredictOnly] = predict_only()[name]
    rows = [
        ("Other names", code(task.aliases)),
        ("A row", task.right),
        ("Model head", " or ".join(f"`{head}`" for head in task.heads)),
        ("Default model", f"`H:{task.default_model}`"),
    ]
    return table(("", ""), rows)


# Metrics and suppliers -------------------------------------------------------------------------


def metrics() -> str:
    """Return the built-in metrics by target type."""
    every = sorted(tasks().items())
    targets = {task.target.name: task.target for _, task in every}
    rows = [
        (", ".join(f"[`{name}`](tasks/{name}.md)" for name, task in every
                   if task.target.name == measured),
         measured, code(target.metric_names()))
        for measured, target in targets.items()
    ]  # fmt: skip
    return table(("tasks", "target type", "metrics"), rows)


def glue() -> str:
    """Return the metrics of each task of GLUE."""
    rows = []
    for name in GLUE:
        metrics = parts_of(name)
        measures = [one.name for metric in metrics for one in metric.measures(())]
        chosen = merit(metrics, (), merit_of(name))
        rows.append((f"`H:glue,{name}`", code(measures), f"`{chosen.name}`"))
    return table(("`--metric`", "metrics", "selection metric"), rows)


def all_suppliers() -> str:
    """Return the suppliers and their names."""
    rows = [
        (f"`{letter}:`", code(supplier.names)) for letter, supplier in sorted(suppliers().items())
    ]
    return table(("prefix", "other names"), rows)


PARTS: dict[str, Callable[..., str]] = {
    "arguments": arguments,
    "arguments_of": arguments_of,
    "without_effect": without_effect,
    "older": older,
    "functions": functions,
    "tasks": all_tasks,
    "spellings": spellings,
    "task": task_facts,
    "predict_only": all_predict_only,
    "predict_only_task": predict_only_facts,
    "metrics": metrics,
    "glue": glue,
    "suppliers": all_suppliers,
    "python": python,
    "results": results,
}

if __name__ == "__main__":
    sys.exit(main())
