"""The connection to the worker: the pipe of messages, and the watch that ends this process when the worker is gone."""
