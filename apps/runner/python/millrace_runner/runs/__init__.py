"""One run of the model: how it is served, what it prints, how it is broken off, and how its errors are told."""
