"""Older predictors import some names from here. There is no server in it."""
