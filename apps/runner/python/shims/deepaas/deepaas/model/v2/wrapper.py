"""The shapes of files that a model takes and gives."""
import collections

_FIELDS = ("name", "filename", "content_type", "original_filename")

# `name`: of the argument. `filename`: the path on disk. `content_type`: the media type. `original_filename`: the name
# that the client gave.
UploadedFile = collections.namedtuple("UploadedFile", _FIELDS, defaults=(None,) * 4)
ReturnedFile = collections.namedtuple("ReturnedFile", _FIELDS, defaults=(None,) * 4)
