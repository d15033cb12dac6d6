"""What pools have in common: their name."""
import abc


class Pool(abc.ABC):  # noqa: B024 - wrappers only test for it
    pass
