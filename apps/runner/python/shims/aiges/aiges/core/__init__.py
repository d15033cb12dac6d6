"""The constants that wrappers import by name."""
