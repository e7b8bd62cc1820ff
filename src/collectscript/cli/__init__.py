"""The command line."""

from collectscript.cli.base import main

__all__ = ["main"]
