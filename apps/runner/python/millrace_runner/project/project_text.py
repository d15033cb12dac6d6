"""Reads the text of a project's file. Called by project.py and find/entry_points.py."""


def project_text(path):
    """Empty when the file does not exist, cannot be read or is not UTF-8."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return ""
