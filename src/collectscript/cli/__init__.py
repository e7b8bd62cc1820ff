"""The command line."""

import gc

# What starts a command is kept until it ends: looking through it for garbage, again and again, takes a seventh of the
# start. Before the imports, which make most of it.
gc.set_threshold(100_000, 20, 20)

from collectscript.cli.base import main  # noqa: E402

__all__ = ["main"]
