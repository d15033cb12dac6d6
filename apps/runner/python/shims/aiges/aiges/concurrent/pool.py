"""The common part of all pools: their name."""
import abc


class Pool(abc.ABC):  # noqa: B024 - wrappers only test for it
    pass
