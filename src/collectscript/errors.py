"""Every exception that collectscript raises on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collectscript.problems import Problem


class CollectscriptError(Exception):
    """Base of all errors of this library: catch this one to catch them all."""


class CorpusNotFound(CollectscriptError, FileNotFoundError):
    """There is no corpus at the place asked for, nor in the installed package or checkout."""


class CorpusError(CollectscriptError, ValueError):
    """A corpus cannot be loaded; `problems` lists everything that is wrong in all of its files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        """All problems found, ordered by path and line."""
        shown = "\n".join(str(problem) for problem in self.problems[:20])
        more = f"\n... and {len(self.problems) - 20} more" if len(self.problems) > 20 else ""
        super().__init__(f"{len(self.problems)} problem(s) in the corpus:\n{shown}{more}")


class InvalidValue(CollectscriptError, ValueError):
    """A value given to the API is not allowed; the message names field, value and near ones."""


class MissingFacts(InvalidValue):
    """A text has slots without a value, and the facts were said to be strict; the message names text and slots."""


class UnknownId(CollectscriptError, KeyError):
    """No entry has this id; the message names near ones."""

    def __str__(self) -> str:
        # KeyError shows its argument's repr; a sentence should read as a sentence.
        return str(self.args[0]) if self.args else ""
