"""The policy pack: `pulumi preview --policy-pack policy` judges the stack by the rules of `nodrop check`."""

from pathlib import Path

from nodrop.policy import main

if __name__ == "__main__":
    main(Path(__file__).parent)
