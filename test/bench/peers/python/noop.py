"""The model of all peers: gives back its text, after as long as it is told."""
import time


def run(data):
    if data["ms"]:
        time.sleep(data["ms"] / 1000)
    return {"text": data["text"]}
