"""The worker's end of the line: the pipe of messages, and the watch that ends this process when the worker is gone."""
