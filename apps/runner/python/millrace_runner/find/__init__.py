"""What a folder holds: its convention, its file, its entry points. Reads sources, runs none."""
