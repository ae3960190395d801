"""The findings in an editor that speaks LSP: python-lsp-server runs flake8, and flake8 joinlint.

The server gets the settings that docs/editors.md gives Helix, which are those of every editor that starts it.
"""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pylsp", reason="python-lsp-server is missing: pip install 'joinlint[editors]'")
streams = pytest.importorskip("pylsp_jsonrpc.streams")

NEVER_JOINED = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    print("on it goes")
"""
JOINED = NEVER_JOINED.replace('print("on it goes")', "p.join()")
# Joined, unless what comes between raises: only the opt-in JL103 speaks of it.
UNSAFE = NEVER_JOINED.replace('print("on it goes")', "work()\n    p.join()")
PATIENCE = 60.0  # seconds, on a busy machine

PAGE = (Path(__file__).parents[2] / "docs" / "editors.md").read_text(encoding="utf-8")


class Client:
    """The part of an editor that talks to a language server over its standard input and output."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self._writer = streams.JsonRpcStreamWriter(server.stdin)
        self._received: queue.Queue[dict[str, Any]] = queue.Queue()
        reader = streams.JsonRpcStreamReader(server.stdout)
        threading.Thread(target=reader.listen, args=(self._received.put,), daemon=True).start()

    def request(self, method: str, parameters: object) -> None:
        self._writer.write({"jsonrpc": "2.0", "id": method, "method": method, "params": parameters})
        while self._received.get(timeout=PATIENCE).get("id") != method:
            pass

    def notify(self, method: str, parameters: object) -> None:
        self._writer.write({"jsonrpc": "2.0", "method": method, "params": parameters})

    def diagnostics(self, version: int) -> list[dict[str, Any]]:
        """What the server says of that version of the document."""
        while True:
            message = self._received.get(timeout=PATIENCE)
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["version"] == version:
                return message["params"]["diagnostics"]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """An editor with the folder open, and python-lsp-server with the settings of the documentation."""
    (settings,) = re.findall(r"^```toml\n(# languages\.toml.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    scripts = os.path.dirname(sys.executable)
    server = subprocess.Popen(
        [sys.executable, "-m", "pylsp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        env={**os.environ, "PATH": os.pathsep.join([scripts, os.environ["PATH"]])},
    )
    try:
        editor = Client(server)
        editor.request("initialize", {"processId": os.getpid(), "rootUri": tmp_path.as_uri(), "capabilities": {}})
        editor.notify("initialized", {})
        editor.notify(
            "workspace/didChangeConfiguration",
            {"settings": tomllib.loads(settings)["language-server"]["pylsp"]["config"]},
        )
        yield editor
    finally:
        server.kill()
        server.wait()


def test_findings_come_and_go_with_the_text(client: Client, tmp_path: Path) -> None:
    document = {"uri": (tmp_path / "app.py").as_uri(), "version": 1}
    client.notify("textDocument/didOpen", {"textDocument": {**document, "languageId": "python", "text": NEVER_JOINED}})
    (found,) = client.diagnostics(1)
    assert (found["code"], found["source"], found["severity"]) == ("JL101", "flake8", 2)
    assert found["range"]["start"] == {"line": 5, "character": 4}
    assert found["message"] == "JL101 `p` is started and never joined"
    client.notify(
        "textDocument/didChange", {"textDocument": {**document, "version": 2}, "contentChanges": [{"text": JOINED}]}
    )
    assert client.diagnostics(2) == []


def test_settings_of_flake8_hold(client: Client, tmp_path: Path) -> None:
    (tmp_path / ".flake8").write_text("[flake8]\njoinlint-enable = JL103\n")
    document = {"uri": (tmp_path / "app.py").as_uri(), "version": 1, "languageId": "python", "text": UNSAFE}
    client.notify("textDocument/didOpen", {"textDocument": document})
    assert [found["code"] for found in client.diagnostics(1)] == ["JL103"]
