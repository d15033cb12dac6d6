"""Gives back what it gets, with a file of any size when asked."""
from typing import Optional

from cog import BaseModel, Input, Path
from millrace import work_dir


class Output(BaseModel):
    message: str
    file: Optional[Path] = None


def predict(message: str, size_bytes: int = Input(default=0, ge=0)) -> Output:
    if size_bytes == 0:
        return Output(message=message)
    path = Path(work_dir()) / "echo.bin"
    path.write_bytes(bytes(index % 251 for index in range(size_bytes)))
    return Output(message=message, file=path)
