"""Runs Python models of five conventions for a Millrace worker. main.py shows in which order things happen."""
