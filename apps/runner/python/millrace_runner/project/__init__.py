"""What the project of a model says of itself (pyproject.toml, setup.cfg, setup.py), and imports from a clone of it."""
