"""Learn what overlays want flagged, in a fraction of a second, beside the phrase index of the corpus, which stays as it is.

The classes are the rules that overlays bring or extend. They are grown on the corpus's index as new objections are, so
that all it knows of lawful speech counts; then their columns, with that of lawful speech, are an index of their own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from collectscript.features import sound_table
from collectscript.grow import grow_index
from collectscript.index import Index
from collectscript.model import NONE, Scope
from collectscript.phrases import SENTENCE, Cutter
from collectscript.tightening import Rulebook


def grow_phrases(base: Index, rules: Rulebook) -> Index | None:
    """Return the index of the rules that overlays brought or extended; None when there are none. Deterministic.

    Args:
        base: The phrase index of the corpus.
        rules: Its rules with those of the overlays.

    """
    if not rules.own:
        return None
    law, fold = rules.own_law(), base.folder.fold
    flagged: dict[str, str] = {}
    for rule in law.rules:
        for phrase in rule.flag:
            if phrase.scope == Scope():
                flagged.setdefault(fold(phrase.text), rule.id)
    near = {
        fold(text): None
        for rule in law.rules
        for phrase in rule.lawful
        for text in (phrase.text, *SENTENCE.findall(phrase.text))
    }
    lawful = tuple(text for text in near if text and text not in flagged)
    own = {rule.id: tuple(text for text, owner in flagged.items() if owner == rule.id) for rule in law.rules}
    known = dict(zip(base.classes, base.utterances, strict=True))
    # A text that both have is an overlay's here, whatever it is in the corpus.
    ours = {
        name: tuple(text for text in texts if text not in flagged) for name, texts in known.items() if name not in own
    }
    groups = {name: texts for name, texts in ours.items() if name != NONE} | own
    groups[NONE] = tuple(dict.fromkeys((*ours[NONE], *lawful)))
    cutter = Cutter(law, base.folder, sound_table(base.sounds))
    grown = grow_index(_without_classes(base, own), groups, kept=frozenset([NONE]), more_keys=cutter.cut)
    columns = [grown.classes.index(name) for name in (*own, NONE)]
    rows = np.frombuffer(grown.rows, np.uint8).reshape(len(grown.keys), len(grown.classes))[:, columns]
    return replace(
        grown,
        classes=(*own, NONE),
        rows=rows.tobytes(),
        biases=tuple(grown.biases[column] for column in columns),
        utterances=(*own.values(), lawful),
    )


def _without_classes(base: Index, rules: Collection[str]) -> Index:
    """Return an index without the word classes of some rules: what overlays bring of a rule numbers its own anew."""
    prefixes = tuple(f"§{name}·" for name in rules)
    kept = [number for number, key in enumerate(base.keys) if not key.startswith(prefixes)]
    rows = np.frombuffer(base.rows, np.uint8).reshape(len(base.keys), len(base.classes))[kept]
    return replace(
        base,
        keys=tuple(base.keys[number] for number in kept),
        rarity=tuple(base.rarity[number] for number in kept),
        rows=rows.tobytes(),
    )
