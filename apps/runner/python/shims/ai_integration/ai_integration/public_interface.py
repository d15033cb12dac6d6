"""The older interface: a function is called with the inputs."""
from millrace_runner.conventions.ai_integration import start_loop

__all__ = ["start_loop"]
