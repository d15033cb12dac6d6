"""The process of a Python model: `python -u run_model.py '<settings as JSON>'`, with descriptor 3 to hear the worker and
descriptor 4 to answer it. Standard library only, Python 3.9 and later."""
import os
import sys

if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    # This folder is needed for the one import below; a model must not find our files by it.
    sys.path[:] = [here] + [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    from millrace_runner.main import main

    sys.path.remove(here)
    main(sys.argv[1])
