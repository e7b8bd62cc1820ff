"""The numbered rules that a corpus must keep, beyond being readable.

Rules CS0nn are found while reading and stop a corpus from loading. Rules CS1nn (one entry) and CS2nn (the
corpus as a whole) are about quality; only `lint` reports them. Each rule is one generator whose docstring is
the rule; the table `RULES` is what the documentation is made from.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from collectscript.halting import calm_words, is_silent
from collectscript.model import ComplianceRule, Corpus, Objection, Response, Stop, Tables
from collectscript.problems import Problem
from collectscript.stops import BILL, STOP
from collectscript.text import Folder

SLOT = re.compile(r"\{[a-z_]+\}")
SLOT_LENGTH = 4
"""A slot counts as four characters in every length."""
PART_MAX = 45
RESPONSE_MAX = 120
SAY_FIRST_MAX = 15
MIN_UTTERANCES = 60
MIN_SPOKEN = 25
MIN_RESPONSES = 5
MIN_RESPONSES_COURSE = 8
MIN_CHECKS = {"must": 5, "must-not": 3, "tell-apart": 2}
MIN_FLAGGED = 10
MIN_LAWFUL = 8
SIMILAR_WITHIN = 60.0
"""Two responses of one entry must be less alike than this (rapidfuzz ratio, 0..100)."""
SIMILAR_ACROSS = 80.0

COURSE_ENTRIES = frozenset(
    [
        "no-time",
        "away",
        "forgot",
        "no-money-later",
        "no-money-at-all",
        "borrowed-for-friend",
        "already-paid",
        "broken-promise",
        "stalling",
        "no-notice",
        "fees-too-high",
        "promised-no-fee",
        "fee-calculation",
        "refuse",
        "deposit-not-posted",
        "money-coming",
        "cash-out",
    ]
)
"""The seventeen objections of the telephone course, which need more responses."""
EXEMPT_ENTRIES = frozenset(
    [
        "self-harm",
        "emergency",
        "minor-answers",
        "machine-answers",
        "threat-to-staff",
        "wrong-number",
        "third-party-objects",
        "debtor-unavailable",
        "family-answers",
    ]
)
"""Stops and talk with third parties: no bands, temperaments or number of responses are asked of them."""
THIRD_PARTY_SLOTS = frozenset({"agent", "company", "callback_number", "customer_name"})
THIRD_PARTY_WORDS = re.compile(r"欠|逾期|还款|账|贷|费|钱|款|催|债|金额|利息")
UNSAFE_FIRST_WORDS = re.compile(r"欠|逾期|还款|账单|贷款|欠费|催|债|利息|违约金|滞纳金|分期")
STIFF_WORDS = re.compile(r"兹|贵司|贵公司|敬请|知悉|谨此|(?<!麻)烦请|务请|特此|望您|予以配合")
FORBIDDEN_WORDS = re.compile(
    r"坐牢|抓人|拘留|老赖|通讯录|爆你|黑名单|断水断电|停水停电|征信(?:黑|花)了你|弄死|要你好看|不要脸|穷鬼|脑子有病"
)
EARLY = frozenset({"before-due", "d1-6", "d7-10"})
LATE = frozenset({"d31-90", "d91-plus"})
TEMPERAMENTS = ("lively", "forceful", "precise", "easygoing")
PART_ORDER = {"acknowledge": 0, "clarify": 1, "offer": 2, "commit": 3}


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may look at."""

    corpus: Corpus
    folder: Folder
    today: date = field(default_factory=lambda: datetime.now().astimezone().date())

    @property
    def tables(self) -> Tables:
        """The owner files."""
        return self.corpus.tables


EntryRule = Callable[[Context, Objection], Iterator[Problem]]
CorpusRule = Callable[[Context], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A numbered rule."""

    code: str
    text: str


def length(text: str) -> int:
    """Return the number of characters, a slot counted as four."""
    return len(SLOT.sub("一" * SLOT_LENGTH, text))


def covered_bands(response: Response) -> tuple[str, ...]:
    """Return the bands that a response counts for in coverage: at most two neighbouring ones."""
    return response.bands[:2]


def covered_temperament(response: Response) -> str | None:
    """Return the one temperament that a response counts for in coverage, or None."""
    return next((tag for tag in response.customer_types if tag in TEMPERAMENTS), None)


# -- rules on one objection ------------------------------------------------------------------------


def enough_utterances(_: Context, entry: Objection) -> Iterator[Problem]:
    """An entry has at least 60 utterances, 25 of them as people talk on the phone."""
    if len(entry.utterances) < MIN_UTTERANCES:
        message = f"{len(entry.utterances)} utterances; write at least {MIN_UTTERANCES}"
        yield Problem(entry.path, 1, "CS101", message)
    if len(entry.spoken) < MIN_SPOKEN:
        yield Problem(entry.path, 1, "CS101", f"{len(entry.spoken)} under 电话口语; write at least {MIN_SPOKEN}")


def enough_checks(_: Context, entry: Objection) -> Iterator[Problem]:
    """An entry has at least 5 check phrases that must match, 3 that must not, 2 to be told apart."""
    for kind, wanted in MIN_CHECKS.items():
        found = sum(check.kind == kind for check in entry.checks)
        if found < wanted:
            yield Problem(entry.path, 1, "CS102", f"{found} check phrases of kind {kind}; write at least {wanted}")


def enough_responses(_: Context, entry: Objection) -> Iterator[Problem]:
    """An entry has at least 5 responses, those of the telephone course 8."""
    wanted = MIN_RESPONSES_COURSE if entry.id in COURSE_ENTRIES else MIN_RESPONSES
    if entry.id not in EXEMPT_ENTRIES and len(entry.responses) < wanted:
        yield Problem(entry.path, 1, "CS103", f"{len(entry.responses)} responses; write at least {wanted}")


def varied_responses(_: Context, entry: Objection) -> Iterator[Problem]:
    """The responses of an entry use at least 3 techniques and 2 structures."""
    if entry.id in EXEMPT_ENTRIES:
        return
    for name, wanted in (("technique", 3), ("structure", 2)):
        found = {getattr(response, name) for response in entry.responses}
        if len(found) < wanted:
            yield Problem(entry.path, 1, "CS104", f"{len(found)} kinds of {name}; use at least {wanted}")


def covers_temperaments(_: Context, entry: Objection) -> Iterator[Problem]:
    """Each of the four temperaments stands first among the customers of some response."""
    if entry.id in EXEMPT_ENTRIES:
        return
    found = {covered_temperament(response) for response in entry.responses}
    for missing in [name for name in TEMPERAMENTS if name not in found]:
        yield Problem(entry.path, 1, "CS105", f"no response has temperament {missing} first; write one for it")


def covers_calendar(_: Context, entry: Objection) -> Iterator[Problem]:
    """Responses cover an early and a late band, and a customer who broke a promise."""
    if entry.id in EXEMPT_ENTRIES:
        return
    bands = {band for response in entry.responses for band in covered_bands(response)}
    if not bands & EARLY:
        yield Problem(entry.path, 1, "CS106", "no response for an early band; tag one 到期前 to 逾期7-10天")
    if not bands & LATE:
        yield Problem(entry.path, 1, "CS106", "no response for a late band; tag one 逾期31-90天 or 逾期90天以上")
    if not any(response.min_promises_broken for response in entry.responses):
        yield Problem(entry.path, 1, "CS106", "no response after a broken promise; add one with 爽约：1次以上")


def neighbours_named(_: Context, entry: Objection) -> Iterator[Problem]:
    """An entry names at least 2 neighbours with the question that tells them apart."""
    if len(entry.distinctions) < 2:
        yield Problem(entry.path, 1, "CS107", f"{len(entry.distinctions)} questions under 分辨; write at least 2")


def one_breath(_: Context, entry: Objection) -> Iterator[Problem]:
    """What to say first has at most 15 characters and is safe before identity is known."""
    if len(entry.say_first) > SAY_FIRST_MAX:
        message = f"先说 has {len(entry.say_first)} characters; shorten it to {SAY_FIRST_MAX}"
        yield Problem(entry.path, 1, "CS108", message)
    found = UNSAFE_FIRST_WORDS.search(entry.say_first)
    if found:
        message = f"先说 has {found[0]!r}, which tells of a debt before identity is known; say it without"
        yield Problem(entry.path, 1, "CS108", message)


def checks_not_indexed(context: Context, entry: Objection) -> Iterator[Problem]:
    """No check phrase stands in any index."""
    said = {context.folder.fold(text) for text in entry.utterances}
    for check in entry.checks:
        if context.folder.fold(check.text) in said:
            yield Problem(entry.path, check.line, "CS109", f"check phrase {check.text!r} is an utterance; replace it")


def responses_differ(_: Context, entry: Objection) -> Iterator[Problem]:
    """Two responses of one entry are less than 0.6 alike."""
    # Imported where it is used: an overlay is read with other rules of this module, at a start.
    from rapidfuzz import fuzz

    texts = [response.template for response in entry.responses]
    for number, response in enumerate(entry.responses):
        for other, text in zip(entry.responses[:number], texts, strict=False):
            score = fuzz.ratio(response.template, text)
            if score >= SIMILAR_WITHIN:
                message = f"{response.id} is {score / 100:.2f} like {other.id}; make it a different move"
                yield Problem(entry.path, response.line, "CS110", message)


ENTRY_RULES: dict[str, EntryRule] = {
    "CS101": enough_utterances,
    "CS102": enough_checks,
    "CS103": enough_responses,
    "CS104": varied_responses,
    "CS105": covers_temperaments,
    "CS106": covers_calendar,
    "CS107": neighbours_named,
    "CS108": one_breath,
    "CS109": checks_not_indexed,
    "CS110": responses_differ,
}

# -- rules on one response, whatever folder it lies in ------------------------------------------------

ResponseRule = Callable[[Context, Response], Iterator[Problem]]


def _kind(response: Response) -> str:
    return response.path.partition("/")[0]


def part_lengths(_: Context, response: Response) -> Iterator[Problem]:
    """A part has at most 45 characters and a response 120, a slot counted as four; messages are free."""
    if _kind(response) == "messages":
        return
    for part in response.parts:
        if length(part.text) > PART_MAX:
            message = f"{response.id}: part {part.text[:10]!r} has {length(part.text)} characters; cut to {PART_MAX}"
            yield Problem(response.path, response.line, "CS121", message)
    total = length(response.template)
    if total > RESPONSE_MAX:
        message = f"{response.id} has {total} characters; cut to {RESPONSE_MAX}"
        yield Problem(response.path, response.line, "CS121", message)


def one_ask(_: Context, response: Response) -> Iterator[Problem]:
    """A spoken response holds at most one question, and it stands in the last part."""
    if _kind(response) == "messages":
        return
    marks = sum(part.text.count("？") + part.text.count("?") for part in response.parts)
    if marks > 1:
        yield Problem(response.path, response.line, "CS122", f"{response.id} asks {marks} things; ask one, at the end")
    if _kind(response) != "openers" and any("？" in part.text for part in response.parts[:-1]):
        message = f"{response.id} asks before its last part; move the question to the end"
        yield Problem(response.path, response.line, "CS122", message)


def parts_in_order(_: Context, response: Response) -> Iterator[Problem]:
    """Parts come in the order 接住, 说明, 方案, 约定 and the last is 约定."""
    kinds = [part.kind for part in response.parts]
    ranks = [PART_ORDER[kind] for kind in kinds if kind in PART_ORDER]
    if not ranks or _kind(response) in {"openers", "messages"}:
        return
    if ranks != sorted(ranks):
        message = f"{response.id}: parts out of order; write 接住 → 说明 → 方案 → 约定"
        yield Problem(response.path, response.line, "CS123", message)
    if kinds[-1] != "commit":
        message = f"{response.id} does not end with 约定; end with one question or one next step"
        yield Problem(response.path, response.line, "CS123", message)


def neighbouring_bands(context: Context, response: Response) -> Iterator[Problem]:
    """The bands of a response follow one another."""
    order = context.tables.ids("band")
    places = sorted(order.index(band) for band in response.bands)
    if places and places != list(range(places[0], places[0] + len(places))):
        message = f"{response.id}: 账龄 has a gap; list neighbouring bands or write two responses"
        yield Problem(response.path, response.line, "CS124", message)


def spoken_chinese(_: Context, response: Response) -> Iterator[Problem]:
    """Spoken text has no stiff written words; letters, faxes and e-mails may."""
    if {"letter", "fax", "email"} & set(response.channels):
        return
    for part in response.parts:
        found = STIFF_WORDS.search(part.text)
        if found:
            message = f"{response.id}: {found[0]!r} is written language; say it as one speaks"
            yield Problem(response.path, response.line, "CS125", message)


def no_forbidden_words(_: Context, response: Response) -> Iterator[Problem]:
    """No text to say holds a word of threat or insult."""
    for part in response.parts:
        found = FORBIDDEN_WORDS.search(part.text)
        if found:
            message = f"{response.id}: {found[0]!r} is never said to a customer; say the lawful fact or nothing"
            yield Problem(response.path, response.line, "CS126", message)


def third_party_safe(_: Context, response: Response) -> Iterator[Problem]:
    """A text for a third party holds only the slots agent, company, callback_number, customer_name and no word of a debt."""
    if "third-party" not in response.parties:
        return
    for part in response.parts:
        for slot in SLOT.findall(part.text):
            if slot[1:-1] not in THIRD_PARTY_SLOTS:
                message = (
                    f"{response.id}: slot {slot} before a third party; use only {', '.join(sorted(THIRD_PARTY_SLOTS))}"
                )
                yield Problem(response.path, response.line, "CS127", message)
        found = THIRD_PARTY_WORDS.search(part.text)
        if found:
            message = f"{response.id}: {found[0]!r} before a third party tells of a debt; leave it out"
            yield Problem(response.path, response.line, "CS127", message)


RESPONSE_RULES: dict[str, ResponseRule] = {
    "CS121": part_lengths,
    "CS122": one_ask,
    "CS123": parts_in_order,
    "CS124": neighbouring_bands,
    "CS125": spoken_chinese,
    "CS126": no_forbidden_words,
    "CS127": third_party_safe,
}

# -- rules on one stop or pause ---------------------------------------------------------------------------

StopRule = Callable[[Context, Stop], Iterator[Problem]]


def stop_presses_for_nothing(context: Context, stop: Stop) -> Iterator[Problem]:
    """The words of a stop or pause press for nothing, and those of a stop tell nothing of a bill."""
    bill = dict(context.corpus.safety.words).get(BILL, ())
    for response in stop.responses:
        if not calm_words([response]):
            message = f"{response.id} presses; use the goal 核实, 安抚, 转交 or 停止 and not the firmness 严"
            yield Problem(stop.path, response.line, "CS131", message)
        if stop.kind == STOP and not is_silent(response, bill):
            message = f"{response.id} tells of a bill; leave out the words of the class {BILL} and the slots of sums"
            yield Problem(stop.path, response.line, "CS131", message)


def stop_fits_everybody(context: Context, stop: Stop) -> Iterator[Problem]:
    """A stop or pause has something to say to every party on every channel, whatever is known of the call."""
    general = [one for one in stop.responses if not (one.bands or one.sectors or one.min_promises_broken)]
    for party in context.tables.ids("party"):
        fits = [one for one in general if party in (one.parties or [party])]
        holes = [
            channel
            for channel in context.tables.ids("channel")
            if not any(channel in (one.channels or [channel]) for one in fits)
        ]
        if holes:
            message = f"nothing to say to {party} by {', '.join(holes)}; write one without 渠道 and with all 对象"
            yield Problem(stop.path, 1, "CS132", message)


STOP_RULES: dict[str, StopRule] = {"CS131": stop_presses_for_nothing, "CS132": stop_fits_everybody}

# -- rules on one compliance rule ---------------------------------------------------------------------------

LawRule = Callable[[Context, ComplianceRule], Iterator[Problem]]


def enough_phrases(_: Context, rule: ComplianceRule) -> Iterator[Problem]:
    """A compliance rule has at least 10 phrases to flag and 8 lawful near misses."""
    for name, phrases, wanted in (("要指出", rule.flag, MIN_FLAGGED), ("不要指出", rule.lawful, MIN_LAWFUL)):
        if len(phrases) < wanted:
            yield Problem(rule.path, 1, "CS141", f"{len(phrases)} phrases under {name}; write at least {wanted}")


LAW_RULES: dict[str, LawRule] = {"CS141": enough_phrases}

# -- rules across the corpus ----------------------------------------------------------------------------


def similar_across(context: Context) -> Iterator[Problem]:
    """Responses of different entries are at most 0.8 alike."""
    from rapidfuzz import fuzz, process

    responses = all_responses(context.corpus)
    texts = [response.template for response in responses]
    for number, response in enumerate(responses):
        found = process.extract(
            response.template, texts[:number], scorer=fuzz.ratio, score_cutoff=SIMILAR_ACROSS + 0.01, limit=3
        )
        for _, score, index in found:
            other = responses[index]
            if other.path != response.path:
                message = f"{response.id} is {score / 100:.2f} like {other.id}; answer exactly this objection"
                yield Problem(response.path, response.line, "CS201", message)


def sources_used(context: Context) -> Iterator[Problem]:
    """Every source of sources.tsv is cited somewhere."""
    used = {key for response in all_responses(context.corpus) for key in response.sources}
    for _, pages in context.corpus.pages:
        for page in pages:
            used |= {key.strip() for key in re.split(r"[、,，]", page.field("sources") or "")}
    for source in context.tables.sources:
        if source.id not in used:
            yield Problem("sources.tsv", 1, "CS202", f"source {source.id!r} is never cited; cite it or delete its row")


def taxonomy_complete(context: Context) -> Iterator[Problem]:
    """Every row of taxonomy.tsv has an entry."""
    present = {entry.id for entry in context.corpus.objections}
    for row in context.tables.taxonomy:
        if row.id not in present:
            yield Problem("taxonomy.tsv", 1, "CS203", f"{row.id} has no entry; write objections/{row.id}.md")


def checks_unique(context: Context) -> Iterator[Problem]:
    """No check phrase is an utterance of another entry or of the background."""
    said: dict[str, str] = {}
    for entry in context.corpus.objections:
        said.update({context.folder.fold(text): entry.path for text in entry.utterances})
    for topic in context.corpus.background:
        said.update({context.folder.fold(text): topic.path for text in topic.utterances})
    for entry in context.corpus.objections:
        for check in entry.checks:
            path = said.get(context.folder.fold(check.text))
            if path is not None and path != entry.path:
                message = f"check phrase {check.text!r} is an utterance of {path}; replace it"
                yield Problem(entry.path, check.line, "CS204", message)


def law_reviewed(context: Context) -> Iterator[Problem]:
    """No day by which a compliance rule, a stop, a pause or a fact had to be checked again has passed."""
    dated = [(rule.path, rule.review) for rule in context.corpus.law.rules]
    dated += [(stop.path, stop.review) for stop in context.corpus.safety.stops]
    facts = [page for kind, pages in context.corpus.pages if kind == "facts" for page in pages]
    dated += [(page.path, page.field("review") or "") for page in facts]
    for path, day in dated:
        # Days of this form compare as text.
        if day and day < context.today.isoformat():
            message = f"to be checked by {day}; compare it with its sources and write new days"
            yield Problem(path, 1, "CS205", message)


CORPUS_RULES: dict[str, CorpusRule] = {
    "CS201": similar_across,
    "CS202": sources_used,
    "CS203": taxonomy_complete,
    "CS204": checks_unique,
    "CS205": law_reviewed,
}

READING_RULES = {
    "CS001": "A file is UTF-8.",
    "CS002": "A file has no byte order mark.",
    "CS003": "Lines end with LF.",
    "CS004": "There are no control characters.",
    "CS005": "The head is closed with `---`.",
    "CS006": "A head field stands once.",
    "CS007": "A heading stands once under its parent.",
    "CS008": "Lists are not nested.",
    "CS009": "A list item has text.",
    "CS010": "An owner file is a table with its columns, one row a key.",
    "CS011": "The head has an id, and that of an objection is in taxonomy.tsv.",
    "CS012": "The id is the file name.",
    "CS013": "There is one title, that of an objection as in taxonomy.tsv.",
    "CS014": "Every required section is there and not empty.",
    "CS015": "There are no unknown sections, and they stand in order.",
    "CS016": "Fields and notes have known names.",
    "CS017": "Required fields and notes are there.",
    "CS018": "Tags are names of facets.tsv.",
    "CS019": "Every step of a response starts with the name of a part.",
    "CS020": "Slots are ids of slots.tsv in single braces.",
    "CS021": "A response has something to say.",
    "CS022": "A line has the form of its section.",
    "CS023": "A target is an id of taxonomy.tsv.",
    "CS024": "A response heading is a short name and a title.",
    "CS025": "No utterance stands twice in an entry.",
    "CS026": "No utterance stands in two files.",
    "CS027": "No short name stands twice in an entry.",
    "CS028": "A field or note stands once in a response.",
    "CS029": "Sources are keys of sources.tsv.",
    "CS030": "Facts are pages of facts/.",
    "CS031": "A section holds only what belongs in it.",
    "CS040": "A line of 约束谁 says for whom and how severe, the first one for everybody.",
    "CS041": "A source of a rule is a key of compliance/sources.tsv, with article, point and certainty.",
    "CS042": "A rule says on which day it was checked and by which it must be checked again.",
    "CS043": "Word classes and patterns of a rule are written in the notation of patterns.",
    "CS044": "A phrase of a rule stands once, and its 〔…〕 names one call.",
    "CS045": "The tables of compliance/ hold known kinds, figures and sectors.",
    "CS050": "The head of a stop or pause has known fields with known values, and its examples are of one.",
    "CS051": "Signals and word classes are written in the notation of patterns, under known headings.",
    "CS052": "An example stands once, under one level.",
    "CS053": "What a stop says first is a response of its own or of its objections.",
}
"""Rules that reading enforces; the reader raises them where it meets them."""


def rules() -> tuple[Rule, ...]:
    """Return every rule with its one-line text, in order of its code."""
    found = [Rule(code, text) for code, text in READING_RULES.items()]
    tables: Sequence[dict[str, Callable[..., Iterator[Problem]]]] = (
        ENTRY_RULES,
        RESPONSE_RULES,
        STOP_RULES,
        LAW_RULES,
        CORPUS_RULES,
    )
    for table in tables:
        found += [Rule(code, (rule.__doc__ or "").strip()) for code, rule in table.items()]
    return tuple(sorted(found, key=lambda rule: rule.code))


def all_responses(corpus: Corpus) -> list[Response]:
    """Return every response, opener, closing, follow-up and message of a corpus, and the words of its stops."""
    found = [response for entry in corpus.objections for response in entry.responses]
    found += [response for stop in corpus.safety.stops for response in stop.responses]
    for _, scripts in corpus.scripts:
        found += scripts
    return found


def lint(corpus: Corpus, folder: Folder, today: date | None = None) -> list[Problem]:
    """Run every quality rule over a corpus as of `today` (None: now); return what they find, by path and line."""
    context = Context(corpus, folder) if today is None else Context(corpus, folder, today)
    problems: list[Problem] = []
    for entry in corpus.objections:
        for entry_rule in ENTRY_RULES.values():
            problems += entry_rule(context, entry)
    for response in all_responses(corpus):
        for response_rule in RESPONSE_RULES.values():
            problems += response_rule(context, response)
    for stop in corpus.safety.stops:
        for stop_rule in STOP_RULES.values():
            problems += stop_rule(context, stop)
    for rule in corpus.law.rules:
        for law_rule in LAW_RULES.values():
            problems += law_rule(context, rule)
    for corpus_rule in CORPUS_RULES.values():
        problems += corpus_rule(context)
    return sorted(set(problems))


def coverage(corpus: Corpus) -> dict[str, dict[str, int]]:
    """Return for each objection how many of its responses count for each technique, temperament and band."""
    table: dict[str, dict[str, int]] = {}
    for entry in corpus.objections:
        row: dict[str, int] = defaultdict(int)
        for response in entry.responses:
            row[response.technique] += 1
            row[response.structure] += 1
            for tag in (covered_temperament(response), *covered_bands(response)):
                if tag is not None:
                    row[tag] += 1
        table[entry.id] = dict(row)
    return table


__all__ = ["Rule", "all_responses", "coverage", "lint", "rules"]
