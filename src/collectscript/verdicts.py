"""Findings and permissions as JSON values and as text for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from collectscript.model import BUNDLED, SEVERITIES
from collectscript.report import SCHEMA

if TYPE_CHECKING:
    from collectscript.checking import Finding
    from collectscript.contact import Permission
    from collectscript.model import ComplianceRule, LawSource, RuleSource

FIRED_NAMES = {"pattern": "句式", "similar": "相似"}
UNLAWFUL = frozenset({"forbidden", "required"})
"""Severities that make a text unfit; a caution alone does not."""


def unlawful(findings: Sequence[Finding]) -> bool:
    """Tell whether something forbidden was found, or something required is missing or broken."""
    return any(finding.severity in UNLAWFUL for finding in findings)


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON values."""
    rule = finding.rule
    return {
        "rule": {
            "id": rule.id,
            "severity": rule.severity,
            "title": rule.title,
            "sources": [_source_json(source) for source in rule.sources],
            "checked": rule.checked,
            "review": rule.review,
        },
        "severity": finding.severity,
        "start": finding.start,
        "end": finding.end,
        "text": finding.text,
        "advice": finding.advice,
        "fired": finding.fired,
        "confidence": round(finding.confidence, 3),
        "origin": finding.origin,
    }


def rule_json(rule: ComplianceRule, stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return a compliance rule as JSON values."""
    return {
        "schema": SCHEMA,
        **stamp,
        **rule_row(rule),
        "requirement": rule.requirement,
        "bindings": [
            {
                "sectors": list(one.scope.sectors),
                "parties": list(one.scope.parties),
                "roles": list(one.scope.roles),
                "channels": list(one.scope.channels),
                "severity": one.severity,
                "note": one.note,
            }
            for one in rule.bindings
        ],
        "flag": [one.text for one in rule.flag],
        "lawful": [one.text for one in rule.lawful],
        "instead": list(rule.instead),
        "note": rule.note,
        "sources": [_source_json(source) for source in rule.sources],
        "checked": rule.checked,
        "review": rule.review,
    }


def rule_row(rule: ComplianceRule) -> dict[str, Any]:
    """Return what a list says of a compliance rule, as JSON values."""
    return {"id": rule.id, "title": rule.title, "severity": rule.severity, "origin": rule.provenance}


def rule_text(rule: ComplianceRule, sources: Mapping[str, LawSource], names: Mapping[str, str]) -> str:
    """Return a compliance rule as a page.

    Args:
        rule: The rule.
        sources: The sources of the law, by key.
        names: The Chinese names of tags, by id.

    """
    lines = [f"{SEVERITIES[rule.severity]} {rule.title}  {rule.id} · {rule.provenance}", "", rule.requirement, ""]
    for one in rule.bindings:
        scope = one.scope
        whom = "、".join(names.get(tag, tag) for tag in (*scope.sectors, *scope.parties, *scope.roles, *scope.channels))
        severity = SEVERITIES[one.severity]
        lines.append(f"{whom or '一般'}：{severity}" + (f"（{one.note}）" if one.note else ""))
    lines += [f"出处：{_cited(one, sources)}" for one in rule.sources]
    lines += [f"换成：{text}" for text in rule.instead]
    lines.append(f"要指出 {len(rule.flag)} 句，例如：" + "；".join(one.text for one in rule.flag[:4]))
    return "\n".join(lines)


def check_json(text: str, findings: Sequence[Finding], stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return what was found in a text as one JSON object."""
    return {"schema": SCHEMA, **stamp, "text": text, "findings": [finding_json(one) for one in findings]}


def permission_json(permission: Permission, stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return a permission as one JSON object."""
    return {
        "schema": SCHEMA,
        **stamp,
        "allowed": permission.allowed,
        "reasons": list(permission.reasons),
        "next_at": permission.next_at.isoformat() if permission.next_at else None,
        "sources": list(permission.sources),
    }


def finding_text(finding: Finding, where: str, sources: Mapping[str, LawSource]) -> str:
    """Return a finding as lines: what, where, why it fired, what to say instead, and where the rule comes from."""
    rule = finding.rule
    what = f"“{finding.text}”" if finding.text else "（整段）"
    whose = "" if rule.origin == BUNDLED else f" · {finding.origin}"
    head = f"{where}{SEVERITIES[finding.severity]} {rule.title}（{rule.id}{whose}）：{what}  [{_fired(finding)}]"
    cited = "；".join(_cited(source, sources) for source in rule.sources)
    return f"{head}\n    换成：{finding.advice}\n    出处：{cited}"


def permission_text(permission: Permission) -> str:
    """Return a permission as lines."""
    lines = ["可以联系。" if permission.allowed else "现在不可以联系。"]
    lines += [f"    {reason}" for reason in permission.reasons]
    if not permission.allowed:
        following = permission.next_at
        lines.append(f"    最早：{following:%Y-%m-%d %H:%M %Z}" if following else "    没有可以给出的时间。")
    return "\n".join(lines)


def _fired(finding: Finding) -> str:
    name = FIRED_NAMES[finding.fired]
    return name if finding.confidence == 1 else f"{name} {finding.confidence:.0%}"


def _cited(source: RuleSource, sources: Mapping[str, LawSource]) -> str:
    title = sources[source.key].title if source.key in sources else "内部规则"
    parts = [title, source.article, f"[{source.certainty}]" if source.certainty else ""]
    return " ".join(part for part in parts if part)


def _source_json(source: RuleSource) -> dict[str, str]:
    return {"key": source.key, "article": source.article, "certainty": source.certainty, "note": source.note}
