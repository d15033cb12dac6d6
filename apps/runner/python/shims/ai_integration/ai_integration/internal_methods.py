"""The older interface under its internal name, which some models use."""
from millrace_runner.conventions.ai_integration import start_loop as _start_loop

__all__ = ["_start_loop"]
