"""Can be trained: counts epochs, goes on from its checkpoints, and gives a file that says how many epochs there were."""
import tempfile
import time

from cog import BaseModel, Input, Path, current_scope
from millrace import log, progress


class Output(BaseModel):
    text: str


class TrainingOutput(BaseModel):
    weights: Path
    loss: float


def predict(text: str) -> Output:
    return Output(text=text)


def train(epochs: int = Input(default=3, ge=1, le=100), pause_ms: int = Input(default=0, ge=0, le=10000)) -> TrainingOutput:
    scope = current_scope()
    weights = Path(tempfile.mkdtemp()) / "weights.bin"
    trained = 0
    if scope.resumed is not None:
        trained = scope.resumed.state["epoch"]
        with open(scope.resumed.files["weights.bin"], encoding="utf-8") as file:
            log("goes on from " + file.read())
    for epoch in range(trained + 1, epochs + 1):
        time.sleep(pause_ms / 1000)
        progress(epoch / epochs, "epoch %d" % epoch)
        weights.write_text("%d epochs" % epoch)
        scope.checkpoint({"epoch": epoch}, {"weights.bin": weights})
    if scope.draining:
        log("its worker is about to stop")
    scope.record_metric("epochs", epochs - trained)
    weights.write_text("%d epochs" % epochs)
    return TrainingOutput(weights=weights, loss=1 / epochs)
