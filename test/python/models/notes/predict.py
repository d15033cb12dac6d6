"""Adds notes for programs to a result or an error, small ones and one that is too large."""
from cog import BaseModel, BasePredictor, Input
from millrace import ModelError, metric

MODES = ["metrics", "large-metrics", "odd-metrics", "details", "large-details", "odd-details"]
LARGE = "x" * 8 * 1024


class Output(BaseModel):
    value: str


class Predictor(BasePredictor):
    def predict(self, mode: str = Input(choices=MODES)) -> Output:
        if mode == "details":
            raise ModelError("out of quota", {"status": 429, "left": [0, 1]})
        if mode == "large-details":
            raise ModelError("out of quota", {"large": LARGE})
        if mode == "odd-details":
            raise ModelError("out of quota", {"loss": float("nan")})
        if mode == "odd-metrics":
            metric("loss", float("nan"))
        self.record_metric("pages", 7)
        self.record_metric("languages", ["eng"])
        self.record_metric("languages", "deu", mode="append")
        if mode == "large-metrics":
            self.scope.metrics["large"] = LARGE
        return Output(value="noted")
