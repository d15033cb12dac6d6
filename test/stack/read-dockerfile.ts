/**
 * Reads a Dockerfile as far as ours goes: stages, what they stand on, and what an image of one would start. An instruction
 * that is not known here is an error, so that nothing in the file goes unread.
 */
import { readFileSync } from 'node:fs'

export interface Instruction {
  name: string
  /** What stands behind the name, in one line. */
  text: string
}

export interface Stage {
  name: string
  /** The stage or image it stands on, with arguments filled in. */
  from: string
  instructions: Instruction[]
}

export interface Dockerfile {
  stages: Stage[]
}

/** What a container of one stage is started with. */
export interface Image {
  /** The image of somebody else at the bottom. */
  base: string
  env: Record<string, string>
  labels: Record<string, string>
  user: string
  workdir: string
  entrypoint: string[]
  command: string[]
  healthcheck: string[]
  exposed: number[]
}

const KNOWN = new Set([
  'ARG',
  'FROM',
  'ENV',
  'LABEL',
  'RUN',
  'COPY',
  'WORKDIR',
  'USER',
  'EXPOSE',
  'HEALTHCHECK',
  'ENTRYPOINT',
  'CMD',
])

export const readDockerfile = (path: string): Dockerfile => parseDockerfile(readFileSync(path, 'utf8'))

export function parseDockerfile(text: string): Dockerfile {
  const args: Record<string, string> = {}
  const stages: Stage[] = []
  for (const instruction of instructionsOf(text)) {
    const stage = stages.at(-1)
    if (instruction.name === 'FROM') stages.push(stageOf(instruction.text, args, stages.length))
    else if (stage) stage.instructions.push(instruction)
    else if (instruction.name === 'ARG') Object.assign(args, pairsOf(instruction.text))
    else throw new Error(`${instruction.name} stands before the first FROM`)
  }
  return { stages }
}

/** Throws when there is no such stage. */
export function imageOf(file: Dockerfile, target: string): Image {
  const stage = file.stages.find(({ name }) => name === target)
  if (!stage) throw new Error(`there is no stage ${target}`)
  const isStage = file.stages.some(({ name }) => name === stage.from)
  const below: Image = isStage
    ? imageOf(file, stage.from)
    : {
        base: stage.from,
        env: {},
        labels: {},
        user: 'root',
        workdir: '/',
        entrypoint: [],
        command: [],
        healthcheck: [],
        exposed: [],
      }
  return extendImage(below, stage)
}

/** What comes of an image when the instructions of a stage are added. */
export function extendImage(below: Image, stage: Stage | undefined): Image {
  const image = { ...below, env: { ...below.env }, labels: { ...below.labels }, exposed: [...below.exposed] }
  for (const instruction of stage?.instructions ?? []) apply(image, instruction)
  return image
}

function apply(image: Image, { name, text }: Instruction): void {
  if (name === 'ENV') Object.assign(image.env, pairsOf(text))
  else if (name === 'LABEL') Object.assign(image.labels, pairsOf(text))
  else if (name === 'USER') image.user = text
  else if (name === 'WORKDIR') image.workdir = text
  else if (name === 'EXPOSE') image.exposed.push(Number(text))
  else if (name === 'CMD') image.command = execForm(text)
  else if (name === 'HEALTHCHECK') image.healthcheck = execForm(text.slice(text.indexOf('CMD') + 3))
  else if (name === 'ENTRYPOINT') {
    // As Docker does: a new entrypoint forgets the command of the image below.
    image.entrypoint = execForm(text)
    image.command = []
  }
}

function* instructionsOf(text: string): Generator<Instruction> {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line))
  const joined = lines.join('\n').replace(/\\\n\s*/g, '')
  for (const line of joined.split('\n').filter((each) => each.trim() !== '')) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? []
    if (!KNOWN.has(name)) throw new Error(`not understood: ${line}`)
    yield { name, text: rest.trim() }
  }
}

function stageOf(text: string, args: Record<string, string>, index: number): Stage {
  const [, from = '', name] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(text) ?? []
  const filled = from.replace(/\$\{(\w+)\}/g, (_, arg: string) => args[arg] ?? '')
  return { name: name ?? String(index), from: filled, instructions: [] }
}

const pairsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([^\s=]+)=(?:"([^"]*)"|(\S*))/g)].map(([, name = '', quoted, bare]) => [
      name,
      quoted ?? bare ?? '',
    ]),
  )

/** Only the form that starts no shell: a shell would keep signals to itself. */
function execForm(text: string): string[] {
  if (!text.trim().startsWith('[')) throw new Error(`not in exec form: ${text}`)
  return JSON.parse(text) as string[]
}
