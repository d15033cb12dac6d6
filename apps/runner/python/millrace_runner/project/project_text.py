"""The text of a project's file. Called by what reads those files: project.py and find/entry_points.py."""


def project_text(path):
    """Empty when it is not there, cannot be read or is no UTF-8."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return ""
