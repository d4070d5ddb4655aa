"""What the exit code of every command says; docs/exit-codes.md is the same table."""

DROPS = 1
"""Requests drop or leak; or, of `check`, something was found at the level of `--fail-on`."""
UNREADABLE = 2
"""Wrong usage, or an input that cannot be read or is refused. Click's own code for wrong usage."""
CANNOT_RUN_HERE = 3
"""Something that the command needs is missing here, a rehearsal stays undecided, or nodrop itself failed."""
INTERRUPTED = 130
"""After Ctrl-C: 128 and the number of SIGINT, as shells count it."""
NOBODY_READS = 141
"""Whoever read the output went away: 128 and the number of SIGPIPE."""
