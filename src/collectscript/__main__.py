"""Run the command line as `python -m collectscript`."""

from collectscript.cli import main

main()
