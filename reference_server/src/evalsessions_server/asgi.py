"""The application by name, for ASGI servers and for harnesses: ``evalsessions_server.asgi:app``.

Set up from the environment: ``GALTEA_API_KEY``, ``GALTEA_LEGACY_API_KEY``, ``GALILEO_API_KEY``,
``EVALSESSIONS_DATABASE``, ``EVALSESSIONS_CATALOG``, ``EVALSESSIONS_OPEN_WORLD``. A key that was made because none was
set is printed once, as on the command line.
"""

import os
import sys

from evalsessions_server.app import create_app
from evalsessions_server.settings import Settings

__all__ = ["app"]

_settings = Settings.from_environment(os.environ)
app = create_app(_settings)
sys.stdout.writelines(f"{line}\n" for line in _settings.announcements())
