"""What each client does, as its user writes it: the code by which the SDK and its peers create the same session.

Each program finds URL and KEY in the environment. Raw httpx is written so that it costs least: its headers and its
address are made once.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Literal

__all__ = ["IMPORTS", "PROGRAMS", "Place", "Program"]

Place = Literal["ours", "galtea", "galileo"]

ADDRESS = """
import os
URL, KEY = os.environ["GALTEA_API_URL"], os.environ["GALTEA_API_KEY"]
"""
ARGUMENTS = 'version_id="ver_123", is_production=True, context="a question", metadata={"key": "value"}'
WIRE = '{"versionId": "ver_123", "isProduction": True, "context": "a question", "metadata": {"key": "value"}}'

#: What is imported, and where; a statement that is no `import X` is named by itself.
IMPORTS: dict[str, tuple[Place, str]] = {
    "nothing": ("ours", "pass"),
    "httpx": ("ours", "import httpx"),
    "evalsessions": ("ours", "import evalsessions"),
    "from evalsessions import Galtea": ("ours", "from evalsessions import Galtea"),
    "evalsessions_client": ("ours", "import evalsessions_client"),
    "pyreqwest": ("ours", "import pyreqwest.client"),
    "galtea": ("galtea", "import galtea"),
    "galileo": ("galileo", "import galileo"),
}


@dataclass(frozen=True, slots=True)
class Program:
    """A client: what makes it, the expression that creates a session and is its id, and what ends it."""

    place: Place
    setup: str
    call: str
    close: str = "client.close()"

    @property
    def once(self) -> str:
        """All of it, with one call, whose id is printed."""
        return f"{ADDRESS}{self.setup}\nprint({self.call})\n{self.close}\n"

    def often(self, *, warm_up: int, calls: int) -> str:
        """All of it with many calls; prints the last id and the seconds of a processor that `calls` of them took."""
        loop = f"""
            import time

            def call():
                return {self.call}

            for _ in range({warm_up}):
                call()
            started = time.process_time()
            for _ in range({calls}):
                last = call()
            print(last, time.process_time() - started)
        """
        return f"{ADDRESS}{self.setup}\n{textwrap.dedent(loop)}\n{self.close}\n"


PROGRAMS = {
    "raw httpx": Program(
        "ours",
        """
import httpx
ADDRESS = URL + "/sessions"
client = httpx.Client(headers={"Authorization": "Bearer " + KEY})
""",
        f'client.post(ADDRESS, json={WIRE}).json()["id"]',
    ),
    "generated client": Program(
        "ours",
        """
from evalsessions_client import AuthenticatedClient
from evalsessions_client.api.galtea.create_session import sync_detailed
from evalsessions_client.models import JsonObject, NewSession
client = AuthenticatedClient(base_url=URL, token=KEY)
""",
        f"sync_detailed(client=client, body=NewSession("
        f"{ARGUMENTS.replace('metadata=', 'metadata=JsonObject.from_dict(')}))).parsed.id",
        "client.get_httpx_client().close()",
    ),
    "evalsessions": Program(
        "ours",
        """
from evalsessions import Galtea
client = Galtea(api_key=KEY, base_url=URL)
""",
        f"client.sessions.create({ARGUMENTS}).id",
    ),
    "evalsessions, fast": Program(
        "ours",
        """
from evalsessions import FastTransport, Galtea
client = Galtea(api_key=KEY, base_url=URL, http_client=FastTransport())
""",
        f"client.sessions.create({ARGUMENTS}).id",
    ),
    # Its constructor asks the server for the oldest version that is still supported; nothing turns that off.
    "galtea": Program(
        "galtea",
        """
from galtea import Galtea
client = Galtea(api_key=KEY, suppress_updatable_version_message=True)
""",
        f"client.sessions.create({ARGUMENTS}).id",
        "",
    ),
    "pyreqwest": Program(
        "ours",
        """
from pyreqwest.client import SyncClientBuilder
ADDRESS = URL + "/sessions"
client = SyncClientBuilder().default_headers({"Authorization": "Bearer " + KEY}).build()
""",
        f'client.post(ADDRESS).body_json({WIRE}).build().send().json()["id"]',
    ),
}
