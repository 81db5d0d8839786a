"""The arguments of a push."""

from __future__ import annotations

from gft.language.argument import OUTPUT, PUSH, Arguments, argument


# fmt: off
class Pushing(Arguments):
    """What of a fit goes to a hub, and to whom."""

    public: bool = argument(False, "make the repository public (it is private)", OUTPUT, PUSH, identity=False, common=True)
    yes: bool = argument(False, "push without asking for confirmation", OUTPUT, PUSH, identity=False, common=True)
    also: tuple[str, ...] | None = argument(None, "other files of the folder to push: report.html, metrics.json", OUTPUT, PUSH, identity=False, common=True)
    license: str | None = argument(None, "the licence, as the hub writes it: apache-2.0 (that of the base model, if it has one)", OUTPUT, PUSH, identity=False, common=True)
    language: tuple[str, ...] | None = argument(None, "the languages of the texts, as codes: en (those of the base model, if it has any)", OUTPUT, PUSH, identity=False, common=True)
