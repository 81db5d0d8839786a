"""The arguments of a push."""

from __future__ import annotations

from gft.language.argument import OUTPUT, PUSH, Arguments, argument


# fmt: off
class Pushing(Arguments):
    """What of a fit goes to a hub, and to whom."""

    public: bool = argument(False, "anyone may see it: else it is private", OUTPUT, PUSH, identity=False, common=True)
    yes: bool = argument(False, "push without a question: for scripts", OUTPUT, PUSH, identity=False, common=True)
    also: tuple[str, ...] | None = argument(None, "files of the folder that else stay here: report.html, metrics.json", OUTPUT, PUSH, identity=False, common=True)
    license: str | None = argument(None, "the licence of what is pushed, as the hub spells it: apache-2.0 (that of the base model, where it says one)", OUTPUT, PUSH, identity=False, common=True)
    language: tuple[str, ...] | None = argument(None, "the languages of the texts, as codes: en (those of the base model, where it says some)", OUTPUT, PUSH, identity=False, common=True)
