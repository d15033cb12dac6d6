"""One module per convention. Each has `run(found, session)`: load the model, say ready, answer runs until the end."""
