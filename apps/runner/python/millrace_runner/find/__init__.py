"""Finds in a folder its convention, its file and its entry points. It reads sources and runs none of them."""
