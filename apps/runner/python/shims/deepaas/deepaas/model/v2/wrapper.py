"""The shapes of files that go into a model and come out of it."""
import collections

_FIELDS = ("name", "filename", "content_type", "original_filename")

# `name` of the argument, `filename` the path on disk, `content_type`, and `original_filename` as the client named it.
UploadedFile = collections.namedtuple("UploadedFile", _FIELDS, defaults=(None,) * 4)
ReturnedFile = collections.namedtuple("ReturnedFile", _FIELDS, defaults=(None,) * 4)
