"""ready-test that loses keep-alive races: it closes a connection just as the tenth request of it has come."""

import asyncio
import sys

from nodrop.lab.ready_test import HttpConnection, Outcome, ReadyTest, parse_arguments

REQUESTS = 10


class RacingConnection(HttpConnection):
    answered = 0

    def send(self, outcome: Outcome) -> None:
        self.answered += 1
        if self.answered < REQUESTS:
            super().send(outcome)
        else:
            self.transport.close()


class Racing(ReadyTest):
    def connected(self) -> HttpConnection:
        return RacingConnection(self)


if __name__ == "__main__":
    asyncio.run(Racing(parse_arguments(sys.argv[1:])).run())
