"""Redaction: what identifies a person is masked however it is written, and what a sentence is about stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import collectscript as cs


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("打我手机13800138000", "打我手机【电话】"),
        ("我号码138 0013 8000，晚上打", "我号码【电话】，晚上打"),
        ("+86-138-0013-8000", "【电话】"),
        ("008613800138000", "【电话】"),
        ("1 3 8 0 0 1 3 8 0 0 0", "【电话】"),
        ("１３８００１３８０００", "【电话】"),
        ("138\u200b0013\u200b8000", "【电话】"),
        ("138\u00a00013\u30008000", "【电话】"),
        ("幺三八零零幺三八零零零是我的", "【电话】是我的"),
        ("一三八 零零一三 八零零零", "【电话】"),
        ("138零零138零零零", "【电话】"),
        ("座机010-62345678转3", "座机【电话】转3"),
        ("(0755) 8234 5678", "【电话】"),
        ("办公室电话：82345678", "办公室电话【电话】"),
        ("400-820-8820", "【电话】"),
        ("2026-11-10 13800138000", "2026-11-10 【电话】"),
        ("13800138000、13900139000", "【电话】、【电话】"),
        ("身份证110101199003078515", "身份证【证件号】"),
        ("身份证11010119900307851x", "身份证【证件号】"),
        ("110101 19900307 851X", "【证件号】"),
        ("老证110101900307851", "老证【证件号】"),
        ("卡6222021234567890123", "卡【卡号】"),
        ("卡号 6222 0212 3456 7890 123", "卡号 【卡号】"),
        ("6222-0212-3456-7890", "【卡号】"),
        ("六二二二零二一二三四五六七八九零", "【卡号】"),
        ("发到wang.li_88@qq.com", "发到【邮箱】"),
        ("13800138000@139.com", "【邮箱】"),
        ("ｗａｎｇ＠ｑｑ．ｃｏｍ", "【邮箱】"),
        ("车是京A12345", "车是【车牌】"),
        ("粤b·D12345停着", "【车牌】停着"),
        ("沪AD12345", "【车牌】"),
        ("粤Z1234港", "【车牌】"),
    ],
)
def test_numbers_are_masked(text: str, masked: str) -> None:
    """Every form of a number that identifies somebody is replaced by what it was."""
    assert cs.redact(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "欠1280.50元，2026年11月10日到期",
        "应还12,345,678.90元",
        "20261110之前还清",
        "逾期123天，第3次",
        "打12356或者110",
        "工号3056，尾号8812",
        "一千二百八十块",
        "新买的iPhone15坏了",
        "3栋502，68.5平",
        "",
        "\ud800 坏字符",
    ],
)
def test_the_rest_stays(text: str) -> None:
    """Sums, dates, days, help lines and staff numbers are what a sentence is about."""
    assert cs.redact(text) == text


def test_names_of_the_caller() -> None:
    """Names are masked as given, the longest first, spaces within them or not."""
    masked = cs.redact("我是王丽，王丽丽是我妹，王 丽也行，李雷不认识", names=("王丽", "王丽丽", ""))

    assert masked == "我是【姓名】，【姓名】是我妹，【姓名】也行，李雷不认识"


@pytest.mark.parametrize(("text", "names"), [(3, ()), (None, ()), ("我是王丽", "王丽")])
def test_wrong_types(text: object, names: object) -> None:
    """Anything but text, and one name instead of several, is a TypeError."""
    with pytest.raises(TypeError, match="str"):
        cs.redact(text, names)


@given(st.text(alphabet=st.sampled_from("0138 -.@aX京A一三八零\u200b１【】"), max_size=60))
def test_redacting_twice_changes_nothing(text: str) -> None:
    """What was masked stays masked, and nothing new is found in it."""
    once = cs.redact(text)

    assert cs.redact(once) == once


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", " ", "-", "·", "\u200b"]))
def test_no_mobile_number_survives(number: str, gap: str) -> None:
    """Whatever stands between its digits, a mobile number is gone."""
    assert not set(cs.redact(f"打{gap.join(number)}吧")) & set("0123456789")


def test_long_text_is_linear() -> None:
    """A hundred thousand characters of almost-numbers are no trouble."""
    assert len(cs.redact("1 3" * 50_000)) > 0
    assert cs.redact("a" * 100_000) == "a" * 100_000
