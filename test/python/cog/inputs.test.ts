/** Cog's inputs: what each annotation takes and hands over, and that the API never refuses what the model would take. */
import { type Manifest, manifestSchema, ProblemError } from '@millrace/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { validateInput } from '../../../apps/api/src/input/validate-input.ts'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { removePythonModels, startPythonModel } from '../python-model.ts'

const source = `
from enum import Enum
from typing import Annotated, Any, Dict, List, Literal, Optional, Union
import cog.coder
from cog import BasePredictor, File, Input, Opaque, Path, Secret

class Style(str, Enum):
    PHOTO = "photo"
    LINE = "line"

class Point:
    def __init__(self, x): self.x = x
    def __repr__(self): return "Point(%r)" % self.x

class PointCoder(cog.coder.Coder):
    @staticmethod
    def factory(tpe): return PointCoder() if tpe is Point else None
    def encode(self, x): return {"x": x.x}
    def decode(self, x): return Point(x["x"])

class Predictor(BasePredictor):
    def predict(
        self,
        text: str = "",
        short: str = Input(default="ab", min_length=2, max_length=3),
        code: str = Input(default="A1", regex=r"^[A-Z]\\d$"),
        odd: str = Input(default="a", regex=r"(?i)^a\\b"),
        whole: int = Input(default=0, description="A count", ge=-1, le=10),
        number: float = Input(default=0.5, ge=0, le=2),
        free: float = 0,
        positive: int = Input(default=1, ge=1),
        flag: bool = False,
        style: str = Input(default=Style.PHOTO, choices=list(Style)),
        steps: int = Input(default=4, choices=[1, 4, 8]),
        literal: Literal["a", 1] = "a",
        maybe: Optional[int] = Input(description="Perhaps", deprecated=True),
        none: int = Input(default=None),
        texts: List[str] = Input(default=["x"], max_length=3),
        wholes: List[int] = Input(default=[1], ge=0),
        either: Union[int, str] = 0,
        anything: Any = None,
        mapping: Dict[str, int] = {},
        opaque: Annotated[dict, Opaque] = {},
        point: Point = None,
        outside: int = Input(default=-5, ge=0),
        image: Path = Input(default=None, accept="image/*"),
        either_file: Union[str, Path] = "none",
        images: List[Path] = [],
        handle: File = None,
        token: Secret = Input(default=Secret("hidden")),
    ) -> Dict[str, str]:
        return {name: repr(value) for name, value in locals().items() if name != "self"}
`
let runner: RunnerProcess
let manifest: Manifest
let properties: Record<string, Record<string, unknown>>

beforeAll(async () => {
  runner = await startPythonModel({ source: { 'predict.py': source } })
  manifest = await runner.start()
  properties = manifest.input_schema.properties as typeof properties
})
afterAll(async () => {
  await removePythonModels()
  removeRunFolders()
})

/** What the model saw of one input, or the code of the first fault. */
async function readByModel(input: Record<string, unknown>): Promise<Record<string, string> | string> {
  const outcome = await startRun(runner, structuredClone(input)).outcome
  if (outcome.kind === 'done') return outcome.output as Record<string, string>
  if (outcome.kind !== 'failed') throw new Error(outcome.kind)
  const errors = (outcome.details?.errors ?? []) as { type: string }[]
  return errors[0]?.type ?? outcome.message
}

/** What no schema says as the model does; these are refused by the model itself, when the job runs. */
const LEFT_TO_THE_MODEL = new Set(['odd "b"'])

const isTakenByApi = async (input: Record<string, unknown>): Promise<boolean> => {
  try {
    await validateInput({ manifest, input: structuredClone(input), nodes: 10, partType: () => undefined })
    return true
  } catch {
    return false
  }
}

async function thrownBy(act: () => Promise<unknown>): Promise<ProblemError> {
  try {
    await act()
  } catch (error) {
    if (error instanceof ProblemError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Input, value, and what the model sees (Python's repr) or the code of the refusal. */
const TABLE: [name: string, value: unknown, seen: string][] = [
  ['text', 'ü', "'ü'"],
  ['text', 5, 'string_type'],
  ['text', null, 'string_type'],
  ['short', 'a', 'string_too_short'],
  ['short', 'abcd', 'string_too_long'],
  ['short', '🙂🙂', "'🙂🙂'"],
  ['code', 'B٣', "'B٣'"],
  ['code', 'A1\n', "'A1\\n'"],
  ['code', 'b1', 'string_pattern_mismatch'],
  ['odd', 'A', "'A'"],
  ['odd', 'b', 'string_pattern_mismatch'],
  ['whole', 3, '3'],
  ['whole', '3', '3'],
  ['whole', ' 3 ', '3'],
  ['whole', 3.0, '3'],
  ['whole', true, '1'],
  ['whole', 3.5, 'int_from_float'],
  ['whole', 'three', 'int_parsing'],
  ['whole', [3], 'int_type'],
  ['whole', -1, '-1'],
  ['whole', -2, 'greater_than_equal'],
  ['whole', '11', 'less_than_equal'],
  ...['0', '1', '-1', '+7', '1_0', '3.0', '٣', '\x1c3'].map((text): [string, unknown, string] => [
    'whole',
    text,
    String(Number(text.replace('_', '').replace('٣', '3').trim().replace('\x1c', ''))),
  ]),
  ...['3.5', '1e1', '', ' ', '1__0', '0x1', 'inf', 'nan', '½', 'True'].map((text): [string, unknown, string] => [
    'whole',
    text,
    text === '3.5' ? 'int_from_float' : 'int_parsing',
  ]),
  ['whole', '-2', 'greater_than_equal'],
  ['whole', '10.0', '10'],
  ['whole', '10.5', 'int_from_float'],
  ['whole', 'lots', 'int_parsing'],
  ['number', '1e-1', '0.1'],
  ['number', '.5', '0.5'],
  ['number', '2.1', 'less_than_equal'],
  ['number', '-0.1', 'greater_than_equal'],
  ['number', 'inf', 'less_than_equal'],
  ['number', true, '1.0'],
  ['free', 'nan', 'nan'],
  ['free', '-Infinity', '-inf'],
  ['free', '1e400', 'inf'],
  ['free', 'lots', 'float_parsing'],
  ['positive', false, 'greater_than_equal'],
  ['positive', true, '1'],
  ['positive', '0', 'greater_than_equal'],
  ['number', 1, '1.0'],
  ['number', '1.5', '1.5'],
  ['number', 'x', 'float_parsing'],
  ['number', 2.5, 'less_than_equal'],
  ['number', 'nan', 'greater_than_equal'],
  ['flag', true, 'True'],
  ['flag', 'Yes', 'True'],
  ['flag', 'off', 'False'],
  ['flag', 'tRuE', 'True'],
  ['flag', '0', 'False'],
  ['flag', ' on', 'bool_parsing'],
  ['flag', 'oN\n', 'bool_parsing'],
  ['flag', '', 'bool_parsing'],
  ['flag', 0.5, 'bool_type'],
  ['flag', 1.0, 'True'],
  ['flag', -1, 'bool_type'],
  ['flag', 1, 'True'],
  ['flag', 2, 'bool_type'],
  ['flag', 'maybe', 'bool_parsing'],
  ['style', 'line', "'line'"],
  ['style', 'oil', 'enum'],
  ['steps', 8, '8'],
  ['steps', '8', '8'],
  ['steps', 5, 'enum'],
  ['steps', '5', 'enum'],
  ['steps', ' 4.0', '4'],
  ['steps', true, '1'],
  ['steps', false, 'enum'],
  ['literal', 1, '1'],
  ['literal', '1', 'literal_error'],
  ['literal', true, 'literal_error'],
  ['maybe', null, 'None'],
  ['maybe', '7', '7'],
  ['maybe', 'lots', 'int_parsing'],
  ['none', 'lots', 'int_parsing'],
  ['none', null, 'None'],
  ['none', 7, '7'],
  ['texts', ['a', 'b'], "['a', 'b']"],
  ['texts', ['abcd'], 'string_too_long'],
  ['texts', 'a', 'list_type'],
  ['wholes', ['1', 2], '[1, 2]'],
  ['wholes', [1, -1], 'greater_than_equal'],
  ['wholes', [1, '-1'], 'greater_than_equal'],
  ['wholes', ['lots'], 'int_parsing'],
  ['either', 5, '5'],
  ['either', '5', "'5'"],
  ['either', 'x', "'x'"],
  ['anything', { a: [1, null] }, "{'a': [1, None]}"],
  ['mapping', { a: 1 }, "{'a': 1}"],
  ['mapping', [1], 'dict_type'],
  ['opaque', { a: 1 }, "{'a': 1}"],
  ['point', { x: 2 }, 'Point(2)'],
  ['point', 2, 'dict_type'],
  ['outside', 1, '1'],
  ['outside', -5, 'greater_than_equal'],
  ['image', 'cat.png', 'value_error'],
  ['either_file', 'https://host.example/cat.png', "'https://host.example/cat.png'"],
  ['token', 'hush', 'Secret(**********)'],
  ['token', 5, 'string_type'],
  ['unknown', 1, 'ignored'],
]

describe('an input of a Cog model', { timeout: 30_000 }, () => {
  it.each(TABLE)('reads %s: %j as %s', async (name, value, seen) => {
    const read = await readByModel({ [name]: value })
    expect(typeof read === 'string' ? read : (read[name] ?? 'ignored')).toBe(seen)
    const isLeft = LEFT_TO_THE_MODEL.has(`${name} ${JSON.stringify(value)}`)
    expect(await isTakenByApi({ [name]: value })).toBe(isLeft || typeof read === 'object')
  })

  it('has its default, each run anew, when nothing is said', async () => {
    expect(await isTakenByApi({})).toBe(true)
    expect(await readByModel({})).toMatchObject({
      ...{ style: "'photo'", maybe: 'None', none: 'None', texts: "['x']", outside: '-5', point: 'None' },
      ...{ image: 'None', either_file: "'none'", token: 'Secret(**********)' },
    })
  })

  it('is refused with its place, by the rule that it breaks', async () => {
    const input = { whole: 'lots', wholes: [1, '2', '-1'], steps: '5', flag: 'maybe', maybe: '1.5' }
    const refuse = () => validateInput({ manifest, input, nodes: 10, partType: () => undefined })
    const { errors = [] } = (await thrownBy(refuse)).options
    expect(errors).toEqual(
      expect.arrayContaining([
        { path: '/input/whole', code: 'type', message: 'must be integer, or the text of one' },
        { path: '/input/wholes/2', code: 'minimum', message: 'must be >= 0' },
        expect.objectContaining({ path: '/input/steps' }),
        expect.objectContaining({ path: '/input/flag', code: 'pattern' }),
        expect.objectContaining({ path: '/input/maybe', code: 'type' }),
      ]),
    )
  })

  it('is refused by the API at once where no reading of it is possible', async () => {
    const hopeless = [
      { text: 5 },
      { short: 'a' },
      { whole: 11 },
      { style: 'oil' },
      { steps: 5 },
      { mapping: [] },
      { code: 'b1' },
    ]
    for (const input of hopeless) expect([input, await isTakenByApi(input)]).toEqual([input, false])
  })
})

describe('the schema of the inputs', () => {
  it('keeps their order, and what was said of them', () => {
    const orders = Object.values(properties).map((property) => property['x-order'])
    expect(orders).toEqual(orders.map((_, index) => index))
    expect(properties.whole).toEqual({
      ...{ type: ['integer', 'string', 'boolean'], title: 'Whole', description: 'A count' },
      ...{ minimum: -1, maximum: 10, default: 0, 'x-order': 4 },
      'x-number-text': { reads: 'whole', minimum: -1, maximum: 10 },
    })
    expect(properties.maybe).toMatchObject({ type: ['integer', 'string', 'boolean', 'null'], deprecated: true })
    expect(properties.style).toMatchObject({ type: 'string', enum: ['photo', 'line'], default: 'photo' })
    expect(properties.literal).toMatchObject({ enum: ['a', 1], default: 'a' })
    expect(properties.either).toMatchObject({ anyOf: [{ type: 'integer' }, { type: 'string' }] })
    expect(manifest.input_schema).toMatchObject({ additionalProperties: true })
    expect(manifest.input_schema).not.toHaveProperty('required')
    expect(manifestSchema.safeParse(manifest).success).toBe(true)
  })

  it('marks files so that the API finds them, also beside a text', async () => {
    const file = { type: 'string', format: 'file', contentMediaType: '*/*' }
    expect(properties.image).toMatchObject({ anyOf: [file, { type: 'null' }], 'x-cog-accept': 'image/*' })
    expect(properties.images).toMatchObject({ type: 'array', items: file })
    // First: a text would fit what stands in for a file as well.
    expect(properties.either_file).toMatchObject({ anyOf: [file, { type: 'string' }] })
    const { places } = await validateInput({
      manifest,
      input: { image: 'part-0', either_file: 'part-1', images: ['part-2', 'data:text/plain,x'], handle: 'part-3' },
      nodes: 10,
      partType: (text) => (text.startsWith('part-') ? 'image/png' : undefined),
    })
    expect([...places.keys()].sort()).toEqual(['/either_file', '/handle', '/image', '/images/0', '/images/1'])
  })

  it('says of a secret that it is one, and never its default', () => {
    expect(properties.token).toMatchObject({ format: 'password', writeOnly: true, 'x-cog-secret': true })
    expect(JSON.stringify(manifest)).not.toContain('hidden')
  })

  it('has no default that the API would fill in and then refuse', () => {
    expect(properties.outside).not.toHaveProperty('default')
    expect(properties.odd).toMatchObject({ 'x-regex': '(?i)^a\\b' })
    expect(properties.odd).not.toHaveProperty('pattern')
  })

  it('takes whatever comes when the model takes **kwargs', async () => {
    const open = await startPythonModel({
      source: { 'predict.py': 'import cog\ndef predict(**inputs) -> dict:\n    return inputs\n' },
    })
    expect(await startRun(open, { a: [1], b: null }).outcome).toMatchObject({
      kind: 'done',
      output: { a: [1], b: null },
    })
    expect((await open.start()).input_schema).toEqual({ type: 'object', properties: {}, additionalProperties: true })
  })
})
