"""The command line by `python -m evalsessions`."""
