"""What goes wrong between a client and its hub, in one line of ours."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from gft.errors import GftError, UserError, first_line, listed, no_such
from gft.language.spec import Spec

WAITS = (0.5, 2.0)
"""Seconds before the second and the third attempt of a request that failed on the way."""

INCOMPLETE = "Consistency check failed"
"""How the client begins to say that a file has another size than the hub named."""

T = TypeVar("T")
KINDS = {"model": "model", "dataset": "data set"}


def asked(question: Callable[[], T]) -> T:
    """Return what `question` returns, asked again when the hub or the network only stumbled."""
    for wait in WAITS:
        try:
            return question()
        except Exception as problem:
            if not _stumbled(cause_of(problem)):
                raise
        time.sleep(wait)
    return question()


def unreachable(problem: BaseException) -> bool:
    """Whether the hub gave no answer, or none worth the name: what is cached may do."""
    from huggingface_hub import errors

    cause = cause_of(problem)
    if isinstance(cause, errors.HfHubHTTPError):
        return _status(cause) >= 500 or _status(cause) == 429
    if isinstance(cause, errors.LocalEntryNotFoundError | ConnectionError | TimeoutError):
        return True
    # Whatever library the client speaks HTTP with, this is the root of its errors.
    return any(base.__name__ == "HTTPError" for base in type(cause).__mro__)


def senseless(problem: BaseException) -> bool:
    """Whether what answered is no hub: a proxy's page, a login, or half of an answer."""
    from huggingface_hub import errors

    if isinstance(problem, errors.HFValidationError):
        return False
    wrong = (NoAnswer, errors.FileMetadataError, ValueError, KeyError, TypeError, AttributeError)
    return isinstance(problem, wrong) or _is_page(problem)


def _is_page(problem: BaseException) -> bool:
    """Whether a refusal is a page for people: a hub refuses in JSON, with a code."""
    response = getattr(problem, "response", None)
    if response is None or unreachable(problem) or "X-Error-Code" in response.headers:
        return False
    return str(response.headers.get("Content-Type")).startswith("text/html")


def unknown(problem: BaseException) -> bool:
    """Whether the hub has no such repository, or none that it shows us."""
    from huggingface_hub import errors

    if isinstance(problem, errors.GatedRepoError | errors.RevisionNotFoundError):
        return False
    return isinstance(problem, errors.RepositoryNotFoundError) or _status(problem) in (401, 404)


def reason(problem: BaseException) -> str:
    """Return why the hub is unreachable, as the beginning of a sentence."""
    from huggingface_hub import constants, errors

    cause = cause_of(problem)
    if isinstance(cause, errors.OfflineModeIsEnabled) or constants.HF_HUB_OFFLINE:
        return "HF_HUB_OFFLINE is set"
    if isinstance(cause, errors.HfHubHTTPError) and _status(cause) and not senseless(cause):
        return f"the hub at {constants.ENDPOINT} answers {_status(cause)}"
    if senseless(cause):
        return (
            f"the server at {constants.ENDPOINT} is not a hub, or its answer is incomplete "
            "(a proxy or login page?)"
        )
    return f"the hub at {constants.ENDPOINT} cannot be reached ({first_line(cause)})"


DOWNLOADED, PUSHED = "what was downloaded is kept", "nothing was pushed"
PERHAPS_PUSHED = "the hub may or may not have stored the files"
"""What a connection that failed has left while the hub was storing what it had received."""


def explained(
    problem: BaseException, kind: str, name: str, left: str = DOWNLOADED
) -> GftError | None:
    """Return what to tell the user of a hub's refusal or silence, None if it is neither.

    `left` says what a connection that failed has left.
    """
    from huggingface_hub import constants, errors

    cause = cause_of(problem)
    what = f"{KINDS[kind]} {name!r}"
    page = f"{constants.ENDPOINT}/{'datasets/' if kind == 'dataset' else ''}{name}"
    login = "log in with 'hf auth login' or set HF_TOKEN"
    if isinstance(cause, errors.GatedRepoError):
        return UserError(f"{what} is gated: accept its terms at {page}, then {login}")
    if isinstance(cause, errors.RevisionNotFoundError):
        return NoRevision(f"{what} has no such revision; {page} lists its branches and tags")
    if isinstance(cause, errors.HFValidationError):
        return UserError(
            f"{name!r} cannot be the name of a {KINDS[kind]}: expected NAME or OWNER/NAME, of at "
            "most 96 letters (a to z), digits, '-', '_' and '.', beginning and ending with a "
            "letter or a digit, without '--' and '..', and not ending in '.git'"
        )
    if _is_page(cause):
        return GftError(f"{what}: {reason(cause)}; nothing of that is kept")
    if unreachable(cause):
        return GftError(f"{what}: {reason(cause)}; {left}, so try again")
    if isinstance(cause, errors.FileMetadataError):
        return GftError(f"{what}: {reason(cause)}; nothing of that is kept")
    if isinstance(cause, OSError) and str(cause).startswith(INCOMPLETE):
        return GftError(
            f"{what}: a file came with another size than the hub says it has; nothing of it is "
            "kept, so try again"
        )
    if isinstance(cause, errors.HfHubHTTPError) and _status(cause) in (401, 403):
        return UserError(f"the hub refuses access to {what}: {login}, and see {page}")
    if isinstance(cause, errors.HfHubHTTPError):
        return GftError(f"{what}: the hub answers {_status(cause)}: {first_line(cause)}")
    return None


def explained_push(problem: BaseException, name: str, left: str) -> GftError | None:
    """Return what to tell the user of a push that the hub did not take, None if it is not known.

    The hub knows best why: a quota, a file that is too large, a token that may not write.
    """
    cause = cause_of(problem)
    words = getattr(cause, "server_message", None)
    if type(cause) is ValueError:  # The client's, for files that the hub's storage refuses.
        words = str(cause).splitlines()[-1].rpartition(": ")[2]
    elif not words or _status(cause) in (401, 404, 429) or not 400 <= _status(cause) < 500:
        return explained(problem, "model", name, left)
    token = "; 'hf auth login' or HF_TOKEN sets a token that may write"
    return UserError(
        f"the hub does not accept model {name!r}: {words.splitlines()[0].strip('`')}; {PUSHED}"
        f"{token if _status(cause) == 403 else ''}"
    )


def explained_search(problem: BaseException, kind: str) -> GftError | None:
    """Return what to tell the user of a search that failed, None if the hub has no part in it."""
    from huggingface_hub import errors

    what = f"the {KINDS[kind]}s cannot be searched"
    absent = unreachable(problem) or isinstance(problem, errors.OfflineModeIsEnabled)
    if absent or senseless(problem):
        return GftError(f"{what}: {reason(problem)}")
    if isinstance(problem, errors.HfHubHTTPError):
        return GftError(f"{what}: the hub answers {_status(problem)}: {first_line(problem)}")
    return None


def no_config(spec: Spec, names: list[str]) -> str:
    """Return the message for a configuration that is missing or does not exist."""
    if spec.config is not None:
        return no_such("configuration", spec.config, names, f"H:{spec.key}")
    return (
        f"H:{spec.key} has several configurations: write H:{spec.key},NAME "
        f"with NAME one of {listed(names, 30)}"
    )


class NoAnswer(Exception):
    """What came in place of an answer of the hub."""


class NoRevision(UserError):
    """A repository exists, but not the revision that was asked for."""


def cause_of(problem: BaseException) -> BaseException:
    """Return what lies behind the client's 'not in the cache either' and `datasets`' wrappings."""
    from huggingface_hub import errors

    wrappers = (errors.LocalEntryNotFoundError, errors.RevisionResolutionError)
    while problem.__cause__ is not None and (
        isinstance(problem, wrappers)
        or type(problem).__name__ in ("DatasetGenerationError", "DatasetNotFoundError")
        or type(problem) in (ConnectionError, RuntimeError)  # RuntimeError: of an upload
        # `datasets` calls every file missing that it could not get.
        or isinstance(problem.__cause__, errors.LocalEntryNotFoundError)
    ):
        problem = problem.__cause__
    return problem


def _status(problem: BaseException) -> int:
    response = getattr(problem, "response", None)
    return int(response.status_code) if response is not None else 0


def _stumbled(problem: BaseException) -> bool:
    """Whether the same request may well succeed: not when there is no network at all."""
    from huggingface_hub import errors

    if isinstance(problem, errors.OfflineModeIsEnabled) or "Connect" in type(problem).__name__:
        return False
    return unreachable(problem) and not isinstance(problem, errors.LocalEntryNotFoundError)
