"""What a process of Cog is for."""
import enum


class Mode(enum.Enum):
    PREDICT = "predict"
    TRAIN = "train"

    def __str__(self):
        return self.value
