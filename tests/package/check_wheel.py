"""Build sdist and wheel from a copy, take the copy away, and use the wheel in an empty environment.

Run as `python tests/package/check_wheel.py`; it needs the package `build` and a package index.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROBE = """
import sys
import collectscript as cs
kb = cs.load()
assert kb.match("哎呀我给忘了").matches[0].objection.id == "forgot"
assert kb.respond("哎呀我给忘了").responses
assert "numpy" not in sys.modules, "the wheel learns at start: its compiled form is missing"
assert "jieba" not in sys.modules
print(len(kb))
"""


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command; show it, stop when it fails, return what it printed."""
    print("+", *command, flush=True)
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def main() -> None:
    """Build, install, probe."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        copy = place / "source"
        ignored = shutil.ignore_patterns(".git", ".venv", "dist", "build", "*cache*", "__pycache__")
        shutil.copytree(ROOT, copy, ignore=ignored)
        entries = len(list((copy / "data" / "objections").glob("*.md")))
        data_files = len([file for file in (copy / "data").rglob("*") if file.is_file()])
        # Without options the wheel is built from the sdist: what is not in the sdist is not in the wheel.
        run(sys.executable, "-m", "build", "--outdir", place / "dist", cwd=copy)
        shutil.rmtree(copy)
        (wheel,) = (place / "dist").glob("*.whl")
        venv.create(place / "empty", with_pip=True)
        scripts = place / "empty" / ("Scripts" if os.name == "nt" else "bin")
        run(scripts / "python", "-m", "pip", "install", "-q", wheel, cwd=place)
        # A cache that cannot be written: an installed package must not need one.
        env = os.environ | {"COLLECTSCRIPT_CACHE": str(place / "dist" / wheel.name), "PYTHONUTF8": "1"}
        elsewhere = place / "elsewhere"
        elsewhere.mkdir()
        assert int(run(scripts / "python", "-c", PROBE, cwd=elsewhere, env=env)) == entries
        out = run(scripts / "collectscript", "哎呀我给忘了", cwd=elsewhere, env=env)
        assert "forgot" in out
        package = next((place / "empty").rglob("collectscript/data"))
        assert len([file for file in package.rglob("*") if file.is_file()]) == data_files
        print(f"wheel {wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, {entries} entries, {data_files} data files")


if __name__ == "__main__":
    main()
