"""Build hook: learn the corpus once, so that the installed package starts without learning; carry its documents."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds the compiled form of `data/` and the documents that become part of a site to a wheel.

    An editable install compiles into the user's cache and reads the documents where they are.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the corpus and put it beside the package."""
        # An editable install reads data/ as it is now; a copy of it would go stale.
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from collectscript.compiled import PACKAGED, cache_folder, compiled_name, make, write
        from collectscript.files import read_files
        from collectscript.site import project

        files = read_files(root / "data")
        name = compiled_name(files)
        form = cache_folder() / name
        if not form.is_dir():
            # Learned at most once on a machine; where the cache cannot be written, it is made in a folder of its own.
            made = make(files)
            write(made, form)
            if not form.is_dir():
                form = Path(mkdtemp(prefix="collectscript-")) / name
                write(made, form)
        build_data["force_include"][str(root / "data")] = "collectscript/data"
        build_data["force_include"][str(form)] = f"collectscript/{PACKAGED}/{name}"
        for document in project.SOURCES:
            build_data["force_include"][str(root / document)] = f"collectscript/{project.PACKAGED}/{document}"
