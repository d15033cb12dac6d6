"""Pools of things that a wrapper has a fixed number of."""
