"""`python -P -m nodrop`: the command, where no script `nodrop` is on the path.

Without -P, Python looks for modules in the current folder first, before anything of this can prevent it.
"""

import sys

if not sys.flags.safe_path:
    sys.exit(
        "error: python -m nodrop would import modules from the current folder; "
        "run the command nodrop, or python -P -m nodrop"
    )

from nodrop.cli import main

main(prog_name="nodrop")
