"""The logger that wrappers import."""
