"""The curl line of a finding, run by a shell: it sends what the finding's request was, to the last byte."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from speclock.core.cases import Request
from speclock.core.secrets import Secrets
from speclock.reporting.curl import curl_line
from tests.conformance.command_runs import Handler, serving
from tests.conformance.harness import CONTRACT, PROFILE, SECRET, speclock
from tests.conformance.loans_server import KEY, app_with
from tests.support.debian import PackageUnavailableError, install
from tests.support.listening import listening

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module", autouse=True)
def curl() -> None:
    """The real one."""
    try:
        install("curl", lambda: shutil.which("curl") is not None)
    except PackageUnavailableError as error:
        pytest.skip(str(error))


#: Of what no shell, and not every program, takes as it is.
BODIES = {
    "quotes": b'{"a": "\'\\"\'"}',
    "what shells read": b'"$(id) `id` ${HOME} $LOANS_KEY \\\\ ! # ~ * ?"',
    "line ends": b'"a\r\nb\n"\n',
    "a file by its name": b"@/etc/passwd",
    "NUL bytes": b"\0a\0\0b\0",
    "bytes that are no UTF-8": b"\xff\xfe\xed\xa0\x80%s%d\\n",
    "a long run": b"[" * 20_000 + b"]" * 20_000,
    "long runs of odd bytes": b"a" + b"'" * 5000 + b"\0" * 5000 + b"\\" * 5000 + b"\xff" * 5000 + b"%" * 5000,
    "more than an argument can have": b"0123456789" * 20_000,
    "white space at its end": b"{}" + b" " * 100_000 + b"\n",
    "a minus at its beginning": b"-n",
    "characters of all planes": "é漢\U0001f600".encode(),
}
TARGETS = {
    "brackets and braces": "/a?filter[name]=x&list[]={1,2}&range=[1-3]",
    "dots in the path": "/a/../b/./c",
    "quotes and dollars": "/a?x='\"$HOME`id`!;b|c&y=(z)",
    "escapes": "/a%00%2F%3F?x=%&y=%zz",
    "a very long query": "/a?x=" + "y" * 20_000,
}


def run(line: str, folder: Path) -> tuple[int, str]:
    """Run a line in a shell; the status of the answer, and its body."""
    (folder / ".curlrc").write_text('write-out = "\\n%{http_code}"\n')
    (folder / "line.sh").write_bytes(line.encode())
    done = subprocess.run(
        ["sh", "line.sh"],
        capture_output=True,
        env={"PATH": os.environ["PATH"], "CURL_HOME": str(folder), KEY: SECRET},
        cwd=folder,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    body, _, status = done.stdout.decode("utf-8", "replace").rpartition("\n")
    return int(status), body


class Listening(Handler):
    """Takes down what it is asked, and accepts it."""

    asked: list[tuple[str, str, dict[str, str], bytes]]

    def answer(self, body: bytes) -> None:
        self.asked.append((self.command, self.path, dict(self.headers.items()), body))
        self.reply(200, b'{"loanId": "loan_1", "bookId": "book_1"}')


@pytest.fixture
def server() -> type[Listening]:
    return type("Own", (Listening,), {"asked": []})


@pytest.mark.parametrize(
    ("fault", "phase"),
    [
        ("accepts the forbidden pair", "examples"),
        ("crashes on a long note", "examples"),
        ("does not look at the limit", "combinations"),
        ("does not check the key", "auth"),
        ("takes any key", "auth"),
        ("answers methods it does not have", "robustness,coverage"),
    ],
)
def test_the_line_of_a_finding_shows_it_again_on_a_real_socket(
    fault: str, phase: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, SECRET)  # the server reads it too
    path = tmp_path / "report.json"
    with listening(app_with(fault)) as url:
        ran = speclock(
            *("check", "--contract", CONTRACT, "--url", url, "--profile", PROFILE, "--phases", phase),
            *("--report", f"json={path}"),
        )
        assert ran.status == 1, ran.err
        findings = json.loads(path.read_text())["findings"]
        answers = [run(finding["curl"], tmp_path)[0] for finding in findings]

    assert answers == [finding["response"]["status"] for finding in findings]
    assert SECRET not in "".join(finding["curl"] for finding in findings)


def test_the_lines_of_hostile_findings_send_their_very_bytes(server: type[Listening], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with serving(server) as url:
        speclock(
            *("check", "--contract", CONTRACT, "--url", url, "--profile", PROFILE, "--phases", "robustness"),
            *("--include", "createReturn", "--report", f"json={path}"),
        )
        findings = [item for item in json.loads(path.read_text())["findings"] if item["case"]["raw"] is not None]
        server.asked.clear()
        for finding in findings:
            run(finding["curl"], tmp_path)

    wanted = [base64.b64decode(finding["case"]["raw"]) for finding in findings]
    assert [asked[3] for asked in server.asked] == wanted
    assert all(hard in b"".join(wanted) for hard in (b"\0", b"\xff", b"'", b"[" * 20_000))
    media_types = [finding["case"]["headers"].get("Content-Type") for finding in findings]
    assert [asked[2].get("Content-Type") for asked in server.asked] == media_types
    assert {asked[2]["Authorization"] for asked in server.asked} == {f"Bearer {SECRET}"}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_arrives_as_it_is(name: str, server: type[Listening], tmp_path: Path) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {SECRET}"}
    with serving(server) as url:
        sent(request(url, "/a", headers, BODIES[name]), tmp_path)

    (asked,) = server.asked
    assert asked[3] == BODIES[name]
    assert asked[2].items() >= headers.items()


@pytest.mark.parametrize("name", TARGETS)
def test_an_address_arrives_as_it_is(name: str, server: type[Listening], tmp_path: Path) -> None:
    with serving(server) as url:
        sent(request(url, TARGETS[name], {}, b""), tmp_path)

    assert [asked[1] for asked in server.asked] == [TARGETS[name]]


def test_headers_arrive_as_they_are_and_none_is_added(server: type[Listening], tmp_path: Path) -> None:
    """An empty one too; curl would leave it out, and add a media type of its own to a body that has none."""
    headers = {"X-Empty": "", "X-Odd": 'a\'b "c" $HOME `id` \\ {} @x', "Cookie": "a=b; c=d"}
    with serving(server) as url:
        sent(request(url, "/a", headers, b"body"), tmp_path)

    (asked,) = server.asked
    own = {name: value for name, value in asked[2].items() if name not in ("Host", "User-Agent", "Accept")}
    assert own == {**headers, "Content-Length": "4"}


@pytest.mark.parametrize("place", ["header", "query", "body", "a body with NUL"])
def test_a_credential_comes_from_the_environment_wherever_it_stands(
    place: str, server: type[Listening], tmp_path: Path
) -> None:
    target = f"/a?key={SECRET}&x=$HOME" if place == "query" else "/a"
    headers = {"Content-Type": "text/plain"}
    if place == "header":
        headers["Authorization"] = f"bearer {SECRET}x"
    body = f'"{SECRET}" $HOME `id`'.encode() if place == "body" else b"\0"
    with serving(server) as url:
        line = sent(request(url, target, headers, body), tmp_path)

    ((_, path, given, got),) = server.asked
    assert SECRET not in line
    assert (path, got, given.get("Authorization")) == (target, body, headers.get("Authorization"))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_method_is_the_one_of_the_request_with_and_without_a_body(
    method: str, server: type[Listening], tmp_path: Path
) -> None:
    with serving(server) as url:
        for body in (b"", b"{}"):
            sent(request(url, "/a", {}, body, method), tmp_path)

    assert [(asked[0], asked[3]) for asked in server.asked] == [(method, b""), (method, b"{}")]


def request(url: str, target: str, headers: dict[str, str], body: bytes, method: str = "POST") -> Request:
    return Request(method, url + target, urlsplit(target).path, target, headers, body, {})


def sent(what: Request, folder: Path) -> str:
    """The curl line of a request, which is run."""
    line = curl_line(what, Secrets.of([(KEY, SECRET)]))
    assert run(line, folder)[0] == 200
    return line
