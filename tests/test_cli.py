"""The command line, case by case: what is printed, on which stream, with which exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases" / "cli"


def run(args: list[str], stdin: bytes = b"", cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a user does, from any folder."""
    return subprocess.run(
        [sys.executable, "-m", "collectscript", *args],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | env,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("case", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_case(case: Path, tmp_path: Path) -> None:
    """Each case file holds a command and what must come of it."""
    spec = tomllib.loads(case.read_text(encoding="utf-8"))
    stdin = spec.get("stdin", "").encode("latin-1" if spec.get("stdin_is_bytes") else "utf-8")

    done = run(spec["args"], stdin, tmp_path, **spec.get("env", {}))
    out = done.stdout.decode(spec.get("encoding", "utf-8"))
    err = done.stderr.decode(spec.get("encoding", "utf-8"))

    assert spec["status"] == done.returncode, err
    assert "Traceback" not in err
    for words in spec.get("out", []):
        assert words in out
    for words in spec.get("not_out", []):
        assert words not in out
    for words in spec.get("err", []):
        assert words in err
    if spec.get("one_line_error"):
        assert 1 == err.count("\n")
        assert "" == out
    assert [] == list(tmp_path.iterdir()), "the command wrote something"


def test_json_of_match_has_the_documented_fields() -> None:
    """The JSON of `match` has the fields of the documentation, and nothing else."""
    value = json.loads(run(["match", "哎呀我给忘了", "--json"]).stdout)

    assert {
        "schema", "version", "content_hash", "law_date", "text", "matched", "threshold", "ask", "matches",
        "versus",
    } == set(value)  # fmt: skip
    match = value["matches"][0]
    assert {"objection", "confidence", "accepted", "priority", "reason", "utterance", "evidence"} == set(match)
    assert {"id", "title", "gloss", "group", "origin"} == set(match["objection"])
    assert {"text", "start", "end", "weight", "kind"} == set(match["evidence"][0])


def test_stream_answers_each_line_at_once() -> None:
    """With `-` a program can write a line and read its answer before it writes the next."""
    with subprocess.Popen(
        [sys.executable, "-m", "collectscript", "match", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        found = []
        for line in ("我忘记还了", "今天天气不错啊", ""):
            process.stdin.write(f"{line}\n".encode())
            process.stdin.flush()
            found.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        status = process.wait(timeout=60)

    assert [True, False, False] == [one["matched"] for one in found]
    assert 0 == status


def test_closed_pipe_is_no_error() -> None:
    """A reader that stops reading (head) ends the command quietly."""
    command = f'"{sys.executable}" -m collectscript list | head -1'
    done = subprocess.run(command, shell=True, capture_output=True, timeout=300, check=False)

    assert done.stdout.decode().startswith("forgot")
    assert b"Traceback" not in done.stderr
    assert b"Error" not in done.stderr


def test_broken_corpus_is_reported_line_by_line(tiny: Path) -> None:
    """A broken corpus gives its problems on stderr, exit 2, and nothing on stdout."""
    (tiny / "objections" / "forgot.md").write_text("nothing here\n", encoding="utf-8")

    done = run(["--data", str(tiny), "match", "我忘了"])

    assert 2 == done.returncode
    assert b"" == done.stdout
    assert "objections/forgot.md:1: CS011" in done.stderr.decode()
    assert "nothing was loaded" in done.stderr.decode()


def test_lint_of_one_file(tiny: Path) -> None:
    """`lint PATH` shows what concerns that path and finds its corpus by itself."""
    entry = tiny / "objections" / "forgot.md"
    entry.write_text(entry.read_text(encoding="utf-8").replace("- 技巧：赞美", "- 技巧：赞扬"), encoding="utf-8")

    done = run(["lint", str(entry)])

    assert 1 == done.returncode
    lines = done.stdout.decode().splitlines()
    assert any(line.startswith("objections/forgot.md:81: CS018") for line in lines)
    assert all(line.startswith("objections/forgot.md:") for line in lines)
