"""What they say -> what to say: a curated Chinese corpus and matcher for lawful payment collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectscript.errors import (
    CollectscriptError,
    CorpusError,
    CorpusNotFound,
    InvalidValue,
    MissingFacts,
    UnknownId,
)

if TYPE_CHECKING:
    from collectscript.context import Context
    from collectscript.encoder import Encoder, SmallEncoder
    from collectscript.knowledge import KnowledgeBase, load
    from collectscript.match import Evidence, Match, MatchResult
    from collectscript.model import Objection, Page, Part, Response
    from collectscript.redaction import redact
    from collectscript.respond import Answer, RankedResponse
    from collectscript.slots import Facts, instalments

_HOMES = {
    "Answer": "respond",
    "Context": "context",
    "Encoder": "encoder",
    "Evidence": "match",
    "Facts": "slots",
    "KnowledgeBase": "knowledge",
    "Match": "match",
    "MatchResult": "match",
    "Objection": "model",
    "Page": "model",
    "Part": "model",
    "RankedResponse": "respond",
    "Response": "model",
    "SmallEncoder": "encoder",
    "instalments": "slots",
    "load": "knowledge",
    "redact": "redaction",
}
"""Public names and the modules they live in; imported when first used, so that a start pays for what it needs."""

__all__ = [
    "Answer",
    "CollectscriptError",
    "Context",
    "CorpusError",
    "CorpusNotFound",
    "Encoder",
    "Evidence",
    "Facts",
    "InvalidValue",
    "KnowledgeBase",
    "Match",
    "MatchResult",
    "MissingFacts",
    "Objection",
    "Page",
    "Part",
    "RankedResponse",
    "Response",
    "SmallEncoder",
    "UnknownId",
    "instalments",
    "load",
    "redact",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("collectscript")
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"collectscript.{_HOMES[name]}"), name)
    msg = f"module 'collectscript' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
