"""Input and output values: files, JSON and numbers, the same for all conventions."""
