"""The version in the way of DEEPaaS up to 2.3."""
VERSION = "2.6.0"


class _VersionInfo:
    def release_string(self):
        return VERSION

    version_string = release_string


version_info = _VersionInfo()
release_string = version_info.release_string()
version_string = version_info.version_string()
