"""Every argument is read in a function and task, or a note says that it is not: none is silent."""

from __future__ import annotations

import ast
from itertools import product
from typing import Any

import pytest
from readers import Read, modules, reached, reads

from gft import events
from gft.language.argument import FUNCTIONS, RUNS_MODEL, Arguments, TaskArguments, rows
from gft.language.command_line import normalize
from gft.language.older_names import OLDER
from gft.language.options import ReadFirst, Synonyms, Written
from gft.language.program import Options, Program
from gft.registry import arguments, configured, predict_only, tables, tasks
from gft.suppliers.installed import suppliers
from gft.tasks.classify_several import ClassifySeveral
from gft.tasks.generate_causal import GenerateCausal
from gft.tasks.options import Batches, LabelMap, TextLength

TABLE = arguments()
TABLES = {table.__name__: table for table in tables()}
BESIDE_THE_TRAINERS = (
    "max_length", "max_seq_length", "pad_to_max_length", "doc_stride", "is_split_into_words",
    "max_train_samples", "max_eval_samples", "max_answer_length", "n_best_size",
    "null_score_diff_threshold", "version_2_with_negative", "chars_to_ignore", "unk_token",
    "pad_token", "word_delimiter_token", "phoneme_language", "freeze_feature_encoder",
    "freeze_feature_extractor", "layerdrop", "attention_dropout", "activation_dropout",
    "hidden_dropout", "feat_proj_dropout", "final_dropout", "mask_time_prob", "mask_time_length",
    "mask_feature_prob", "mask_feature_length", "ctc_loss_reduction", "min_duration_in_seconds",
    "max_duration_in_seconds", "text_field", "base_model", "tokenizer_name_or_path", "cache_dir",
    "data_dir", "use_auth_token", "preprocessing_num_workers", "overwrite_cache",
    "preprocessing_only", "top_k", "return_all_scores", "num_return_sequences", "delimiter",
    "labels", "max_len", "topn", "fast_mode", "do_not_catch_errors", "dataset_config_name",
    "class_weight", "precision", "early_stopping_patience", "label_map", "trust_remote_code",
)  # fmt: skip
"""What the language promises to take beside the fields of `transformers.TrainingArguments`."""


ON_BEHALF = (Batches, TextLength, LabelMap)
"""What rooms below read for the tasks that name it: batches and texts are theirs to make."""
FITTED = [*tasks().values(), ClassifySeveral, GenerateCausal]
EVERY_KIND = [*FITTED, *predict_only().values()]
KINDS = [
    *product(("fit", "predict", "eval"), FITTED),
    *product(("predict",), predict_only().values()),
]
"""Every function that has a task, with every task that it may have."""
RULES = [table for table in tables() if not issubclass(table, ReadFirst | Synonyms | Written)]
ACTING = [(table, row) for table in RULES for row in rows(table) if not row.no_effect]


def readers(table: type[Arguments], name: str) -> set[str]:
    """Return the modules that read an argument of a table, or of one that extends it."""
    return {one.module for one in reads() if one.name == name and issubclass(one.table, table)}


def of_task(kind: type[Any]) -> set[str]:
    """Return the modules of a task and those of its room that these import."""
    own = {one.__module__ for one in kind.__mro__} & modules().keys()
    room = kind.__module__.rpartition(".")[0]
    return {module for module in reached(*own) if module.startswith((room, "gft.tasks"))} | own


def test_a_reading_is_no_string() -> None:
    assert Read("gft.tasks.ctc", TABLES["CtcOptions"], "unk_token") in reads()
    assert Read("gft.engine.fitting", TABLES["HandedOn"], "optim_args") in reads()
    assert not readers(TABLES["CtcOptions"], "no_such_name")


@pytest.mark.parametrize(("table", "row"), ACTING, ids=lambda one: getattr(one, "name", None))
def test_an_argument_is_read_in_every_function_that_takes_it(
    table: type[Arguments], row: Any
) -> None:
    found = readers(table, row.name)
    assert found
    rooms = {type(one).__module__ for one in suppliers().values()}
    rooms |= {kind.__module__ for kind in EVERY_KIND}
    for function in row.functions:
        assert found & reached(f"gft.commands.{function}", "gft.commands.shell", *rooms)


def test_what_depends_on_the_task_acts_where_a_task_is_configured() -> None:
    for table, row in ACTING:
        assert not issubclass(table, TaskArguments) or row.functions <= RUNS_MODEL
    elsewhere = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "configured"
        if not (isinstance(node.value, ast.Call) and ast.unparse(node.value) == "super()")
    }
    assert elsewhere == {"gft.registry", "gft.tasks.columns"}  # the latter of kinds of inputs


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_task_reads_what_it_says_and_says_what_it_reads(kind: type[Any]) -> None:
    mine = of_task(kind)
    for table in kind.reads:
        for row in rows(table):
            where = modules().keys() if issubclass(table, ON_BEHALF) else mine
            assert readers(table, row.name) & where, (table, row.name)
    own = {one.__module__ for one in kind.__mro__}
    for one in reads():
        if one.module in own and issubclass(one.table, TaskArguments):
            beside = [other for other in EVERY_KIND if other.__module__ == one.module]
            assert one.name in named(*(beside if len(beside) > 1 else [kind])), one


def named(*kinds: type[Any]) -> set[str]:
    """Return the arguments that some of these tasks say they read."""
    return {row.name for kind in kinds for table in kind.reads for row in rows(table)}


class Stand:
    """A task that only says what it reads."""

    left = "a column"

    def __init__(self, kind: type[Any]) -> None:
        self.name, self.reads = kind.name, kind.reads

    def configured(self, options: Options) -> Options:
        return options


@pytest.mark.parametrize(("function", "kind"), KINDS)
def test_every_argument_acts_or_is_noted(function: str, kind: type[Any]) -> None:
    own = {row.name for table in kind.reads for row in rows(table) if function in row.functions}
    general = {
        row.name
        for table in tables()
        for row in rows(table)
        if function in row.functions and not row.no_effect
        if not issubclass(table, TaskArguments) or (table is Batches and kind in FITTED)
    }
    for name in TABLE:
        said: list[str] = []
        parsed = normalize(function, {name: value_for(name)}, TABLE)
        program = Program(function, (), (), (), None, None, None, Options(parsed.given))
        with events.to(lambda event, said=said: said.append(event.line())), events.command("gft"):
            configured(Stand(kind), program)
        told = " ".join((*parsed.notes, *said))
        assert (f"--{name} " in told and "no effect" in told) == (name not in own | general), told


def value_for(name: str) -> str:
    now = OLDER[name].now if name in OLDER else name
    if now is None:
        return "word"
    argument = TABLE[now]
    if argument.choices:
        return argument.choices[0]
    return {"flag": "true", "whole": "2", "number": "0.5"}.get(argument.kind, "word")


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", BESIDE_THE_TRAINERS)
def test_what_is_promised_is_taken_everywhere(name: str, function: str) -> None:
    parsed = normalize(function, {name: value_for(name)}, TABLE)
    told = " ".join(parsed.notes)
    if parsed.given:
        assert set(parsed.given) <= TABLE.keys()
    else:
        assert f"--{name} " in told and "no effect" in told


@pytest.mark.parametrize("name", BESIDE_THE_TRAINERS)
def test_it_acts_in_some_command_or_says_in_none(name: str) -> None:
    parsed = [normalize(function, {name: value_for(name)}, TABLE) for function in FUNCTIONS]
    acting = [one for one in parsed if one.given]
    reasons = {note for one in parsed for note in one.notes if "has no effect:" in note}
    assert bool(acting) != bool(reasons), (acting, reasons)
