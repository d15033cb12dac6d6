"""The model that recordings of Cog's own server were made with, a little quicker where it is slow."""
import time

from cog import BasePredictor, ConcatenateIterator, Input


class Predictor(BasePredictor):
    def predict(
        self,
        text: str = Input(description="What to say", max_length=100),
        times: int = Input(default=1, ge=1, le=5),
        mode: str = Input(default="ok", choices=["ok", "fail", "slow", "file"]),
    ) -> ConcatenateIterator[str]:
        print("hello log")
        if mode == "fail":
            raise ValueError("model said no")
        if mode == "slow":
            for _ in range(600):
                time.sleep(0.05)
                yield "."
        for _ in range(times):
            yield text.upper()
