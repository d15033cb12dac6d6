"""Gives input files to a Cog model under their own names, because many libraries look at the extension of a file.
Called by containers.py."""
import mimetypes
import os
import shutil

from cog.types import Path

from ...values.output_folder import safe_name

NAME_BYTES = 200


def path_of(file):
    """A cog.Path of an InputFile, in the run's folder."""
    # A worker calls it `<number>-<name>`. The number keeps two files of the same name apart; all of another name does, too.
    place, name_on_disk = os.path.split(file.path)
    number = name_on_disk.split("-")[0]
    folder = os.path.join(place, number if number.isdigit() else "of-" + name_on_disk)
    os.makedirs(folder, exist_ok=True)
    name = safe_name(file.name)
    if not os.path.splitext(name)[1]:
        name += mimetypes.guess_extension(file.content_type.split(";")[0].strip()) or ""
    path = os.path.join(folder, name[-NAME_BYTES:])
    if not os.path.exists(path):
        try:
            os.link(file.path, path)
        except OSError:
            shutil.copyfile(file.path, path)
    return Path(path)


def open_file(file):
    """An open file of an InputFile, to read bytes from."""
    return open(path_of(file), "rb")
