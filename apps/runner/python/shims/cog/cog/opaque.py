"""`typing.Annotated[T, Opaque]` marks a value as plain JSON that nobody looks into."""


class _Opaque:
    def __repr__(self):
        return "cog.Opaque"


Opaque = _Opaque()
