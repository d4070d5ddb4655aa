"""Runs the program of the selected stack; the programs are in `stacks`."""

from stacks.programs import run

run()
