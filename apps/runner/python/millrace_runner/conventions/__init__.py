"""One module or package per convention, named as in millrace.yaml. Each has `run(found, session)`, which main.py calls: it
loads the model, says ready, and answers runs until the end."""
