/** Files in and out: cog.Path, cog.File, lists of them, addresses. */
import { asFile, type CogModel, file, gives, refused } from './cog-model.ts'

export const files: CogModel[] = [
  {
    shows: 'a Path is a local file with the ending of its type',
    model: `from cog import BasePredictor, Path
class Predictor(BasePredictor):
    def predict(self, doc: Path) -> str:
        with open(doc) as opened:
            return f"{opened.read()} {doc.suffix} {str(doc)[0]} {doc.exists()} {isinstance(doc, Path)}"
`,
    manifest: { input_schema: { properties: { doc: { format: 'file' } }, required: ['doc'] } },
    tries: [
      [{ doc: asFile('hello') }, gives('hello .txt / True True')],
      [{ doc: asFile('{}', 'application/json') }, gives('{} .json / True True')],
      [{ doc: asFile('x', 'image/png') }, gives('x .png / True True')],
      [{ doc: 'just words' }, refused],
      [{ doc: 5 }, refused],
      [{ doc: null }, refused],
      [{}, refused],
    ],
  },
  {
    shows: 'a File is open to read bytes from',
    model: `from typing import List, Optional
from cog import BasePredictor, File, Input
class Predictor(BasePredictor):
    def predict(self, one: File, more: List[File] = [], maybe: Optional[File] = Input(default=None)) -> str:
        return b" ".join(f.read() for f in [one, *more, *([maybe] if maybe else [])]).decode()
`,
    tries: [
      [{ one: asFile('a') }, gives('a')],
      [{ one: asFile('a'), more: [asFile('b'), asFile('c')], maybe: asFile('d') }, gives('a b c d')],
      [{ one: asFile('a'), more: asFile('b') }, refused],
      [{ one: asFile('a'), maybe: 7 }, refused],
      [{}, refused],
    ],
  },
  {
    shows: 'files that may be missing, one or several',
    modern: true,
    model: `from cog import BasePredictor, Input, Path
class Predictor(BasePredictor):
    def predict(self, one: Path | None = Input(default=None), many: list[Path] | None = None) -> str:
        return f"{one and one.read_text()} {many and [p.read_text() for p in many]}"
`,
    tries: [
      [{}, gives('None None')],
      [{ one: asFile('a') }, gives('a None')],
      [{ many: [asFile('b'), asFile('c')] }, gives("None ['b', 'c']")],
      [{ many: [] }, gives('None []')],
      [{ many: ['words'] }, refused],
      [{ many: asFile('b') }, refused],
    ],
  },
  {
    shows: 'accept is told to forms',
    model: `from cog import BasePredictor, File, Input, Path
class Predictor(BasePredictor):
    def predict(self, a: Path = Input(accept="image/*"), b: File = Input(default=None, accept=".bin,.txt")) -> str:
        return str(a).rsplit(".")[-1]
`,
    manifest: {
      input_schema: { properties: { a: { 'x-cog-accept': 'image/*' }, b: { 'x-cog-accept': '.bin,.txt' } } },
    },
    tries: [[{ a: asFile('x', 'image/png') }, gives('png')]],
  },
  {
    shows: 'a file made in the folder or elsewhere is the output',
    model: `import io, pathlib, tempfile
from typing import Any
from cog import BasePredictor, Path
class Predictor(BasePredictor):
    def setup(self): self.made = 0
    def predict(self, how: str, doc: Path = None) -> Path:
        place = Path(tempfile.mkdtemp()) / "out.txt"
        place.write_text(how)
        if how == "relative":
            Path("here.txt").write_text(how)
            return Path("here.txt")
        if how == "open": return open(place, "rb")
        if how == "buffer": return io.BytesIO(b"buffer")
        if how == "pathlib": return pathlib.Path(place)
        if how == "input": return doc
        return place
`,
    manifest: { output_schema: { format: 'file' } },
    tries: [
      ...['absolute', 'relative', 'open', 'buffer', 'pathlib'].map(
        (how): [{ how: string }, ReturnType<typeof gives>] => [{ how }, gives(file(how))],
      ),
      [{ how: 'input', doc: asFile('same') }, gives(file('same'))],
    ],
  },
  {
    shows: 'lists and dicts of files',
    model: `import tempfile
from typing import Dict, List
from cog import BasePredictor, Path
class Predictor(BasePredictor):
    def predict(self, count: int = 1) -> List[Path]:
        made = []
        for index in range(count):
            path = Path(tempfile.mkdtemp()) / f"{index}.txt"
            path.write_text(str(index))
            made.append(path)
        return made
`,
    tries: [
      [{}, gives([file('0')])],
      [{ count: 3 }, gives([file('0'), file('1'), file('2')])],
      [{ count: 0 }, gives([])],
    ],
  },
  {
    shows: 'files as values of a dict',
    model: `from typing import Dict
from cog import Path
def predict(text: str) -> Dict[str, Path]:
    Path("a.txt").write_text(text)
    return {"a": Path("a.txt"), "b": Path("a.txt")}
`,
    tries: [[{ text: 'x' }, gives({ a: file('x'), b: file('x') })]],
  },
  {
    shows: 'an address that is returned stays one',
    model: 'from cog import Path\ndef predict(n: int = 1) -> Path: return "https://host.example/a.png"\n',
    tries: [[{}, gives('https://host.example/a.png')]],
  },
]
