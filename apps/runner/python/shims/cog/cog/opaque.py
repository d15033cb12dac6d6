"""`typing.Annotated[T, Opaque]` says that a value is plain JSON which nobody looks into."""


class _Opaque:
    def __repr__(self):
        return "cog.Opaque"


Opaque = _Opaque()
