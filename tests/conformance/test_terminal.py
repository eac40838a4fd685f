"""What a person at a terminal sees: progress once it takes a while, and a clean end on Ctrl-C."""

import os
import pty
import select
import socket
import time

from tests.conformance.harness import COMMAND, CONTRACT, PROFILE, ROOT, SECRET
from tests.conformance.loans_server import KEY

_PATIENCE = 60.0


def read_until(terminal: int, text: bytes | None, seen: bytes = b"") -> bytes:
    """What the terminal shows until `text` does, or until its end."""
    deadline = time.monotonic() + _PATIENCE
    while text is None or text not in seen:
        assert select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0], seen
        try:
            more = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other side has closed
            more = b""
        if not more:
            assert text is None, seen
            break
        seen += more
    return seen


def test_progress_shows_while_nothing_is_answered_and_an_interrupt_takes_it_away() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(ROOT)
            arguments = [*COMMAND, "check", "--contract", str(CONTRACT), "--profile", str(PROFILE), "--url", url]
            os.execve(arguments[0], arguments, {**os.environ, KEY: SECRET, "TERM": "xterm", "COLUMNS": "120"})
        seen = read_until(terminal, b"0 cases, 0 findings")
        os.write(terminal, b"\x03")
        seen = read_until(terminal, None, seen)
        _, status = os.waitpid(child, 0)
        os.close(terminal)

    assert os.waitstatus_to_exitcode(status) == 2
    erase_line = b"\x1b[2K"
    assert seen.endswith(erase_line + b"speclock: interrupted; no report was written\r\n")
    assert b"Traceback" not in seen
