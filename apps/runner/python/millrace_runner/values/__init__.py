"""What goes in and comes out: files, JSON and numbers, the same for all conventions."""
