"""Help pages, made from the table of arguments."""

from __future__ import annotations

import textwrap

from gft.language.argument import Argument, Table

SUMMARY = {
    "init": "Look at a file of your own and print the gft_fit line it suggests, with reasons.",
    "fit": "Fine-tune a pre-trained model: one equation says what to predict from what.",
    "predict": "Apply a model to each line of standard input, or to a split of a data set.",
    "serve": "Answer requests over HTTP with one model or several, until it is stopped.",
    "push": "Push a fit to a hub, private by default, after listing what will be uploaded.",
    "eval": "Score a model on a split of a data set, with 95 % intervals.",
    "summary": "Say what is in a data set, a model, a task or a fitted folder; search a hub.",
    "cat_data": "Write a split of a data set as rows.",
    "export": "Write a model as an ONNX graph, and compare it with the model before it is kept.",
}
EXAMPLE = {
    "init": "gft_init reviews.csv",
    "fit": "gft_fit --model H:bert-base-cased --data H:glue,qqp --metric H:glue,qqp \\\n"
    "      --output_dir $outdir --eqn 'classify: label ~ question1 + question2'",
    "predict": "echo 'a very fine day' | gft_predict --model C:$outdir",
    "serve": "gft_serve C:$outdir\n  gft_serve reviews=C:$outdir C:other --port 9000",
    "push": "gft_push C:$outdir NAME/MODEL",
    "eval": "gft_eval --model C:$outdir --data H:glue,qqp --split validation",
    "summary": "gft_summary $outdir\n"
    "  gft_summary --model H:bert-base-cased --data H:glue,qqp    (whether and how they fit)\n"
    "  gft_summary --model H:__contains__bert --topn 10\n"
    "  gft_summary --model H:__infer__ --data H:emotion           (what was trained on it)",
    "cat_data": "gft_cat_data --data H:glue,qqp --split train | head",
    "export": "gft_export --model C:$outdir --to onnx",
}
_NAME_WIDTH = 34
_WIDTH = 96


def help_text(function: str, table: Table, everything: bool = False) -> str:
    """Return the help page of a command: the common arguments, or every one."""
    shown = [
        one
        for one in table.values()
        if function in one.functions and (everything or (one.common and not one.no_effect))
    ]
    lines = [f"gft_{function}: {SUMMARY[function]}", "", f"  {EXAMPLE[function]}"]
    for group in dict.fromkeys(argument.group for argument in shown):
        lines += ["", f"{group}:"]
        for argument in shown:
            if argument.group == group:
                lines += _entry(argument)
    lines += ["", "other:", *_aligned("-h, --help", "this page")]
    lines += _aligned("--version", "the version")
    if not everything:
        lines += _aligned("--help_all", "every argument, the trainer's own too")
    return "\n".join(lines) + "\n"


def _entry(argument: Argument) -> list[str]:
    short = f"-{argument.short}, " if argument.short else ""
    value = {"flag": "", "flag or text": " [X]", "texts": " X ..."}.get(argument.kind, " X")
    default = "" if argument.default in (None, False) else f" ({_shown(argument.default)})"
    effect = f": no effect, {argument.no_effect}" if argument.no_effect else ""
    return _aligned(f"{short}--{argument.name}{value}", argument.help + effect + default)


def _shown(default: object) -> str:
    return f"{default:g}" if isinstance(default, float) else str(default).lower()


def _aligned(option: str, text: str) -> list[str]:
    begin, indent = f"  {option:<{_NAME_WIDTH}}", " " * (_NAME_WIDTH + 2)
    own_line = [begin.rstrip()] if len(option) >= _NAME_WIDTH else []
    first = indent if own_line else begin
    wrapped = textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=indent)
    return [*own_line, *wrapped] or [begin]
