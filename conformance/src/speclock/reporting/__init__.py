"""Faces of a run for people and machines. Reporters hear events; every text that they write has passed `Secrets`."""
