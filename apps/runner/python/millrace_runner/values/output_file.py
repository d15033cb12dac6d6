"""A file of the output with the name and type that a convention knows. Made by the conventions, read by
encode_output.py."""


class OutputFile:
    """Has either `data` (bytes), `path` or `stream`, an open file or buffer that is closed after it was read.
    `content_type` None: it is found from the name, then from the first bytes."""

    def __init__(self, data=None, path=None, name=None, content_type=None, stream=None):
        self.data = data
        self.path = path
        self.stream = stream
        self.name = name
        self.content_type = content_type


class TakenFile:
    """A file that is in the run's folder already. `entry`: its path, name and content_type from OutputFolder."""

    def __init__(self, entry):
        self.entry = entry
