"""Pools for things of which a wrapper has a fixed number."""
