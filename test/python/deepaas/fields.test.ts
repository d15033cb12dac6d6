import { type Manifest, ProblemError } from '@millrace/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { validateInput } from '../../../apps/api/src/input/validate-input.ts'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { removePythonModels, startPythonModel } from '../python-model.ts'
import { needsTestPython, testPython } from '../test-python.ts'

const number = ['number', 'string']
const integer = ['integer', 'number', 'string']
/** What is said of the text of a number. */
const text = (reads: string, more = {}) => ({
  'x-number-text': { reads, ...(reads === 'int' ? {} : { finite: true }), ...more },
})
const anInt = { type: integer, ...text('int') }
const aFloat = { type: number, ...text('float') }
const fraction = { type: 'number', not: { type: 'integer' } }
const file = { type: 'string', format: 'file', contentMediaType: '*/*' }

interface Row {
  field: string
  schema: Record<string, unknown>
  /** Values that tell both sides apart: whatever marshmallow takes, the schema must take. */
  values: unknown[]
  /** Those that the schema refuses, so that they are refused when they are sent. */
  refused?: unknown[]
}

const ROWS: Row[] = [
  { field: 'Str()', schema: { type: 'string' }, values: ['', 'a'], refused: [1, null, [], {}] },
  { field: 'Str(required=True)', schema: { type: 'string' }, values: ['a'], refused: [1] },
  {
    field: 'Str(missing=None)',
    schema: { type: ['string', 'null'], default: null },
    values: [null, 'a'],
    refused: [1],
  },
  {
    field: 'Str(load_default="x", allow_none=True)',
    schema: { type: ['string', 'null'], default: 'x' },
    values: [null],
  },
  { field: 'Str(load_default=None, allow_none=False)', schema: { type: 'string' }, values: ['a'], refused: [null] },
  // Its own check would refuse the default, were it sent.
  {
    field: 'Str(missing="", validate=v.OneOf(["a", "b"]))',
    schema: { type: 'string', enum: ['a', 'b'] },
    values: ['a', ''],
    refused: ['c'],
  },
  {
    field: 'Str(missing=None, validate=[v.OneOf(["a", "b"])])',
    schema: { type: ['string', 'null'], enum: ['a', 'b', null], default: null },
    values: ['a', null],
    refused: ['c'],
  },
  {
    field: 'Str(missing="a", enum=["a", "b"], description="Which", location="query")',
    schema: { type: 'string', default: 'a', description: 'Which', examples: ['a', 'b'] },
    values: ['c'],
  },
  {
    field: 'Str(metadata={"description": "New style", "title": "T"}, validate=v.And(v.Length(1, 3)))',
    schema: { type: 'string', minLength: 1, maxLength: 3, title: 'T', description: 'New style' },
    values: ['abc', '😀😀😀'],
    refused: ['', 'abcd', '😀😀😀😀'],
  },
  {
    field: 'Str(validate=v.Length(equal=2))',
    schema: { type: 'string', minLength: 2, maxLength: 2 },
    values: ['ab'],
    refused: ['a'],
  },
  {
    field: 'Str(validate=v.Regexp("^[a-z]+(?:-[0-9]{2})?$"))',
    schema: { type: 'string', pattern: '^[a-z]+(?:-[0-9]{2})?(?=\\n?$)' },
    values: ['ab', 'ab-12', 'ab\n', 'A', 'ab\n\n'],
    refused: ['A', 'ab-1', 'ab\n\n', ' ab'],
  },
  // From its start, not to its end; and what each language reads in its own way.
  {
    field: 'Str(validate=v.Regexp("ab"))',
    schema: { type: 'string', pattern: '^(?:ab)' },
    values: ['abc'],
    refused: ['cab'],
  },
  {
    field: 'Str(validate=v.Regexp(r"a|b$"))',
    schema: { type: 'string', pattern: '^(?:a|b(?=\\n?$))' },
    values: ['ac', 'bc'],
    refused: ['bc'],
  },
  { field: 'Str(validate=v.Regexp("(?P<n>a)+"))', schema: { type: 'string' }, values: ['aa'] },
  {
    field: 'Str(validate=v.Regexp(r"^\\d+$"))',
    schema: { type: 'string', pattern: '^\\p{Nd}+(?=\\n?$)' },
    values: ['٣', '3\n'],
    refused: ['3a'],
  },
  { field: 'Str(validate=v.Regexp(r"[^\\d]", re.A))', schema: { type: 'string' }, values: ['٣'] },
  { field: 'Str(validate=v.Regexp("^a.b", re.I))', schema: { type: 'string' }, values: ['A\rB'] },
  {
    field: 'Url(missing=None)',
    schema: { type: ['string', 'null'], format: 'iri', default: null },
    values: [null, 'http://host.example/ä{x}'],
    refused: [1],
  },
  { field: 'Email()', schema: { type: 'string', format: 'idn-email' }, values: ['ä@example.org'], refused: [1] },
  { field: 'UUID()', schema: { type: 'string' }, values: ['{12345678123456781234567812345678}'], refused: [1] },
  {
    field: 'Int()',
    schema: anInt,
    values: [3, '3', ' 3 ', 3.7, '3_0'],
    refused: [true, null, [], 'x', '3.7', '3.0', '1e3', '', 'inf'],
  },
  {
    field: 'Int(missing=2, validate=v.Range(min=1, max=5))',
    schema: { ...anInt, ...text('int', { minimum: 1, maximum: 5 }), default: 2, minimum: 1, exclusiveMaximum: 6 },
    values: [1, 5, 5.9, '5', ' 1 '],
    refused: [0, 6, 0.9, '0', '6', '5.5'],
  },
  {
    field: 'Int(validate=v.Range(min=-1, max=-1, max_inclusive=True))',
    schema: { ...anInt, ...text('int', { minimum: -1, maximum: -1 }), exclusiveMinimum: -2, maximum: -1 },
    values: [-1, -1.9, '-1'],
    refused: [-2, -0.9, '-2', '0'],
  },
  {
    field: 'Int(validate=v.Range(min=0, max=5, min_inclusive=False, max_inclusive=False))',
    schema: { ...anInt, ...text('int', { exclusiveMinimum: 0, exclusiveMaximum: 5 }), minimum: 1, exclusiveMaximum: 5 },
    values: [1, 4.9, '1', '4'],
    refused: [0.5, 5, '0', '5'],
  },
  {
    field: 'Int(strict=True, validate=v.Range(min=1))',
    schema: { type: 'integer', minimum: 1 },
    values: [2],
    refused: [2.5, '2', 0],
  },
  { field: 'Int(missing="7")', schema: anInt, values: [7] },
  {
    field: 'Int(validate=v.OneOf([1, 2]))',
    schema: { anyOf: [{ enum: [1, 2] }, { type: 'string', ...text('int', { enum: [1, 2] }) }, fraction] },
    values: [1, '2', 2.5, ' 01'],
    refused: [3, null, '3', 'x'],
  },
  {
    field: 'Float(missing=0.5, validate=v.Range(min=0, max=1, max_inclusive=False))',
    schema: {
      ...aFloat,
      ...text('float', { minimum: 0, exclusiveMaximum: 1 }),
      ...{ default: 0.5, minimum: 0, exclusiveMaximum: 1 },
    },
    values: [0, '0.5', '1e-3'],
    refused: [1, -0.1, true, '1', '-0.1', 'x', 'nan', ''],
  },
  {
    field: 'Float(missing=None, validate=v.OneOf([0.5, 1]))',
    schema: {
      anyOf: [{ enum: [0.5, 1] }, { type: 'string', ...text('float', { enum: [0.5, 1] }) }, { type: 'null' }],
      default: null,
    },
    values: [0.5, 1, null, '1.0'],
    refused: [2, '2'],
  },
  {
    field: 'Decimal(places=0, validate=v.Range(max=5))',
    schema: { type: number, ...text('decimal') },
    values: [5.4, '5.4', '1_2e-1'],
    refused: [true, 'x', 'NaN'],
  },
  { field: 'Float(allow_nan=True)', schema: { type: number, 'x-number-text': { reads: 'float' } }, values: [1] },
  {
    field: 'Decimal(validate=v.Range(max=5))',
    schema: { type: number, maximum: 5, ...text('decimal', { maximum: 5 }) },
    values: [5, '5.0'],
    refused: [6, '5.1', '1e999'],
  },
  {
    field: 'Bool(missing=False)',
    schema: { type: ['boolean', 'number', 'string'], pattern: expect.stringContaining('|TRUE|'), default: false },
    values: [true, 'true', 'no', 1, 0, 'on', 'Y', 'FALSE', 2],
    refused: [[], null, 'lots', 'yEs', ' on', ''],
  },
  {
    field: 'Boolean(truthy=["s.i", "$"], falsy=["n"])',
    schema: { type: ['boolean', 'number', 'string'], pattern: String.raw`^(?:\$|n|s\.i)$` },
    values: ['s.i', 'n', '$'],
    refused: ['sxi', ''],
  },
  { field: 'Boolean(truthy=[])', schema: {}, values: [true, [], 'x', {}] },
  { field: 'DateTime()', schema: { type: 'string' }, values: ['2024-01-02T03:04:05'], refused: [1] },
  {
    field: 'Date(missing=datetime.date(2024, 1, 2))',
    schema: { type: 'string' },
    values: ['2024-01-02'],
    refused: [1],
  },
  {
    field: 'List(fields.Float(), missing=[0.5, 0.5], validate=v.Length(max=3))',
    schema: { type: 'array', items: aFloat, maxItems: 3, default: [0.5, 0.5] },
    values: [[], ['1', 2]],
    refused: [[1, 2, 3, 4], [[]], {}, ['lots']],
  },
  {
    field: 'List(fields.Str(), missing=list)',
    schema: { type: 'array', items: { type: 'string' } },
    values: [['a']],
    refused: [[1]],
  },
  {
    field: 'DelimitedList(fields.Int(validate=v.Range(max=5)))',
    schema: { type: 'string', ...text('int', { maximum: 5, split: ',' }) },
    values: ['1,2', '3', ' 4, 5'],
    refused: [[1], '1,x', '1,6', '1;2', '1,,2'],
  },
  { field: 'DelimitedList(fields.Str())', schema: { type: 'string' }, values: ['1,2', ''], refused: [[1]] },
  {
    field: 'Tuple((fields.Str(), fields.Int()))',
    schema: { type: 'array', prefixItems: [{ type: 'string' }, anInt], minItems: 2, maxItems: 2 },
    values: [['a', '1']],
    refused: [['a'], [1, 1]],
  },
  { field: 'Dict()', schema: { type: 'object', additionalProperties: true }, values: [{ a: [1] }], refused: [[], 'a'] },
  {
    field: 'Dict(keys=fields.Str(), values=fields.Int())',
    schema: { type: 'object', additionalProperties: anInt },
    values: [{ a: '1' }],
    refused: [{ a: [] }, { a: 'x' }],
  },
  {
    field: 'Nested({"label": fields.Str(required=True), "p": fields.Float(data_key="P")})',
    schema: {
      type: 'object',
      properties: { label: { type: 'string' }, P: aFloat },
      additionalProperties: false,
      required: ['label'],
    },
    values: [{ label: 'a', P: '1' }],
    refused: [{ P: 1 }, { label: 'a', p: 1 }],
  },
  {
    field: 'List(fields.Nested(Loose))',
    schema: {
      type: 'array',
      items: { type: 'object', properties: { a: anInt }, additionalProperties: true },
    },
    values: [[{ a: 1, b: 2 }]],
    refused: [[{ a: null }]],
  },
  {
    field: 'Nested(Tree)',
    schema: { type: 'object', properties: { leaf: {} }, additionalProperties: false },
    values: [{ leaf: { leaf: {} } }],
    refused: [{ twig: {} }],
  },
  { field: 'Nested(Hooked)', schema: {}, values: ['7', { a: 7 }] },
  { field: 'Pluck(Loose, "a", many=True)', schema: {}, values: [[1, '2']] },
  { field: 'Field(missing=None)', schema: { default: null }, values: [null, 1, {}] },
  { field: 'Raw()', schema: {}, values: [1, {}] },
  { field: 'Constant(3)', schema: { default: 3 }, values: [4, 'x'] },
  { field: 'Function(deserialize=lambda value: len(value))', schema: {}, values: ['abc', []] },
  {
    field: 'Field(missing=None, type="file", location="form")',
    schema: { anyOf: [file, { type: 'null' }], default: null },
    values: [null],
    refused: [1],
  },
  {
    field: 'Raw(required=True, metadata={"type": "file", "content_type": "image/*"})',
    schema: { ...file, contentMediaType: 'image/*' },
    values: [],
  },
  { field: 'List(fields.Field(type="file"))', schema: { type: 'array', items: file }, values: [[]], refused: [[1]] },
  // A class of the model: only one that adds nothing but words or validators is known.
  { field: 'Kind(missing=[1, 2])', schema: {}, values: ['1,2', 'x'] },
  {
    field: 'Words(missing="a")',
    schema: { type: 'string', minLength: 1, default: 'a' },
    values: ['b'],
    refused: ['', 1],
  },
  { field: 'Str(validate=lambda text: text != "no")', schema: { type: 'string' }, values: ['yes', 'no'], refused: [1] },
  { field: 'Str(validate=MyOneOf(["a"]))', schema: { type: 'string' }, values: ['b'] },
]

const MODEL = `
import datetime, re
import marshmallow
from marshmallow import EXCLUDE, Schema, pre_load
from webargs import fields, validate as v
class Loose(Schema):
    class Meta:
        unknown = EXCLUDE
    a = fields.Int()
class Tree(Schema):
    leaf = fields.Nested(lambda: Tree())
class Hooked(Schema):
    a = fields.Int()
    @pre_load
    def unpack(self, data, **kwargs):
        return {"a": data} if isinstance(data, str) else data
class Kind(fields.Field):
    def _deserialize(self, value, attr, data, **kwargs):
        try:
            return [int(part) for part in value.split(",")]
        except ValueError:
            raise marshmallow.ValidationError("no numbers")
class Words(fields.Str):
    default_error_messages = {"invalid": "no words"}
    def __init__(self, **kwargs):
        super().__init__(validate=v.Length(min=1), **kwargs)
class MyOneOf(v.OneOf):
    def __call__(self, value):
        return value
fields.Kind, fields.Words = Kind, Words
def get_predict_args():
    rows = {${ROWS.map(({ field }, index) => `"a-${index}": fields.${field}`).join(', ')}}
    for row in rows.values():
        row.required = False
    return rows
def predict(**args):
    return None
`

describe('a field of a DEEPaaS model', { timeout: 60_000 }, () => {
  let runner: RunnerProcess
  let manifest: Manifest

  needsTestPython()
  beforeAll(async () => {
    runner = await startPythonModel({ source: { 'model.py': MODEL }, python: testPython }).catch(
      () => undefined as never,
    )
    manifest = await runner?.start()
  })
  afterAll(async () => {
    await removePythonModels()
    removeRunFolders()
  })

  const isTaken = async (input: Record<string, unknown>) => {
    const outcome = await startRun(runner, input).outcome
    if (outcome.kind !== 'done') expect(outcome).toMatchObject({ code: 'invalid_input', details: { status: 422 } })
    return outcome.kind === 'done'
  }
  const fits = async (input: Record<string, unknown>) => {
    try {
      await validateInput({ manifest, kind: 'prediction', input: structuredClone(input), nodes: 10 })
      return true
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'invalid_input') return false
      throw error
    }
  }

  it.each(ROWS.map((row, index) => ({ ...row, name: `a-${index}` })))(
    '$field is told as it is checked',
    async (row) => {
      const { name, schema, values, refused = [] } = row
      expect((manifest.input_schema.properties as Record<string, unknown>)[name]).toEqual(schema)
      for (const value of refused) expect(await fits({ [name]: value }), `${JSON.stringify(value)} fits`).toBe(false)
      for (const value of [...values, ...refused]) {
        const input = { [name]: value }
        // Anything passes for a file; a value that is none is refused when it is sent, not by the model at its open().
        if (!JSON.stringify(schema).includes('"format":"file"') && (await isTaken(input)))
          expect(await fits(input), `${JSON.stringify(value)} fits`).toBe(true)
      }
      if (values.length > 0) expect(await isTaken({ [name]: values[0] })).toBe(true)
    },
  )

  it('may be left out, with all others: no default that is filled in is refused', async () => {
    const { input } = await validateInput({ manifest, kind: 'prediction', input: {}, nodes: 10 })
    expect(Object.keys(input).length).toBeGreaterThan(10)
    expect(await isTaken(input)).toBe(true)
  })

  it('that is required is said so', async () => {
    const source =
      'from webargs import fields\ndef get_predict_args(): return {"a-b": fields.Int(required=True)}\ndef predict(**args): ...\n'
    const needy = await startPythonModel({ source: { 'model.py': source }, python: testPython })
    expect((await needy.start()).input_schema).toMatchObject({ required: ['a-b'], additionalProperties: true })
    expect(await startRun(needy, {}).outcome).toMatchObject({
      code: 'invalid_input',
      message: 'a-b: Missing data for required field.',
    })
  })
})
