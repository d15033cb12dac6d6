/** Plain outputs of Cog predictors, with what Cog gives for them. Run by cog-cases.test.ts and originals.test.ts. */
import { type CogModel, fails, gives } from './cog-model.ts'

export const outputs: CogModel[] = [
  ...(
    [
      ['str', '"x" * 3', 'xxx'],
      ['str', '""', ''],
      ['str', 'None', null],
      ['str', '"é\\u20ac"', 'é€'],
      ['int', 'None', null],
      ['int', '0', 0],
      ['int', '-7', -7],
      ['float', '0.25', 0.25],
      ['float', '2', 2],
      ['bool', 'False', false],
      ['dict', '{"hi": "you", "n": [1, {"a": None}]}', { hi: 'you', n: [1, { a: null }] }],
      ['dict', '{}', {}],
      ['Dict[str, int]', '{"a": 1}', { a: 1 }],
      ['Dict[str, List[str]]', '{"a": ["b"]}', { a: ['b'] }],
      ['Dict[str, Dict[str, Dict[str, int]]]', '{"a": {"b": {"c": 1}}}', { a: { b: { c: 1 } } }],
      ['List[str]', '"a b".split()', ['a', 'b']],
      ['List[int]', '[1, 2]', [1, 2]],
      ['List[List[int]]', '[[1], []]', [[1], []]],
      ['List[Dict[str, List[int]]]', '[{"a": [1]}]', [{ a: [1] }]],
      ['list', '["a", 1]', ['a', 1]],
      ['Any', '{"a": (1, 2)}', { a: [1, 2] }],
      ['Any', 'None', null],
      ['Annotated[str, "a note"]', '"a"', 'a'],
      ['Annotated[Odd, Opaque]', '{"x": 1}', { x: 1 }],
      ['Annotated[List[Odd], Opaque]', '[{"x": 1}]', [{ x: 1 }]],
      ['List[Annotated[str, "a note"]]', '["a"]', ['a']],
      ['Union[str, int]', '5', 5],
      ['Optional[str]', 'None', null],
      ['"str"', '"forward"', 'forward'],
    ] as [string, string, unknown][]
  ).map(
    ([annotation, code, output]): CogModel => ({
      shows: `${annotation} may be ${code}`,
      model: `from typing import *
from cog import *
class Odd: pass
def predict() -> ${annotation}: return ${code}
`,
      tries: [[{}, gives(output)]],
    }),
  ),
  {
    shows: 'large texts, in and out',
    model: 'import cog\ndef predict(pad: str = "", size: int = 0) -> str: return str(len(pad)) + "x" * size\n',
    tries: [
      [{ pad: 'A'.repeat(700_000) }, gives('700000')],
      [{ size: 1_000_000 }, gives(`0${'x'.repeat(1_000_000)}`)],
    ],
  },
  {
    shows: 'an error of the model is told in its own words',
    model: `from cog import BasePredictor
class Broken(Exception): pass
class Predictor(BasePredictor):
    def predict(self, how: str) -> str:
        if how == "value": raise ValueError("no such value")
        if how == "own": raise Broken("in its own way")
        if how == "bare": raise Exception
        if how == "key": return {}["missing"]
        if how == "chain":
            try: return {}["missing"]
            except KeyError as error: raise RuntimeError("after another") from error
        return how
`,
    tries: [
      [{ how: 'value' }, fails(/model_error: .*no such value/)],
      [{ how: 'own' }, fails(/model_error: .*in its own way/)],
      [{ how: 'bare' }, fails(/model_error: .*Exception/)],
      [{ how: 'key' }, fails(/model_error: .*missing/)],
      [{ how: 'chain' }, fails(/model_error: .*after another/)],
      [{ how: 'well' }, gives('well')],
    ],
  },
  {
    shows: 'what is no JSON is an error of the model',
    model: `from typing import Any
import cog
def predict(how: str) -> Any:
    return {"nan": float("nan"), "object": object(), "set": {1}}[how]
`,
    tries: [
      [{ how: 'nan' }, fails(/invalid_output/)],
      [{ how: 'object' }, fails(/invalid_output/)],
      [{ how: 'set' }, gives([1])],
    ],
  },
]
