"""Stops and pauses: what fires them, what may then be said, and how well they are heard."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from conftest import copy_tiny
from hypothesis import given, settings
from hypothesis import strategies as st

import collectscript as cs
from collectscript import wording
from collectscript.corpus import read_folder
from collectscript.files import read_files
from collectscript.halting import is_silent
from collectscript.model import Corpus
from collectscript.report import answer_json
from collectscript.safety import Detector
from collectscript.scoring import CALM_GOALS
from collectscript.stops import BILL

CASES = Path(__file__).parent / "cases" / "safety"
STOPS = Path(__file__).parent / "corpora" / "stops"
PARTIES = ("debtor", "third-party", "company", "guarantor", "representative", None)
STOP_IDS = ("self-harm", "emergency", "threat-to-staff", "minor", "machine", "third-party-stop", "debtor-dead")
HEARD = {"emergency": 0.75, "debtor-dead": 0.8, "threat-to-staff": 0.85, "overwhelmed": 0.8, "dispute": 0.85}
"""Share of a set that is heard of those that do not reach nine in ten."""
CHANNELS = ("phone", "sms", "wechat", "email", "letter", "fax", "visit", "app", "voicebot", None)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> cs.KnowledgeBase:
    """The tiny corpus with a stop and two pauses, learned."""
    folder = copy_tiny(tmp_path_factory.mktemp("stops") / "corpus")
    shutil.copytree(STOPS / "safety", folder / "safety")
    return cs.load(folder)


@pytest.fixture(scope="module")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    """A detector of the same stops that has learned nothing."""
    folder = copy_tiny(tmp_path_factory.mktemp("patterns") / "corpus")
    shutil.copytree(STOPS / "safety", folder / "safety")
    files = read_files(folder)
    corpus, problems = read_folder(files)
    assert problems == []
    return Detector(corpus.safety, wording.read_folder(files), {})


# -- the detector ----------------------------------------------------------------------------------------


def heard(detector: Detector, text: str, **context: object) -> dict[str, str]:
    """Return what fires, with its level."""
    return {fired.stop.id: fired.level for fired in detector.detect(text, cs.Context(**context))}


def test_the_gravest_level_counts(patterns: Detector) -> None:
    """Of several signals of one stop the gravest counts."""
    assert heard(patterns, "水涨了") == {"flood": "ambiguous"}
    assert heard(patterns, "水涨了，我家进水了") == {"flood": "in-progress"}


def test_harmless_words_silence_only_themselves(patterns: Detector) -> None:
    """What only sounds alike is overheard; a signal beside it is not."""
    assert heard(patterns, "口水涨了") == {}
    assert heard(patterns, "口水涨了，江水涨了") == {"flood": "ambiguous"}


def test_party_decides_where_the_file_says_so(patterns: Detector) -> None:
    """A signal for named parties fires for them, and for nobody named only where it says so."""
    assert heard(patterns, "江水涨了", party="third-party") == {"flood": "ambiguous"}
    assert heard(patterns, "江水涨了", party="debtor") == {}
    assert heard(patterns, "屋里漫水了", party="debtor") == {"flood": "in-progress"}


def test_a_weak_signal_alone_is_nothing(patterns: Detector) -> None:
    """A weak signal needs the sentence, or a match, to speak for it."""
    assert heard(patterns, "截图我有") == {}


def test_reasons_quote_the_customer(patterns: Detector) -> None:
    """Why it fired is told in the customer's own words."""
    assert "“家裡正在進水”" in patterns.detect("别说了！我家裡正在進水啊")[0].why


def test_unverified_identity_comes_from_the_context(patterns: Detector) -> None:
    """False fires whatever is said, None changes nothing, True silences the words that would fire it."""
    assert heard(patterns, "喂", identity_verified=False) == {"unknown-caller": "said"}
    assert heard(patterns, "喂") == {}
    assert heard(patterns, "我不告诉你我是谁") == {"unknown-caller": "said"}
    assert heard(patterns, "我不告诉你我是谁", identity_verified=True) == {}


@settings(deadline=None, max_examples=200)
@given(text=st.text(max_size=200), party=st.sampled_from(PARTIES))
def test_any_text_is_read(patterns: Detector, text: str, party: str | None) -> None:
    """No text makes the detector fail."""
    patterns.detect(text, cs.Context(party=party))


def test_a_signal_is_found_anywhere_in_a_long_text(patterns: Detector) -> None:
    """A text is read whole, whatever its length and with or without punctuation."""
    for filler in ("好的，知道了。", "好的知道了", "\ud800x"):
        assert "flood" in heard(patterns, filler * 8_000 + "。我家进水了。" + filler * 2_000)


def test_examples_teach(small: cs.KnowledgeBase) -> None:
    """An example fires its level, what only sounds alike does not, and a weak signal lowers the bar."""
    assert small.respond("水已经漫到门口了快来人").hard_stop is not None
    assert small.respond("这个月工资又涨水了").hard_stop is None


# -- what may be said -------------------------------------------------------------------------------------


def test_a_match_adds_and_the_limit_does_not_matter(small: cs.KnowledgeBase) -> None:
    """A match of the same meaning fires a pause; `limit` and `threshold` of the caller do not change that."""
    text = next(one for one in small["already-paid"].utterances)

    for limit, threshold in ((1, None), (3, 1.0), (5, 0.0)):
        answer = small.respond(text, limit=limit, threshold=threshold)
        assert "contested" in {one.id for one in answer.stops}


def test_a_pause_answers_from_the_entry(small: cs.KnowledgeBase) -> None:
    """In a pause the entry's calm responses and the pause's own words are said, those that fit the call first."""
    answer = small.respond("付过了，我有截图", cs.Context(party="debtor"), limit=20)

    assert answer.pause is not None
    assert answer.pause.id == "contested"
    assert answer.responses[0].response.id.startswith("already-paid/")
    assert "contested/look-up" in {one.response.id for one in answer.responses}
    assert {one.response.goal for one in answer.responses} <= CALM_GOALS


def test_unverified_identity_leaves_only_verifying(small: cs.KnowledgeBase) -> None:
    """Before identity is known nothing of an entry is said, whatever else fired."""
    answer = small.respond("付过了，我有截图", cs.Context(party="debtor", identity_verified=False))

    assert {"unknown-caller", "contested"} <= {one.id for one in answer.stops}
    assert {one.response.id for one in answer.responses} == {"unknown-caller/who"}


def test_a_stop_says_only_its_own(small: cs.KnowledgeBase) -> None:
    """After a stop the responses are its own: what leads for this signal first, then the others that fit."""
    answer = small.respond("我家进水了", cs.Context(party="debtor", channel="phone"))

    assert [one.response.id for one in answer.responses] == ["flood/leave", "flood/where"]
    assert [one.response.id for one in small.respond("我家进水了", cs.Context(party="company")).responses] == [
        "flood/where"
    ]


def test_what_was_said_in_this_call_goes_last(small: cs.KnowledgeBase) -> None:
    """The same words are not offered first twice."""
    context = cs.Context(party="debtor", channel="phone", used=("flood/leave",))

    assert small.respond("我家进水了", context).responses[0].response.id == "flood/where"


def test_json_tells_of_stops(small: cs.KnowledgeBase) -> None:
    """JSON has the stop, the pause and all that fired, null where there is none."""
    value = answer_json(small.respond("我家进水了"), {})

    assert value["hard_stop"]["id"] == "flood"
    assert value["hard_stop"]["level"] == "in-progress"
    assert value["pause"] is None
    assert [one["kind"] for one in value["stops"]] == ["stop"]
    assert answer_json(small.respond("嗯"), {})["hard_stop"] is None


# -- the shipped stops and pauses ------------------------------------------------------------------------------


def test_all_stops_and_pauses_are_there(shipped: Corpus) -> None:
    """The shipped files are these, in order of gravity."""
    kinds = defaultdict(list)
    for stop in shipped.safety.stops:
        kinds[stop.kind].append(stop.id)

    assert kinds["stop"] == [
        "self-harm", "emergency", "threat-to-staff", "minor", "machine", "third-party-stop", "debtor-dead",
    ]  # fmt: skip
    assert kinds["pause"] == [
        "identity-unverified", "overwhelmed", "illness", "fraud-claimed", "dispute", "in-court", "time-barred",
        "represented",
    ]  # fmt: skip


def test_every_page_says_all_it_must(shipped: Corpus) -> None:
    """Each says when it fires, what to record, whom to hand over to, and its source or that it is a house rule."""
    for stop in shipped.safety.stops:
        assert stop.when
        assert stop.record
        assert stop.hand_over
        assert stop.sources
        assert stop.basis
        assert stop.never


def test_self_harm_names_the_numbers(shipped: Corpus) -> None:
    """Whatever the degree, the first words for anybody name 12356, 110 and 120, and ask or say one calm thing."""
    page = next(stop for stop in shipped.safety.stops if stop.id == "self-harm")

    for response in page.responses:
        assert all(number in response.template for number in ("12356", "110", "120")), response.id
        assert response.firmness == "light"


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ("你们再逼我我就从这儿跳下去", "self-harm"),
        ("屋里煤气味好大", "emergency"),
        ("你给我等着，我弄死你", "threat-to-staff"),
        ("我妈不在家，我在写作业呢", "minor"),
        ("请在嘀声后留言", "machine"),
        ("你找的这个人去年就去世了", "debtor-dead"),
    ],
)
def test_after_a_stop_nobody_hears_of_a_bill(kb: cs.KnowledgeBase, text: str, stop: str) -> None:
    """For every party and channel there is something to say, and it holds no word or slot of a bill."""
    bill = dict(kb.corpus.safety.words)[BILL]
    for party in PARTIES:
        for channel in CHANNELS:
            answer = kb.respond(text, cs.Context(party=party, channel=channel, days_overdue=95, promises_broken=4))
            assert answer.hard_stop is not None
            assert answer.hard_stop.id == stop
            assert answer.responses
            for one in answer.responses:
                assert is_silent(one.response, bill), one.response.id
                assert one.response.goal in CALM_GOALS


def test_in_a_pause_nothing_presses(kb: cs.KnowledgeBase) -> None:
    """Whatever pause fires, for every party and channel there is something to say, and it presses for nothing."""
    texts = (
        "这钱我早就还了",
        "我得了癌症在化疗",
        "法院已经立案了",
        "都过了三年时效了",
        "我是被骗去贷的款",
        "我委托律师跟你们谈",
    )
    for text in texts:
        for party in PARTIES:
            for channel in ("phone", "wechat", "letter", None):
                answer = kb.respond(text, cs.Context(party=party, channel=channel, promises_broken=3))
                assert answer.pause is not None, text
                assert answer.responses
                assert {one.response.goal for one in answer.responses} <= CALM_GOALS
                assert "firm" not in {one.response.firmness for one in answer.responses}


def test_stop_calling_is_a_wish_of_the_debtor(kb: cs.KnowledgeBase) -> None:
    """别打了 stops only a third party; a debtor's is a wish about channel and hour, or a complaint."""
    for text in ("别打了", "别再打给我了", "以后不要打电话了"):
        assert kb.respond(text, cs.Context(party="debtor")).hard_stop is None
        stop = kb.respond(text, cs.Context(party="third-party")).hard_stop
        assert stop is not None
        assert stop.id == "third-party-stop"
    unknown = kb.respond("我不认识他，别再打了")
    assert unknown.hard_stop is not None
    assert unknown.hard_stop.id == "third-party-stop"


def test_several_fire_in_order_of_gravity(kb: cs.KnowledgeBase) -> None:
    """Everything that fires is told, and the gravest decides what is said."""
    answer = kb.respond("我早就还清了，你们再逼我就不活了", cs.Context(party="debtor"))

    assert [one.kind for one in answer.stops] == sorted((one.kind for one in answer.stops), reverse=True)
    assert answer.stops[0] == answer.hard_stop
    assert answer.hard_stop is not None
    assert answer.hard_stop.id == "self-harm"
    assert answer.pause is not None
    assert answer.pause.id == "dispute"


@pytest.mark.parametrize(
    "text",
    [
        "累死了", "打死也不还", "公司快死了", "死活登不上去", "要叫姐姐，这事我不管了", "烦死了别打了",
        "要钱没有，要命一条", "跳楼价甩卖都没人要", "我走了，开会去",
    ],
)  # fmt: skip
def test_everyday_hyperbole_is_no_hint(kb: cs.KnowledgeBase, text: str) -> None:
    """Figures of speech do not stop a call."""
    assert kb.respond(text).hard_stop is None


# -- how well they are heard, on sets that nothing was written or learned from --------------------------------


def rows(name: str) -> list[dict[str, str]]:
    """Read a test set."""
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def shares(fired: list[tuple[str, bool]]) -> dict[str, float]:
    """Return for each label the share of its rows for which something fired."""
    counts: dict[str, list[bool]] = defaultdict(list)
    for label, yes in fired:
        counts[label].append(yes)
    return {label: sum(found) / len(found) for label, found in counts.items()}


def test_self_harm_is_heard(kb: cs.KnowledgeBase) -> None:
    """Hints and ambiguous words fire, figures of speech do not."""
    fired = [
        (row["label"], any(one.id == "self-harm" for one in kb.respond(row["text"]).stops))
        for row in rows("self-harm.tsv")
    ]
    share = shares(fired)

    assert share["hint"] >= 0.96, share
    assert share["ambiguous"] >= 0.9, share
    assert share["hyperbole"] <= 0.04, share


def test_other_stops_are_heard(kb: cs.KnowledgeBase) -> None:
    """Each stop is heard from those it is about; what only sounds alike stops nothing."""
    fired = []
    for row in rows("stops.tsv"):
        party = "third-party" if row["stop"] in {"third-party-stop", "debtor-dead"} else None
        heard_now = [one.id for one in kb.respond(row["text"], cs.Context(party=party)).stops]
        none = row["stop"] == "none"
        wrong = any(one in STOP_IDS for one in heard_now)
        fired.append((row["stop"], wrong if none else row["stop"] in heard_now))
    share = shares(fired)

    assert share.pop("none") <= 0.08
    assert {label: found for label, found in share.items() if found < HEARD.get(label, 0.9)} == {}


def test_pauses_are_heard(kb: cs.KnowledgeBase) -> None:
    """Each pause is heard; what only sounds alike pauses seldom, and a pause too many presses for nothing."""
    fired = []
    for row in rows("pauses.tsv"):
        answer = kb.respond(row["text"])
        ids = [one.id for one in answer.stops]
        fired.append((row["pause"], answer.pause is not None if row["pause"] == "none" else row["pause"] in ids))
    share = shares(fired)

    assert share.pop("none") <= 0.22
    assert {label: found for label, found in share.items() if found < HEARD.get(label, 0.9)} == {}
