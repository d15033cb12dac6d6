"""The process of a Python model: `python -u run_model.py '<settings as JSON>'`. It reads the worker's messages from
descriptor 3 and answers on descriptor 4. Standard library only, Python 3.9 and later."""
import os
import sys

if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    # The one import below needs this folder. A model must not find our files in it, so it is removed again.
    sys.path[:] = [here] + [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    from millrace_runner.main import main

    sys.path.remove(here)
    main(sys.argv[1])
