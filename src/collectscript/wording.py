"""The word lists of `data/wording/`: what is folded, what sounds alike, and what is said elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from collectscript.problems import Problem
from collectscript.tables import read_rows
from collectscript.text import Folder

FIRST_SOUND = 0xE000
"""Sounds are written as private-use characters from here on, so that a sound is one character."""

TRADITIONAL = "wording/traditional.tsv"
SOUNDS = "wording/sounds.tsv"
CONFUSIONS = "wording/confusions.tsv"
DIALECTS = "wording/dialects.tsv"


def read_folder_table(files: Mapping[str, bytes], problems: list[Problem]) -> dict[str, str]:
    """Return the table of traditional characters and what they are read as."""
    rows = (
        read_rows(TRADITIONAL, files[TRADITIONAL], ("traditional", "simplified"), problems)
        if TRADITIONAL in files
        else []
    )
    table: dict[str, str] = {}
    for line, row in rows:
        if len(row["traditional"]) != 1 or len(row["simplified"]) != 1:
            problems.append(Problem(TRADITIONAL, line, "CS010", "more than one character; write one in each column"))
            continue
        table[row["traditional"]] = row["simplified"]
    for line, row in rows:
        if table.get(row["simplified"], row["simplified"]) != row["simplified"]:
            message = f"{row['simplified']!r} is itself folded further; write its final form"
            problems.append(Problem(TRADITIONAL, line, "CS010", message))
    return table


def read_folder(files: Mapping[str, bytes], problems: list[Problem] | None = None) -> Folder:
    """Return the folding that a corpus's word lists describe."""
    return Folder(read_folder_table(files, [] if problems is None else problems))


def read_sounds(files: Mapping[str, bytes], problems: list[Problem]) -> dict[str, str]:
    """Return for each character the private-use character of its sound, confusable sounds made one."""
    if SOUNDS not in files or CONFUSIONS not in files:
        return {}
    confusions = [
        row for _, row in read_rows(CONFUSIONS, files[CONFUSIONS], ("where", "heard", "read_as", "on"), problems)
    ]
    by_sound: dict[str, list[str]] = {}
    for _, row in read_rows(SOUNDS, files[SOUNDS], ("sound", "characters"), problems):
        by_sound.setdefault(_merged(row["sound"], confusions), []).extend(row["characters"])
    codes = {sound: chr(FIRST_SOUND + number) for number, sound in enumerate(sorted(by_sound))}
    return {char: codes[sound] for sound, chars in by_sound.items() for char in chars}


def read_dialects(files: Mapping[str, bytes], folder: Folder, problems: list[Problem]) -> list[dict[str, list[str]]]:
    """Return for each region, in the order of the file, its words by the standard word they stand for, all folded."""
    columns = ("region", "word", "standard")
    rows = read_rows(DIALECTS, files[DIALECTS], columns, problems) if DIALECTS in files else []
    lines: dict[tuple[str, str], int] = {}
    kept: list[tuple[int, str, str, str]] = []
    for line, row in rows:
        word, standard = folder.fold(row["word"]), folder.fold(row["standard"])
        if not (row["region"] and word and standard):
            problems.append(Problem(DIALECTS, line, "CS010", "an empty cell; write region, word and standard word"))
        elif word == standard:
            message = (
                f"{row['word']!r} is the standard word itself; write what is said instead of it, or delete the row"
            )
            problems.append(Problem(DIALECTS, line, "CS010", message))
        elif (row["region"], word) in lines:
            message = f"{row['word']!r} stands at line {lines[row['region'], word]} too; keep one standard word for it"
            problems.append(Problem(DIALECTS, line, "CS010", message))
        else:
            lines[row["region"], word] = line
            kept.append((line, row["region"], word, standard))
    regions: dict[str, dict[str, list[str]]] = {}
    for line, region, word, standard in kept:
        if (region, standard) in lines:
            message = (
                f"{standard!r} is itself a word of {region} at line {lines[region, standard]}; write its standard word"
            )
            problems.append(Problem(DIALECTS, line, "CS010", message))
        regions.setdefault(region, {}).setdefault(standard, []).append(word)
    return list(regions.values())


def _merged(sound: str, confusions: list[dict[str, str]]) -> str:
    for row in confusions:
        if row["on"] != "yes":
            continue
        if row["where"] == "initial" and sound.startswith(row["heard"]):
            sound = row["read_as"] + sound[len(row["heard"]) :]
        elif row["where"] == "final" and sound.endswith(row["heard"]):
            sound = sound[: -len(row["heard"])] + row["read_as"]
    return sound
