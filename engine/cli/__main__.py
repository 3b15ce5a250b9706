"""`python -m engine.cli` is `easel`."""

from engine.cli import main

main()
