"""The settings from the worker, in the one argument of the process. Read by main.py and missing_imports.py."""
import json

HEARTBEAT_SECONDS = 5


class Settings:
    """Fields as in the worker's python-settings schema. Fields that are left out are None or empty."""

    def __init__(self, text):
        given = json.loads(text)
        self.folder = given["folder"]
        self.convention = given.get("convention")
        self.ref = given.get("ref")
        self.train_ref = given.get("train_ref")
        self.host_pid = given.get("host_pid")
        self.device = given.get("device", "cpu")
        self.cog = given.get("cog")
        self.config = given.get("config") or {}
        self.manifest = given.get("manifest") or {}
        self.print = given.get("print")
        self.heartbeat_seconds = given.get("heartbeat_seconds", HEARTBEAT_SECONDS)
