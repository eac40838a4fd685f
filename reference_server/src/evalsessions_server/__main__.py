"""``python -m evalsessions_server`` is the console script ``evalsessions-server``."""

from evalsessions_server.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
