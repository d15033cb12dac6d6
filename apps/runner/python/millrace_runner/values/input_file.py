"""A file of the input. runs/run.py puts one into `run.input` at each place that names a file; the conventions read
it."""
import os


class InputFile:
    """`path` is absolute and inside the run's folder; `name`, `content_type`, `size` and `sha256` as they were stored."""

    def __init__(self, path, name, content_type, size, sha256):
        self.path = path
        self.name = name
        self.content_type = content_type
        self.size = size
        self.sha256 = sha256

    def read(self):
        with open(self.path, "rb") as file:
            return file.read()

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return "InputFile(%r, %s, %d bytes)" % (os.path.basename(self.path), self.content_type, self.size)
