"""What `lint` says of an overlay: that it loads, the quality of its texts, and where the corpus has moved under it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectscript.lint import RESPONSE_RULES, Context, all_responses, checks_not_indexed, one_breath, responses_differ
from collectscript.markdown import read_document
from collectscript.model import NONE
from collectscript.overlay import FOLDERS, LOOSENED, Layers, lay, version_key
from collectscript.problems import Problem
from collectscript.text import Folder

CODES = {
    "CS261": "What an overlay replaces is still as it was when the overlay was written.",
    "CS262": "A sentence of an overlay means something else in the corpus; the overlay's meaning counts.",
    LOOSENED: "An overlay makes a compliance rule milder, replaces or hides it, and says why; or it gives a reason for nothing.",
}
"""What is no reason to refuse an overlay, but to look at it again."""


def review(base: Layers, files: Mapping[str, bytes], folder: Folder) -> list[Problem]:
    """Return everything that is wrong or worth a look in an overlay, by path and line.

    The rules about quantity (sixty utterances, five responses) are for the shipped corpus and are not asked of it.
    """
    laid, problems = lay(base, files, folder)
    if problems:
        return problems
    name = laid.corpus.overlays[-1].name
    context = Context(laid.corpus, folder)
    found = [*_changed(base, files), *_taken(base, laid, name, files, folder), *laid.loosened]
    for entry in laid.corpus.objections:
        if entry.origin == name:
            for rule in (one_breath, checks_not_indexed, responses_differ):
                found += rule(context, entry)
    for response in all_responses(laid.corpus):
        if response.origin == name:
            for response_rule in RESPONSE_RULES.values():
                found += response_rule(context, response)
    return sorted(set(found))


def _changed(base: Layers, files: Mapping[str, bytes]) -> Iterator[Problem]:
    """Yield every replacement whose base has another version than it was written against."""
    for path, data in files.items():
        kind = path.partition("/")[0]
        fields = read_document(path, data).fields if kind in FOLDERS else {}
        if "replaces" in fields and "based-on" in fields:
            target, based = fields["replaces"], fields["based-on"]
            version = base.versions.get(version_key(kind, target.text), "")
            if based.text != version:
                message = f"{target.text!r} has changed since {based.text}; compare, then write 'based-on: {version}'"
                yield Problem(path, based.line, "CS261", message)


def _taken(base: Layers, laid: Layers, name: str, files: Mapping[str, bytes], folder: Folder) -> Iterator[Problem]:
    """Yield every sentence that belonged to another entry before."""
    for path, data in files.items():
        if path.partition("/")[0] not in {"objections", "background"}:
            continue
        for section in read_document(path, data).root.walk():
            for item in section.bullets:
                text = folder.fold(item.text)
                before, now = base.said.get(text), laid.said.get(text)
                if before not in {None, now}:
                    owner = "the background" if before == NONE else before
                    message = f"{item.text!r} is a sentence of {owner} below; with {name} it means {now}"
                    yield Problem(path, item.line, "CS262", message)
