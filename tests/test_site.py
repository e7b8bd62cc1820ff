"""The generator of the static site: same bytes, no broken link, content stays text, nothing foreign is touched."""

from __future__ import annotations

import base64
import bz2
import gzip
import http.client
import json
import os
import re
import threading
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import collectscript as cs
from collectscript.cli.base import cli
from collectscript.errors import InvalidValue
from collectscript.site import SiteError, build_site, site_files
from collectscript.site.links import Titles, broken_links
from collectscript.site.pack import canonical_codes, huffman_lengths, shared_codes
from collectscript.site.project import project_root, read_documents
from collectscript.site.render import heading_id, seconds
from collectscript.site.serving import open_server
from collectscript.site.theme import READABLE, contrast, theme_css
from collectscript.site.visible import visible
from collectscript.site.writing import MANIFEST, write_site

LAW_DATE = "2026-11-22"
WEIGHT = 1_200_000
"""Bytes, gzipped, that the look-up page may weigh with everything it loads."""


@pytest.fixture(scope="module")
def files(tiny_kb: cs.KnowledgeBase) -> dict[str, bytes]:
    return site_files(tiny_kb, law_date=LAW_DATE)


# -- what is made ------------------------------------------------------------------------------------------


def test_two_builds_are_the_same_bytes(tiny_kb: cs.KnowledgeBase, files: dict[str, bytes]) -> None:
    assert site_files(tiny_kb, law_date=LAW_DATE) == files


def test_every_entry_script_and_page_has_a_page(tiny_kb: cs.KnowledgeBase, files: dict[str, bytes]) -> None:
    wanted = [f"objections/{entry.id}.html" for entry in tiny_kb]
    wanted += [f"{script.id}.html" for _, scripts in tiny_kb.corpus.scripts for script in scripts]
    wanted += [f"{kind}/{page.id}.html" for kind, pages in tiny_kb.corpus.pages for page in pages]
    assert set(wanted) <= set(files)


def test_pages_load_nothing_from_elsewhere(files: dict[str, bytes]) -> None:
    for name, data in files.items():
        if name.endswith(".html"):
            text = data.decode()
            assert "default-src 'none'" in text.replace("&#39;", "'"), name
            assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//', text), name
            assert not re.search(r"<script(?![^>]* src=)", text), name
            assert not re.search(r"<[^>]+ (?:style|on[a-z]+)=", text), name


def test_scripts_ask_for_nothing(files: dict[str, bytes]) -> None:
    for name, data in files.items():
        if name.startswith("static/js/"):
            assert not re.search(
                r"\b(?:fetch|XMLHttpRequest|WebSocket|sendBeacon|Worker|eval|innerHTML|import)\b\s*\(?", data.decode()
            ), name


def test_data_files_hold_json_in_a_string(files: dict[str, bytes]) -> None:
    text = files["data/tables.js"].decode()
    quoted = re.fullmatch(r'"use strict";\nwindow\.CS\.data\["tables"\] = JSON\.parse\(\'(.*)\'\);\n', text, re.DOTALL)
    assert quoted is not None
    assert "facets" in json.loads(quoted[1].replace("\\'", "'").replace("\\\\", "\\"))


def test_texts_of_the_look_up_page_travel_as_bzip2(files: dict[str, bytes]) -> None:
    found = re.search(rb'JSON\.parse\(window\.CS\.unzip\("([A-Za-z0-9+/=]+)"\)\)\);\n$', files["data/entries.js"])
    assert found is not None
    assert set(json.loads(bz2.decompress(base64.b64decode(found[1])))) == {"entries", "neutral"}


def test_responses_travel_in_parts(tiny_kb: cs.KnowledgeBase, files: dict[str, bytes]) -> None:
    found = re.search(rb"JSON\.parse\('(.*)'\);\n$", files["data/responses.js"])
    assert found is not None
    parts = [json.loads(bz2.decompress(base64.b64decode(part))) for part in json.loads(found[1])]
    assert sum(len(part["id"]) for part in parts) == sum(len(entry.responses) for entry in tiny_kb)


def test_scripts_travel_without_comments_and_keep_to_the_rules_that_allow_it(files: dict[str, bytes]) -> None:
    folder = resources.files("collectscript.site") / "static"
    for path in sorted([*(folder / "js").iterdir(), *(folder / "css").iterdir()], key=lambda one: one.name):
        text = path.read_text(encoding="utf-8")
        for line in text.split("\n"):
            assert line.count("`") % 2 == 0, (path.name, line)
            assert "*/" not in line or line.rstrip().endswith("*/"), (path.name, line)
            assert not re.search(r"\s//(?!\S)", line.lstrip()), (path.name, line)
    for name, data in files.items():
        if name.startswith("static/js/"):
            lines = data.decode().split("\n")
            assert lines[0] == '"use strict";', name
            assert not [line for line in lines if line.startswith(("//", "/*", " "))], name


def test_weight_of_the_look_up_page(kb: cs.KnowledgeBase) -> None:
    files = site_files(kb, law_date=LAW_DATE)
    names = ["index.html", *re.findall(r'(?:src|href)="((?:static|data)/[^"#]+)"', files["index.html"].decode())]
    assert len(names) >= 14
    weights = {name: len(gzip.compress(files[name], 9, mtime=0)) for name in names}
    assert sum(weights.values()) <= WEIGHT, sorted(weights.items(), key=lambda one: -one[1])[:6]


def test_every_document_has_a_page_of_its_own(files: dict[str, bytes]) -> None:
    root = project_root()
    assert root is not None
    documents, _ = read_documents(root)
    assert {path.name for path in (root / "docs").glob("*.md")} <= {Path(one.source).name for one in documents}
    assert len({one.path for one in documents}) == len(documents)
    assert {one.path for one in documents} <= files.keys()


def test_title_and_accent(tiny_kb: cs.KnowledgeBase) -> None:
    made = site_files(tiny_kb, law_date=LAW_DATE, title="示例<公司>", accent="#f0c")
    assert "示例&lt;公司&gt;" in made["index.html"].decode()
    assert made["static/css/theme.css"] != site_files(tiny_kb, law_date=LAW_DATE)["static/css/theme.css"]


@pytest.mark.parametrize("accent", ["red", "#12", "#12345g", "#123456;}", ""])
def test_accent_must_be_a_colour(accent: str) -> None:
    with pytest.raises(InvalidValue, match="#rrggbb"):
        theme_css(accent)


@pytest.mark.parametrize("accent", ["#ffffff", "#000000", "#ffff00", "#7f7f7f", "#0f6b5c", "#00f"])
def test_any_accent_can_be_read(accent: str) -> None:
    found = re.findall(r"--accent: (#[0-9a-f]{6}); --on-accent: (#[0-9a-f]{6})", theme_css(accent))
    for (shown, over), ground in zip(found, ("#eef2f0", "#26302d"), strict=False):
        rgb = [tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for colour in (shown, over, ground)]
        # Rounding to whole steps of a colour may take a hair off.
        assert contrast(rgb[0], rgb[1]) >= READABLE - 0.05
        assert contrast(rgb[0], rgb[2]) >= READABLE - 0.05


# -- links and texts -----------------------------------------------------------------------------------------


def test_broken_links_are_found() -> None:
    pages = {
        "a.html": b'<a href="b.html">x</a> <a href="b.html#there">x</a> <a href="https://example.org/">x</a> <p id="here">',
        "d/b.html": b'<a href="../a.html#here">x</a> <a href="../a.html#gone">x</a> <a href="../none.html">x</a> <img src="x.png">',
        "c.html": b'<a href="javascript:alert(1)">x</a> <a href="">x</a> <a href="a.html#kind=x">x</a>',
        "b.html": b'<p id="there">',
    }
    assert broken_links(pages) == [
        "d/b.html: ../a.html#gone",
        "d/b.html: ../none.html",
        "d/b.html: x.png",
        "c.html: javascript:alert(1)",
        "c.html: ",
    ]


def test_a_broken_link_stops_the_build(tiny_kb: cs.KnowledgeBase, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "docs").mkdir(parents=True)
    (project / "docs" / "guide.md").write_text("# Guide\n\n[x](#nowhere)\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"docs/guide\.html: #nowhere"):
        site_files(tiny_kb, law_date=LAW_DATE, project=project)


def test_documents_link_to_each_other(tiny_kb: cs.KnowledgeBase, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "docs").mkdir(parents=True)
    (project / "README.md").write_text("# P\n\n[guide](docs/guide.md#a-part) [code](src/x.py)\n", encoding="utf-8")
    (project / "docs" / "guide.md").write_text(
        "# Guide\n\n## A part\n\n`openers` `forgot` [home](../README.md) <script>alert(1)</script> [x](javascript:alert(1))\n",
        encoding="utf-8",
    )
    made = site_files(tiny_kb, law_date=LAW_DATE, project=project)
    assert 'href="../docs/guide.html#a-part"' in made["docs/about.html"].decode()
    assert "src/x.py" not in made["docs/about.html"].decode()
    assert "&lt;script&gt;" in made["docs/guide.html"].decode()
    assert "<code>forgot</code>" in made["docs/guide.html"].decode()
    assert 'href="javascript' not in made["docs/guide.html"].decode()


def test_names_in_texts() -> None:
    titles = Titles()
    titles.add("forgot", "我忘记了", "objections/forgot.html")
    titles.add("facts/limitation", "时效", "facts/limitation.html")
    assert titles.split("转 forgot，见 facts/limitation.md。unforgotten") == [
        ("转 ", None),
        ("我忘记了", "objections/forgot.html"),
        ("，见 ", None),
        ("时效", "facts/limitation.html"),
        ("。unforgotten", None),
    ]


def test_headings_get_anchors_as_on_code_hosting() -> None:
    seen: dict[str, int] = {}
    assert [heading_id(text, seen) for text in ("A part: one", "A part: one", "怎么用？", "???")] == [
        "a-part-one",
        "a-part-one-1",
        "怎么用",
        "section",
    ]


@pytest.mark.parametrize(("text", "least", "most"), [("好。", 1, 1), ("一" * 42, 10, 10), ("{amount}是应还的", 2, 2)])
def test_speaking_time(text: str, least: int, most: int) -> None:
    assert least <= seconds(text) <= most


def test_steering_characters_become_visible() -> None:
    assert visible("a\u202eb\x00c\ud800\n\t。👨‍👩‍👧") == "a\ufffdb\ufffdc\ufffd\n\t。👨‍👩‍👧"


# -- packing -------------------------------------------------------------------------------------------------


def test_contexts_in_which_the_same_symbols_occur_share_a_code() -> None:
    symbols = np.asarray([0, 1, 0, 1] * 5000 + [8, 9, 8, 9] * 5000)
    contexts = np.asarray([0, 0, 2, 2] * 5000 + [5, 5, 7, 7] * 5000)
    codes, groups = shared_codes(contexts, symbols, most=2)
    assert groups == "00000111"
    assert codes.tolist() == [0] * 20000 + [1] * 20000
    assert shared_codes(contexts[:0], symbols[:0], most=2)[1] == ""


def test_huffman_codes_are_prefix_free_and_short() -> None:
    lengths = huffman_lengths([50, 0, 30, 10, 5, 5])
    codes = canonical_codes(lengths)
    written = [f"{code:0{length}b}" for code, length in zip(codes, lengths, strict=True) if length]
    assert lengths[0] == 1
    assert not any(a != b and b.startswith(a) for a in written for b in written)
    assert sum(2.0**-length for length in lengths if length) == 1
    assert huffman_lengths([0, 7]) == [0, 1]


# -- hostile content -----------------------------------------------------------------------------------------


def test_hostile_corpus_stays_text(tiny: Path) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}{%x%}”'\"&lt;\u202e"
    for file in tiny.glob("objections/*.md"):
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text.replace("- 别说：", f"- 别说：{evil}").replace("- 信息：", f"- 信息：{evil}"), encoding="utf-8"
        )
    made = site_files(cs.load(tiny), law_date=LAW_DATE, title=evil)
    for name, data in made.items():
        text = data.decode()
        if name.endswith(".html"):
            assert "<script>alert" not in text, name
            assert "<img src=x" not in text, name
            assert "49" not in re.findall(r"\{\{7\*7\}\}|(?<=>)49", text), name
        assert "\u202e" not in text or name.startswith("data/folding"), name


# -- writing -------------------------------------------------------------------------------------------------


def test_a_site_replaces_its_former_self(tmp_path: Path) -> None:
    out = tmp_path / "site"
    write_site({"a.html": b"1", "old/b.html": b"2"}, out)
    write_site({"a.html": b"3"}, out)
    assert sorted(path.name for path in out.rglob("*")) == ["a.html", MANIFEST]
    assert (out / "a.html").read_bytes() == b"3"
    assert list(tmp_path.iterdir()) == [out]


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    write_site({"a.html": b"1"}, tmp_path / "site")
    assert (tmp_path / "site" / "a.html").is_file()


@pytest.mark.parametrize("foreign", ["mine.txt", "deep/mine.txt"])
def test_foreign_files_are_never_touched(tmp_path: Path, foreign: str) -> None:
    out = tmp_path / "site"
    write_site({"a.html": b"1"}, out)
    (out / foreign).parent.mkdir(exist_ok=True)
    (out / foreign).write_text("mine", encoding="utf-8")
    with pytest.raises(SiteError, match=r"not written by this command: .*mine\.txt"):
        write_site({"a.html": b"2"}, out)
    assert (out / foreign).read_text(encoding="utf-8") == "mine"
    assert (out / "a.html").read_bytes() == b"1"


def test_foreign_links_and_folders_are_never_touched(tmp_path: Path) -> None:
    out = tmp_path / "site"
    write_site({"a.html": b"1"}, out)
    (out / "empty").mkdir()
    with pytest.raises(SiteError, match="empty/"):
        write_site({"a.html": b"2"}, out)
    (out / "empty").rmdir()
    (out / "link").symlink_to(tmp_path)
    with pytest.raises(SiteError, match="link"):
        write_site({"a.html": b"2"}, out)


def test_changed_pages_are_not_lost(tmp_path: Path) -> None:
    out = tmp_path / "site"
    write_site({"a.html": b"1"}, out)
    (out / "a.html").write_bytes(b"by hand")
    with pytest.raises(SiteError, match="changed since"):
        write_site({"a.html": b"2"}, out)
    assert (out / "a.html").read_bytes() == b"by hand"


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SiteError, match=r"note\.txt"):
        write_site({"a.html": b"1"}, tmp_path)
    (tmp_path / MANIFEST).write_text('{"schema": 1', encoding="utf-8")
    with pytest.raises(SiteError, match=r"note\.txt"):
        write_site({"a.html": b"1"}, tmp_path)


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(SiteError, match="is a file"):
        write_site({"a.html": b"1"}, tmp_path / "file")
    with pytest.raises(SiteError, match="cannot write"):
        write_site({"a.html": b"1"}, tmp_path / "file" / "site")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_place_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SiteError, match="cannot write"):
        write_site({"a.html": b"1"}, tmp_path / "site")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", ["../x.html", "/x.html", "a/../../x.html", "a b.html", "x\\y.html", "", "a//b.html"])
def test_no_page_lies_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(SiteError, match="no name"):
        write_site({name: b"1"}, tmp_path / "site")


def test_nothing_is_left_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "site"
    write_site({"a.html": b"1"}, out)

    def fail(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(SiteError, match="No space left"):
        write_site({"a.html": b"2"}, out)
    assert (out / "a.html").read_bytes() == b"1"
    assert list(tmp_path.iterdir()) == [out]


# -- the command and the server ------------------------------------------------------------------------------


def test_command(tiny: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["--data", str(tiny), "site", str(tmp_path / "out"), "--title", "甲公司"])
    assert done.exit_code == 0, done.output
    assert "甲公司" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_build_site_counts_its_files(tiny_kb: cs.KnowledgeBase, tmp_path: Path) -> None:
    number = build_site(tiny_kb, tmp_path / "out", law_date=LAW_DATE)
    assert number + 1 == sum(path.is_file() for path in (tmp_path / "out").rglob("*"))


def test_server_answers_on_this_machine_only(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("here", encoding="utf-8")
    with open_server(tmp_path, 0) as server:
        assert server.server_address[0] == "127.0.0.1"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
        connection.request("GET", "/index.html")
        assert connection.getresponse().read() == b"here"
        connection.close()
        with pytest.raises(SiteError, match="--port"):
            open_server(tmp_path, server.server_port)
        server.shutdown()
        thread.join()
