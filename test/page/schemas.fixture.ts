/** Schemas as authors might write them, and what people might do in a form made from them. For property tests. */
import fc from 'fast-check'
import type { Control } from '../../apps/web/src/form/controls/control.ts'
import type { Draft } from '../../apps/web/src/form/draft/draft.ts'

type Schema = Record<string, unknown>

const NAMES = ['a', 'b', 'lang', 'x/y', 'ä ö', '~', '0', 'input', 'toString']
const annotations = fc.record(
  { title: fc.string({ maxLength: 5 }), description: fc.string({ maxLength: 9 }) },
  { requiredKeys: [] },
)

const range = fc
  .tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 }))
  .map(
    ([low, span, bounds]): Schema =>
      [{}, { minimum: low, maximum: low + span }, { exclusiveMinimum: low }, { multipleOf: 2 }][bounds] as Schema,
  )
const count = (of: string) =>
  fc
    .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 }))
    .map(([least, more]): Schema => ({ [`min${of}`]: least, [`max${of}`]: least + more }))

const scalar = fc.oneof(
  count('Length').map((length): Schema => ({ type: 'string', ...length })),
  fc.constantFrom<Schema>(
    { type: 'string' },
    { type: 'boolean' },
    { type: 'null' },
    { type: 'string', format: 'password' },
    {},
  ),
  range.map((bounds): Schema => ({ type: 'integer', ...bounds })),
  range.map((bounds): Schema => ({ type: 'number', ...bounds })),
  // As Cog and DEEPaaS write a number and a flag.
  range.map((bounds): Schema => ({ type: ['integer', 'string', 'boolean'], ...bounds })),
  fc.constant<Schema>({ type: ['boolean', 'integer', 'string'], minimum: 0, maximum: 1 }),
  fc
    .uniqueArray(fc.jsonValue({ maxDepth: 1 }), {
      minLength: 1,
      maxLength: 3,
      selector: (value) => JSON.stringify(value),
    })
    .map((values): Schema => ({ enum: values })),
  fc.constantFrom<Schema>(
    { const: 1 },
    { type: ['integer', 'string'], enum: [1, 2, '1'] },
    { type: ['string', 'null'] },
  ),
  fc.constantFrom<Schema>(
    { format: 'file', contentMediaType: 'image/*', type: 'string' },
    { anyOf: [{ format: 'file', contentMediaType: '*/*' }, { type: 'null' }] },
  ),
)

const { schema } = fc.letrec<{ schema: Schema; object: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 4, arbitrary: fc.tuple(scalar, annotations).map(([one, about]): Schema => ({ ...one, ...about })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('schema'), count('Items'))
        .map(([items, length]): Schema => ({ type: 'array', items, ...length })),
    },
    { weight: 2, arbitrary: tie('object') },
    {
      weight: 1,
      arbitrary: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf): Schema => ({ anyOf })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Schema>(
        { $ref: '#' },
        { $ref: '#/$defs/tree' },
        { allOf: [{ $ref: '#/$defs/tree' }] },
      ),
    },
  ),
  object: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), tie('schema'), fc.boolean()), {
      maxLength: 4,
      selector: ([name]) => name,
    })
    .map(
      (fields): Schema => ({
        type: 'object',
        properties: Object.fromEntries(fields.map(([name, one]) => [name, one])),
        required: fields.filter(([, , isRequired]) => isRequired).map(([name]) => name),
      }),
    ),
}))

/** What the input schema of a model may be, with references and recursion. */
export const modelSchema = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), schema, fc.boolean()), { maxLength: 5, selector: ([name]) => name })
  .map(
    (fields): Schema => ({
      type: 'object',
      properties: Object.fromEntries(fields.map(([name, one]) => [name, one])),
      required: fields.filter(([, , isRequired]) => isRequired).map(([name]) => name),
      $defs: {
        tree: {
          type: 'object',
          properties: { leaf: { type: 'string' }, twigs: { type: 'array', items: { $ref: '#/$defs/tree' } } },
          required: ['leaf'],
        },
      },
    }),
  )

/** Any schema at all, valid or not: it must be drawn, and need not mean anything. */
export const wildSchema = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(
    fc.constantFrom(
      'type',
      'properties',
      'items',
      'enum',
      'const',
      'anyOf',
      'oneOf',
      'allOf',
      'required',
      'format',
      'minLength',
      'minimum',
      'default',
      '$ref',
      'x-order',
      'prefixItems',
      'examples',
    ),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>('string', 'object', 'array', '#', [{}], { a: { type: 'string' } }, { a: { $ref: '#' } }),
    ),
  ),
)

const TYPED = [
  '',
  'a',
  'abc',
  '3',
  '-2',
  ' 4 ',
  '1.5',
  '1e2',
  '+7',
  '007',
  '.5',
  '9007199254740993',
  'x',
  '{"a":1}',
  '[',
  '1e400',
]

/** What somebody may have typed and chosen for a control. */
export function draftFor(control: Control, depth = 0): fc.Arbitrary<Draft | undefined> {
  const none = fc.constant(undefined)
  const typed = fc.constantFrom(...TYPED)
  const json = typed.map((text): Draft => ({ kind: 'json', text }))
  if (depth > 4) return none
  return fc.oneof(
    { weight: 1, arbitrary: none },
    { weight: 1, arbitrary: json },
    { weight: 8, arbitrary: given(control, depth) },
  )
}

function given(control: Control, depth: number): fc.Arbitrary<Draft | undefined> {
  switch (control.kind) {
    case 'text':
    case 'number':
      return fc.constantFrom(...TYPED).map((text): Draft => ({ kind: 'text', text }))
    case 'flag':
      return fc.boolean().map((on): Draft => ({ kind: 'flag', on }))
    case 'choice':
      return fc.nat(control.values.length - 1).map((at): Draft => ({ kind: 'choice', at }))
    case 'file':
      return fc
        .constantFrom('file_00000000000000000000000001', undefined)
        .map((ref): Draft => ({ kind: 'file', file: { ref, name: 'a.png', isLocal: true } }))
    case 'list':
      return fc
        .array(draftFor(control.item(), depth + 1), { maxLength: 3 })
        .map((drafts): Draft => ({ kind: 'list', items: drafts.map((draft, key) => ({ key, draft })) }))
    case 'object':
      return fc
        .tuple(
          ...control
            .fields()
            .map(({ name, control: field }) =>
              draftFor(field, depth + 1).map((draft): [string, Draft | undefined] => [name, draft]),
            ),
        )
        .map((fields) => ({
          kind: 'object',
          fields: new Map(fields.filter((field): field is [string, Draft] => field[1] !== undefined)),
        }))
    case 'either':
      return fc
        .nat(control.branches.length - 1)
        .chain((branch) =>
          draftFor(control.branches[branch] as Control, depth + 1).map(
            (draft): Draft => ({ kind: 'either', branch, draft }),
          ),
        )
    case 'json':
      return fc.constantFrom(...TYPED).map((text): Draft => ({ kind: 'json', text }))
  }
}
