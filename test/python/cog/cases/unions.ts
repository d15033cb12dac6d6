/** Values of several types: each is taken for what it is, and for nothing that it could be made into. */
import { type CogModel, gives, refused } from './cog-model.ts'

export const unions: CogModel[] = [
  {
    shows: 'a text or a number keeps its type, whichever is named first',
    modern: true,
    model: `from cog import BasePredictor
class Predictor(BasePredictor):
    def predict(self, one: str | float, other: float | str = "-") -> str:
        return f"{type(one).__name__} {one} {type(other).__name__} {other}"
`,
    tries: [
      [{ one: 'a', other: 'b' }, gives('str a str b')],
      [{ one: 1.5, other: 2.5 }, gives('float 1.5 float 2.5')],
      [{ one: '1.5', other: '2.5' }, gives('str 1.5 str 2.5')],
      [{ one: true }, refused],
      [{ one: null }, refused],
      [{ one: { x: 1 } }, refused],
      [{ one: [1] }, refused],
      [{}, refused],
    ],
  },
  {
    shows: 'a whole number stays whole beside float, a flag a flag',
    model: `from typing import Union
from cog import BasePredictor
class Predictor(BasePredictor):
    def predict(self, x: Union[float, int, str], y: Union[bool, int] = 0) -> str:
        return f"{type(x).__name__} {x} {type(y).__name__} {y}"
`,
    tries: [
      [{ x: 3 }, gives('int 3 int 0')],
      [{ x: 3.5 }, gives('float 3.5 int 0')],
      [{ x: '3' }, gives('str 3 int 0')],
      [{ x: 'a', y: true }, gives('str a bool True')],
      [{ x: 'a', y: 1 }, gives('str a int 1')],
      [{ x: false }, refused],
      [{ x: 'a', y: 'yes' }, refused],
      [{ x: 'a', y: 1.5 }, refused],
    ],
  },
  {
    shows: 'lists of one type or of another are told by all of their items',
    modern: true,
    model: `from cog import BasePredictor
class Predictor(BasePredictor):
    def predict(self, nums: list[int] | list[float]) -> str:
        return " ".join(type(n).__name__ for n in nums) or "none"
`,
    tries: [
      [{ nums: [1] }, gives('int')],
      [{ nums: [1.5] }, gives('float')],
      [{ nums: [] }, gives('none')],
      [{ nums: ['3'] }, refused],
      [{ nums: [true] }, refused],
      [{ nums: 1 }, refused],
    ],
  },
  {
    shows: 'a text, a list of texts, a dict, or nothing',
    modern: true,
    model: `from cog import BasePredictor, Input
class Predictor(BasePredictor):
    def predict(self, value: str | list[str] | dict | None = Input(default=None)) -> str:
        return f"{type(value).__name__} {value}"
`,
    tries: [
      [{}, gives('NoneType None')],
      [{ value: 'a' }, gives('str a')],
      [{ value: ['a', 'b'] }, gives("list ['a', 'b']")],
      [{ value: { a: [1] } }, gives("dict {'a': [1]}")],
      [{ value: 5 }, refused],
      [{ value: [5] }, refused],
      [{ value: true }, refused],
      [{ value: null }, gives('NoneType None', { differs: 'the type names null' })],
    ],
  },
]
