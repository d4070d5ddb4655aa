"""Asks a language server what an editor shows."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self


class LanguageServer:
    """A server of the environment that the tests run in, for programs in one folder."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._folder = folder
        self._asked = 0
        executable = Path(sys.executable).parent / command[0]
        self._process = subprocess.Popen(
            [str(executable), *command[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> Self:
        markdown = {"textDocument": {"hover": {"contentFormat": ["markdown"]}}, "workspace": {"configuration": True}}
        folder = {"uri": self._folder.as_uri(), "name": "programs"}
        self._ask("initialize", {"processId": None, "workspaceFolders": [folder], "capabilities": markdown})
        self._send({"method": "initialized", "params": {}})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def hover(self, program: str, at: str, word: str) -> str:
        """What is shown in one line for a word in the first place of `at` in a program; "" if nothing is."""
        file = self._folder / "program.py"
        file.write_text(program)
        self._asked += 1
        document = {"uri": file.as_uri(), "languageId": "python", "version": self._asked, "text": program}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        before = program[: program.index(at) + at.index(word)]
        position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        found = self._ask("textDocument/hover", {"textDocument": {"uri": file.as_uri()}, "position": position})
        self._send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": file.as_uri()}}})
        return " ".join(found["contents"]["value"].replace("\\", "").split()) if found else ""

    def _ask(self, method: str, params: Any) -> Any:
        self._asked += 1
        number = self._asked
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" not in message and message.get("id") == number:
                return message.get("result")
            if "method" in message and "id" in message:  # the server's own questions: use this environment
                asked = message["params"].get("items", []) if message["method"] == "workspace/configuration" else []
                settings = [{"pythonPath": sys.executable} for _ in asked]
                self._send({"id": message["id"], "result": settings or None})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> Any:
        assert self._process.stdout
        length = 0
        while (line := self._process.stdout.readline()) != b"\r\n":
            assert line, "the language server has ended"
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return json.loads(self._process.stdout.read(length))
