"""One run of the model: how it is served, what it prints, how it is interrupted, and how its errors are reported."""
