"""Where older predictors import some names from; there is no server in it."""
