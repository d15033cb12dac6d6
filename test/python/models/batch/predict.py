"""Takes four runs in one call and says in each output which call that was. A run may fail alone, make the call raise, or
end the process."""
import os
import time
from typing import List

from cog import BaseModel, Input
from millrace import ModelError, checkpoint, emit, item, log, progress

MODES = ["plain", "fail", "wrong", "raise", "crowd", "few", "emit", "print", "exit", "never", "keep"]


class Output(BaseModel):
    n: int
    call: int
    together: int
    chars: int


class Predictor:
    def setup(self):
        self.calls = 0

    def predict(
        self,
        mode: List[str] = Input(default="plain", choices=MODES),
        n: List[int] = Input(default=0),
        seconds: List[float] = Input(default=[0.0], description="How long the call takes at least."),
        text: List[str] = Input(default=""),
    ) -> List[Output]:
        self.calls += 1
        if "exit" in mode:
            os._exit(1)
        for place, one in enumerate(mode):
            with item(place):
                if one == "emit":
                    emit({"n": n[place]})
        if "print" in mode:
            print("printed")
        time.sleep(max(seconds))
        for place, one in enumerate(mode):
            with item(place):
                if one == "keep":
                    checkpoint({"n": n[place]})
        while "never" in mode:
            time.sleep(3600)
        if "raise" in mode:
            raise ValueError("one of them cannot be")
        if "crowd" in mode and len(mode) > 2:
            raise MemoryError("not enough")
        outputs = [self._one(place, mode[place], n[place], text[place], len(mode)) for place in range(len(mode))]
        return outputs[1:] if "few" in mode else outputs

    def _one(self, place, mode, n, text, together):
        with item(place):
            progress(0.5, "at %d" % n)
            log("logged %d" % n)
        if mode == "fail":
            return ModelError("this one cannot be", {"n": n})
        output = {"n": n, "call": self.calls, "together": together, "chars": len(text)}
        return dict(output, chars="many") if mode == "wrong" else Output(**output)
