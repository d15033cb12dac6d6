/** What may be left out, and what null means. */
import { type CogModel, gives, refused } from './cog-model.ts'

const NULL = 'null is what is left out, as it was up to Cog 0.16; clients write it'

export const optional: CogModel[] = [
  {
    shows: 'an optional value without a default is None',
    model: `from typing import Optional
from cog import BasePredictor
class Predictor(BasePredictor):
    def predict(self, text: Optional[str], n: Optional[int]) -> str:
        return f"{type(text).__name__} {n}"
`,
    tries: [
      [{ text: 'a', n: '3' }, gives('str 3')],
      [{}, gives('NoneType None')],
      [{ text: '' }, gives('str None')],
      [{ text: null }, gives('NoneType None', { differs: NULL })],
      [{ text: 5 }, refused],
      [{ n: 'three' }, refused],
    ],
  },
  {
    shows: 'every way to write an optional one',
    modern: true,
    model: `from typing import List, Optional, Union
from cog import BasePredictor, Input
class Predictor(BasePredictor):
    def predict(
        self,
        a: str | None = Input(description="A", default=None),
        b: Optional[int] = Input(default=None, ge=1),
        c: Union[float, None] = None,
        d: bool | None = None,
        e: list[str] | None = Input(default=None),
        f: Optional[List[int]] = None,
        g: dict | None = None,
        h: Optional[str] = Input(default=None, choices=["x", "y"]),
        i: Optional[str] = Input(default="set"),
    ) -> str:
        return repr((a, b, c, d, e, f, g, h, i))
`,
    tries: [
      [{}, gives("(None, None, None, None, None, None, None, None, 'set')")],
      [{ a: 'x', b: 1, c: '1', d: 'yes' }, gives("('x', 1, 1.0, True, None, None, None, None, 'set')")],
      [{ e: ['a'], f: ['1'], g: {}, h: 'y' }, gives("(None, None, None, None, ['a'], [1], {}, 'y', 'set')")],
      [
        { a: 'https://host.example/x' },
        gives("('https://host.example/x', None, None, None, None, None, None, None, 'set')"),
      ],
      [{ i: null }, gives('(None, None, None, None, None, None, None, None, None)', { differs: NULL })],
      [{ b: 0 }, refused],
      [{ b: '0' }, refused],
      [{ c: 'x' }, refused],
      [{ d: 'perhaps' }, refused],
      [{ e: 'a' }, refused],
      [{ e: [1] }, refused],
      [{ f: ['x'] }, refused],
      [{ g: [] }, refused],
      [{ h: 'z' }, refused],
    ],
  },
  {
    shows: 'None as the default of a type that does not name it',
    model: `from cog import BasePredictor, Input, Secret
class Predictor(BasePredictor):
    def predict(self, seed: int = Input(default=None), style: str = None, key: Secret = Input(default=None)) -> str:
        return f"{seed} {style} {key}"
`,
    manifest: { input_schema: { properties: { key: { format: 'password', 'x-cog-secret': true } } } },
    tries: [
      [{}, gives('None None None')],
      [{ seed: 4, style: 'x', key: 'k' }, gives('4 x **********')],
      [{ seed: null }, gives('None None None', { differs: NULL })],
      [{ seed: 'x' }, refused],
      [{ key: 5 }, refused],
    ],
  },
  {
    shows: 'Input() without a default is required, of a plain type',
    model: `from cog import BasePredictor, Input, Secret
class Predictor(BasePredictor):
    def predict(self, a: str = Input(description="A"), key: Secret = Input()) -> str:
        return a + key.get_secret_value()
`,
    manifest: { input_schema: { required: ['a', 'key'] } },
    tries: [
      [{ a: 'x', key: 'y' }, gives('xy')],
      [{ a: 'x' }, refused],
      [{ key: 'y' }, refused],
    ],
  },
  {
    shows: 'secrets are wrapped wherever they are, and show nothing',
    model: `from typing import List, Optional
from cog import BasePredictor, Secret
class Predictor(BasePredictor):
    def predict(self, key: Secret, other: Optional[Secret] = None, keys: List[Secret] = [], plain: str = "p") -> str:
        kinds = [type(value).__name__ for value in (key, other, plain)]
        return f"{kinds} {key} {other!r} {len(key.get_secret_value())} {[k.get_secret_value() for k in keys]}"
`,
    tries: [
      [{ key: 'abc' }, gives("['Secret', 'NoneType', 'str'] ********** None 3 []")],
      [{ key: 'abc', other: 'x' }, gives("['Secret', 'Secret', 'str'] ********** Secret(**********) 3 []")],
      [{ key: '', keys: ['a', 'b'] }, gives("['Secret', 'NoneType', 'str'] ********** None 0 ['a', 'b']")],
      [{}, refused],
      [{ key: 5 }, refused],
    ],
  },
]
