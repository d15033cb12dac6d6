"""Gives back its text, or its file's bytes in a new file. The same as relay-node."""
from typing import Optional

from cog import BaseModel, Input, Path
from millrace import work_dir


class Output(BaseModel):
    text: str
    file: Optional[Path] = None


def predict(text: str = Input(default=""), file: Path = Input(default=None)) -> Output:
    if file is None:
        return Output(text=text)
    out = Path(work_dir()) / "out.bin"
    out.write_bytes(file.read_bytes())
    return Output(text=text, file=out)
