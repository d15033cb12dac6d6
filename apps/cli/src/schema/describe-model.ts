/**
 * Describes a model as a page of text: its fields with ranges and defaults, and calls that work when pasted. Called by
 * `millrace model`.
 */
import type { ModelView } from '@millrace/client'
import { exampleRequest } from './example-request.ts'
import { plainText } from '../terminal/plain-text.ts'
import { table } from '../terminal/format.ts'
import { choicesOf, fieldsOf, rangeText, type Schema, typeText } from './schema-types.ts'
import { typed } from '../command/typed.ts'

/** `url` is the address of the server. `withKey`: the example names the variable of the API key; it never shows the key. */
export function describeModel(model: ModelView, url: string, withKey: boolean): string {
  const { name, version, description, queued, running } = model
  if (version === '') return `${name}  ${stateOf(model)}`
  const state = stateOf(model)
  const lines = [
    `${name} ${version}  ${state}, ${queued} queued, ${running} running`,
    ...(description === '' ? [] : [plainText(description)]),
    '',
    ...describeSchemas(model),
    ...(model.training ? ['', 'It can be trained.', ...describeSchemas(model.training)] : []),
    '',
    'Example',
    `  ${exampleSubmit(model)}`,
    ...(model.training ? [`  ${exampleSubmit({ name, ...model.training })} --kind training`] : []),
    `  ${exampleRequest(url, model, withKey)}`,
  ]
  return lines.join('\n')
}

function stateOf({ version, ready, workers, state, reason }: ModelView): string {
  if (ready) return `ready on ${workers} ${workers === 1 ? 'worker' : 'workers'}`
  const why =
    state === 'loading'
      ? 'loading'
      : state === 'failed'
        ? `could not be loaded (${plainText(reason ?? '', 200)})`
        : 'not ready'
  return version === '' ? `${why}: it takes no jobs before it has loaded once` : `${why}: jobs wait`
}

/** The tables of input and output. For trainings, pass the `training` of the model. */
export function describeSchemas({
  input_schema: input,
  output_schema: output,
}: Record<'input_schema' | 'output_schema', Schema>) {
  const rows = rowsOf(input)
  const fields = table([['FIELD', 'TYPE', 'DEFAULT', 'RANGE', 'ABOUT'], ...rows], '  ')
  return ['Input', rows.length === 0 ? '  anything' : fields, '', 'Output', outputTable(output)]
}

function outputTable(root: Schema): string {
  const fields = fieldsOf(root, root)
  if (fields.length === 0) return `  ${typeText(root, root)}`
  const rows = fields.map(({ name, schema }) => [name, typeText(schema, root), aboutOf(schema)])
  return table([['FIELD', 'TYPE', 'ABOUT'], ...rows], '  ')
}

const rowsOf = (root: Schema): string[][] =>
  fieldsOf(root, root).map(({ name, schema, required }) => [
    name,
    typeText(schema, root),
    'default' in schema ? clip(JSON.stringify(schema.default)) : required ? 'required' : '',
    rangeText(schema, root),
    aboutOf(schema),
  ])

const aboutOf = ({ description }: Schema): string => (typeof description === 'string' ? plainText(description) : '')

const clip = (text: string): string => (text.length > 30 ? `${text.slice(0, 29)}…` : text)

/** A submit with the required fields. */
export function exampleSubmit({ name, input_schema: root }: Pick<ModelView, 'name' | 'input_schema'>): string {
  const needed = fieldsOf(root, root).filter(({ required, schema }) => required && !('default' in schema))
  const assignments = needed.map((field) => quoted(`${field.name}${exampleValue(field.schema, root)}`))
  return [typed('submit'), name, ...assignments].join(' ')
}

/** An example value with its sign: `=@scan.png`, `=3`, `:={}`. */
function exampleValue(schema: Schema, root: Schema): string {
  const [choice = {}] = choicesOf(schema, root)
  if (Array.isArray(choice.enum)) return `=${String(choice.enum[0])}`
  if ('const' in choice) return `=${String(choice.const)}`
  if (choice.format === 'file') return '=@your-file'
  const least = [choice.minimum, choice.exclusiveMinimum].find((value) => typeof value === 'number' && value > 0)
  switch (choice.type) {
    case 'integer':
      return `=${Number(least ?? 0) + 1}`
    case 'number':
      return `=${typeof choice.maximum === 'number' ? choice.maximum : Number(least ?? 0) + 1}`
    case 'boolean':
      return '=true'
    case 'string':
      return '=hello'
    case 'array':
      return exampleValue(typeof choice.items === 'object' ? (choice.items as Schema) : {}, root)
    default:
      return ':={}'
  }
}

const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
