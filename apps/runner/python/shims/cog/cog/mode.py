"""The purposes of a Cog process."""
import enum


class Mode(enum.Enum):
    PREDICT = "predict"
    TRAIN = "train"

    def __str__(self):
        return self.value
