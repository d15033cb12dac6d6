"""Runs Python models of five conventions for a Millrace worker. See main.py for the order of things."""
