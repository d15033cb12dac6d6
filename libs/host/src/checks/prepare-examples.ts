/**
 * The examples of a model as callers get them: each fits the input schema, and its files stand in it. What its author wrote wrong is
 * named, and that example is left out. Called by the worker before it publishes a model, and by openLocalModel.
 */
import { open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { EXAMPLE_LIMITS, type Example, type Manifest, mediaTypeOf, parseDataUri, pointerTo } from '@millrace/contracts'
import { choicesOf, createChecker, findSecrets, isSchema, type Schema } from '@millrace/schema'

export interface PreparedExamples {
  manifest: Manifest
  /** What is wrong, each with a JSON pointer from the manifest on. */
  faults: string[]
}

/** This example cannot be shown; the message begins with a pointer into its input. */
class ExampleError extends Error {}

/** `folder`: of the model; its files are named from there. Never rejects for what an example holds. */
export async function prepareExamples(manifest: Manifest, folder: string): Promise<PreparedExamples> {
  const { examples = [], input_schema: schema } = manifest
  const good: Example[] = []
  const faults: string[] = []
  let left: number = EXAMPLE_LIMITS.bytes
  for (const [n, example] of examples.entries()) {
    try {
      const input = (await withFiles(example.input, schema, { folder, left })) as Example['input']
      left -= Buffer.byteLength(JSON.stringify({ ...example, input }))
      if (left < 0)
        throw new ExampleError(
          ` is too much: all examples may have ${EXAMPLE_LIMITS.bytes / 1024} KB, files among them`,
        )
      await assertFits(input, schema)
      good.push({ ...example, input })
    } catch (error) {
      // Beside what is said here: the schema cannot be used, or a check by it costs too much.
      faults.push(
        `/examples/${n}/input${error instanceof ExampleError ? '' : ' cannot be checked: '}${(error as Error).message}`,
      )
    }
  }
  const { examples: _, ...rest } = manifest
  return { manifest: good.length > 0 ? { ...rest, examples: good } : rest, faults }
}

async function assertFits(input: Example['input'], schema: Schema): Promise<void> {
  const [secret] = findSecrets(schema)?.(input) ?? []
  if (secret !== undefined) throw new ExampleError(`${secret} is a secret: leave it out`)
  const checker = createChecker(schema, { files: 'texts', defaults: true, closed: true })
  const { faults } = await checker.check({ value: structuredClone(input), fileTypeOf })
  const [fault] = faults
  if (fault)
    throw new ExampleError(
      `${fault.key === undefined ? fault.pointer : pointerTo(fault.pointer, fault.key)} ${fault.message}`,
    )
}

/** Nobody knows what an address leads to. */
const fileTypeOf = (text: string): string | true | undefined =>
  parseDataUri(text)?.contentType ?? (ADDRESS.test(text) ? true : undefined)
const ADDRESS = /^https?:/i

interface Files {
  folder: string
  /** Bytes that they may take in all. */
  left: number
}

/** The same value with a `data:` URI in place of each path. */
async function withFiles(value: unknown, root: Schema, files: Files): Promise<unknown> {
  const walk = async (part: unknown, schema: Schema, pointer: string): Promise<unknown> => {
    const choices = choicesOf(schema, root)
    if (typeof part === 'string') {
      const isPath = choices.some(({ format }) => format === 'file') && fileTypeOf(part) === undefined
      return isPath ? toDataUri(part, pointer, files) : part
    }
    if (typeof part !== 'object' || part === null) return part
    const walked: [string, unknown][] = []
    for (const [key, item] of Object.entries(part)) {
      const inner = choices.map((choice) => schemaOf(choice, key)).find((one) => one !== undefined) ?? {}
      walked.push([key, await walk(item, inner, pointerTo(pointer, key))])
    }
    return Array.isArray(part) ? walked.map(([, item]) => item) : Object.fromEntries(walked)
  }
  return walk(value, root, '')
}

function schemaOf({ properties, additionalProperties, items }: Schema, key: string): Schema | undefined {
  const named = isSchema(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined
  return [named, additionalProperties, items].find(isSchema)
}

async function toDataUri(path: string, pointer: string, { folder, left }: Files): Promise<string> {
  const bytes = await readInside(path, folder, left).catch((error: unknown) => {
    if (error instanceof ExampleError) throw new ExampleError(`${pointer} ${error.message}`)
    throw new ExampleError(`${pointer} names a file that is not in the model's folder: ${path.slice(0, 200)}`)
  })
  const name = path.split(/[/\\]/).at(-1) ?? path
  return `data:${mediaTypeOf(undefined, name)};name=${encodeURIComponent(name)};base64,${bytes.toString('base64')}`
}

/** No path leads out of the folder, be it by dots or by a link. */
async function readInside(path: string, folder: string, most: number): Promise<Buffer> {
  const [home, whole] = await Promise.all([realpath(folder), realpath(join(folder, path))])
  if (!whole.startsWith(home + sep)) throw new ExampleError('leads out of the folder of the model')
  const file = await open(whole)
  try {
    const { size } = await file.stat()
    // As base64 it is longer by a third.
    if (size * 4 > most * 3)
      throw new ExampleError(
        `is too large: all examples may have ${EXAMPLE_LIMITS.bytes / 1024} KB, their files among them`,
      )
    return await file.readFile()
  } finally {
    await file.close()
  }
}
