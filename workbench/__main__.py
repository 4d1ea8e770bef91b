"""`python -m workbench`: the command line, for where the program is not on the PATH."""

from workbench.cli.entry import main

main()
