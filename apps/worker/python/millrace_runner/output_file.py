"""A file of the output, said with its name and type by a convention that knows them."""


class OutputFile:
    """Either `data` (bytes) or `path`. `content_type` None: told from the name, then from the first bytes."""

    def __init__(self, data=None, path=None, name=None, content_type=None):
        self.data = data
        self.path = path
        self.name = name
        self.content_type = content_type
