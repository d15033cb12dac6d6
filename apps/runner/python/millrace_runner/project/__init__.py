"""Reads the project files of a model (pyproject.toml, setup.cfg, setup.py), and makes imports from a clone of the
project work."""
