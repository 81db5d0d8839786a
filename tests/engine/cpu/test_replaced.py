"""A function is replaced for those who ask, and is the library's again when the last has gone."""

from __future__ import annotations

import threading
from types import SimpleNamespace

from gft.engine.cpu.replaced import Replacement


def test_threads_that_overlap_leave_the_librarys_function() -> None:
    def own() -> str:
        return "library"

    library = SimpleNamespace(function=own)
    replacement = Replacement(
        lambda: "ours",
        lambda: library.function,
        lambda function: setattr(library, "function", function),
    )
    entered, left, answers = threading.Event(), threading.Event(), []

    def second() -> None:
        answers.append(library.function())  # it did not ask yet
        with replacement.installed():
            entered.set()
            left.wait(10)
            answers.append(library.function())

    thread = threading.Thread(target=second)
    with replacement.installed(), replacement.installed():
        thread.start()
        assert entered.wait(10) and replacement.is_installed()
        assert library.function() == "ours"
    assert library.function() == "library" and not replacement.is_installed()
    left.set()
    thread.join()
    assert answers == ["library", "ours"]
    assert library.function is own
