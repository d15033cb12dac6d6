"""The no-op behind Gradio's queue, eight at once."""
import os
import sys

import gradio
import noop


def answer(text: str, ms: int) -> dict:
    return noop.run({"text": text, "ms": ms})


with gradio.Blocks() as blocks:
    gradio.api(answer, api_name="answer", queue=True, concurrency_limit=int(os.environ["BENCH_SLOTS"]))

if __name__ == "__main__":
    blocks.queue().launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=False)
