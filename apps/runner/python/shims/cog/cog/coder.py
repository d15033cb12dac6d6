"""Coders write a predictor's own types as JSON and read them."""


class Coder:
    """A subclass handles one or more types: `factory(type)` returns a coder or None, `encode(value)` a dict, and
    `decode(dict)` the value."""

    _coders = []

    @staticmethod
    def register(coder):
        """`coder`: the class. Registering it twice has no further effect."""
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
    """Leaves JSON objects as they are."""

    @staticmethod
    def factory(tpe):
        return JsonCoder() if tpe is dict else None

    def encode(self, x):
        return x

    def decode(self, x):
        return x


json_coder = JsonCoder
