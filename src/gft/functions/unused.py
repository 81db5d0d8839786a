"""Arguments that were given and do nothing, for they belong to other tasks."""

from __future__ import annotations

from gft.errors import listed
from gft.language.arguments import ARGUMENTS
from gft.language.program import Options
from gft.tasks.protocol import Task


def unused(options: Options, task: Task) -> list[str]:
    """Return a note for each argument that was given and belongs to other tasks than this one."""
    told = []
    for name in sorted(options.given):
        homes = ARGUMENTS[name].tasks
        if homes and task.name not in homes:
            told.append(f"--{name} belongs to {listed(homes)}; it has no effect on {task.name}")
    if options.max_length and not task.longest:
        told.append(f"--max_length counts tokens of text; it has no effect on {task.name}")
    return told
