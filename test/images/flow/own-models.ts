/** The Dockerfiles of docs/deploy.md, built with a model of README.md and one for Cog, and run by Compose. Called by main.ts. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../stack/dockerfile-and-compose.ts'
import { check } from '../report.ts'
import { type ComposeStack, imageName } from '../stack/compose-stack.ts'

/** A Cog predictor with a package of its own. */
const COG = {
  'cog.yaml': 'build:\n  python_version: "3.11"\npredict: "predict.py:Predictor"\n',
  'requirements.txt': 'numpy~=2.2\n',
  'predict.py': `import numpy
from cog import BasePredictor, Input


class Predictor(BasePredictor):
    def predict(self, text: str = Input(description="What to say.")) -> str:
        return text.upper() + "!" * int(numpy.ones(3).sum())
`,
}
const LOAD = 'RUN millrace schema shout'
const WAIT_SECONDS = 120

/** `folder` gets the models and the files of Compose. */
export async function runOwnTypescript(stack: ComposeStack, folder: string): Promise<string> {
  const [lines = ''] = fenced('docs/deploy.md', 'dockerfile')
  const model = fenced('README.md', 'ts').find((text) => text.includes('models/shout/model.ts')) ?? ''
  const context = modelFolder(join(folder, 'typescript'), { 'model.ts': model })
  const count = await build(stack, context, 'typescript', lines)
  await stack.up(['worker'], [overrideFor(folder, 'worker', 'typescript')])
  await sayLouder(stack, 'HELLO!')
  return `an image of ${count} lines; its job succeeded`
}

export async function runOwnCog(stack: ComposeStack, folder: string): Promise<string> {
  const [, lines = ''] = fenced('docs/deploy.md', 'dockerfile')
  const context = modelFolder(join(folder, 'cog'), COG)
  const count = await build(stack, context, 'cog', `${lines}${LOAD}\n`)
  await stack.compose(['stop', 'worker'])
  await stack.up(['worker-python'], [overrideFor(folder, 'worker-python', 'cog')])
  await sayLouder(stack, 'HELLO!!!')
  return `an image of ${count} lines, with numpy, loaded while it is built; its job succeeded`
}

async function sayLouder({ client }: ComposeStack, expected: string): Promise<void> {
  const { output } = await client.run('shout', { text: 'hello' }, { waitSeconds: WAIT_SECONDS, retries: 20 })
  const said = typeof output === 'string' ? output : (output as { text: string }).text
  check(said === expected, `it says ${JSON.stringify(output)}`)
}

/** The blocks of a page in that language. */
function fenced(page: string, language: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, body = '']) => body)
}

function modelFolder(folder: string, files: Record<string, string>): string {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** Returns the number of lines. */
async function build(stack: ComposeStack, context: string, name: string, lines: string): Promise<number> {
  const dockerfile = lines.replace(/^FROM millrace-(\S+)/, (_, base: string) => `FROM ${imageName(base)}`)
  check(dockerfile.includes(imageName('worker')), `the page has no Dockerfile on a worker: ${lines}`)
  writeFileSync(join(context, 'Dockerfile'), dockerfile)
  await stack.docker.run(['build', '--tag', imageName(name), context])
  return dockerfile.split('\n').filter((line) => line.trim() !== '').length
}

/** As docs/deploy.md says: a file beside the first that names the image. */
function overrideFor(folder: string, service: string, name: string): string {
  const path = join(folder, `${name}.json`)
  writeFileSync(path, JSON.stringify({ services: { [service]: { image: imageName(name) } } }))
  return path
}
