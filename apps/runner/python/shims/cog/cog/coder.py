"""Types of a predictor's own, and how they are written as JSON."""


class Coder:
    """A subclass knows one or more types: `factory(type)` gives a coder or None, `encode(value)` a dict, and
    `decode(dict)` the value."""

    _coders = []

    @staticmethod
    def register(coder):
        """`coder`: the class. Registering twice is the same as once."""
        if coder not in Coder._coders:
            Coder._coders.append(coder)
        return coder

    @staticmethod
    def lookup(tpe):
        """The coder of a type, or None."""
        for coder in Coder._coders:
            found = coder.factory(tpe)
            if found is not None:
                return found
        return None

    @staticmethod
    def factory(tpe):
        return None

    def encode(self, x):
        raise NotImplementedError("a Coder needs encode()")

    def decode(self, x):
        raise NotImplementedError("a Coder needs decode()")


class JsonCoder(Coder):
    """JSON objects as they are."""

    @staticmethod
    def factory(tpe):
        return JsonCoder() if tpe is dict else None

    def encode(self, x):
        return x

    def decode(self, x):
        return x


json_coder = JsonCoder
