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
    from collectscript.checking import Finding, check
    from collectscript.contact import Contact, Limits, Permission, may_contact
    from collectscript.context import Context
    from collectscript.customers import CustomerGuess, Sign
    from collectscript.encoder import Encoder, SmallEncoder
    from collectscript.halting import HardStop, Pause
    from collectscript.knowledge import KnowledgeBase, load
    from collectscript.match import Evidence, Match, MatchResult
    from collectscript.model import ComplianceRule, Objection, Overlay, Page, Part, Response, Stop
    from collectscript.note import Note
    from collectscript.redaction import redact
    from collectscript.respond import Answer, RankedResponse
    from collectscript.slots import Facts, instalments

_HOMES = {
    "Answer": "respond",
    "ComplianceRule": "model",
    "Contact": "contact",
    "Context": "context",
    "CustomerGuess": "customers",
    "Encoder": "encoder",
    "Evidence": "match",
    "Facts": "slots",
    "Finding": "checking",
    "HardStop": "halting",
    "KnowledgeBase": "knowledge",
    "Limits": "contact",
    "Match": "match",
    "MatchResult": "match",
    "Note": "note",
    "Objection": "model",
    "Overlay": "model",
    "Page": "model",
    "Part": "model",
    "Pause": "halting",
    "Permission": "contact",
    "RankedResponse": "respond",
    "Response": "model",
    "Sign": "customers",
    "SmallEncoder": "encoder",
    "Stop": "model",
    "check": "checking",
    "instalments": "slots",
    "load": "knowledge",
    "may_contact": "contact",
    "redact": "redaction",
}
"""Public names and the modules they live in; imported when first used, so that a start pays for what it needs."""

__all__ = [
    "Answer",
    "CollectscriptError",
    "ComplianceRule",
    "Contact",
    "Context",
    "CorpusError",
    "CorpusNotFound",
    "CustomerGuess",
    "Encoder",
    "Evidence",
    "Facts",
    "Finding",
    "HardStop",
    "InvalidValue",
    "KnowledgeBase",
    "Limits",
    "Match",
    "MatchResult",
    "MissingFacts",
    "Note",
    "Objection",
    "Overlay",
    "Page",
    "Part",
    "Pause",
    "Permission",
    "RankedResponse",
    "Response",
    "Sign",
    "SmallEncoder",
    "Stop",
    "UnknownId",
    "check",
    "instalments",
    "load",
    "may_contact",
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
