"""The no-op as a task of BentoML: submitted, asked for, its state in the folder of BentoML."""
import os

import bentoml
import noop


@bentoml.service(workers=int(os.environ.get("BENCH_SLOTS", "8")))
class Noop:
    @bentoml.task
    def answer(self, text: str, ms: int = 0) -> dict:
        return noop.run({"text": text, "ms": ms})
