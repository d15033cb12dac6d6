/** What must work where the packages are installed. Each step rejects when it does not. Made by packages.test.ts and packages-main.ts. */
import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findProgram } from '@millrace/process'
import { build } from 'esbuild'
import { openBrowser } from '../browser/open-browser.ts'
import { type MillraceProcess, startMillrace } from '../support/processes/millrace-process.ts'
import { startPageServer } from '../support/servers/page-server.ts'
import { until } from '../support/until.ts'
import type { Installed } from './install/install-packages.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** The native compiler, and the one before it. */
const COMPILERS = [ROOT, join(ROOT, 'test')].map((room) => join(room, 'node_modules', 'typescript', 'bin', 'tsc'))
const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
} as const
/** Files of these come from packages. */
const PAGES = ['/', '/docs', '/docs/swagger-ui.css', '/openapi.json', '/v1/models/shout/openapi.json']
/** What the client may weigh in a page. */
const PAGE_BYTES = 32_000
const run = promisify(execFile)

export class Trial {
  /** The model in Python is tried where there is a Python. */
  static readonly hasPython = findProgram(['python3'], process.env.PATH) !== undefined
  readonly #installed: Installed
  #dev: MillraceProcess | undefined
  #url = ''

  constructor(installed: Installed) {
    this.#installed = installed
  }

  /** `millrace new`, and `millrace dev` with a hook. */
  async serveModels(): Promise<void> {
    const { folder, node, env, manager, millrace } = this.#installed
    assert.match(await millrace('new', 'shout'), new RegExp(`^  ${manager.word}millrace check shout$`, 'm'))
    if (Trial.hasPython) await millrace('new', 'whisper', '--convention', 'cog')
    const own = { MILLRACE_HOOKS: join(folder, 'hooks.ts'), MILLRACE_DATA_DIR: join(folder, '.millrace') }
    const program = join(folder, 'node_modules', 'millrace', 'bin', 'millrace.mjs')
    this.#dev = startMillrace('dev', { ...env, ...own }, { node, cwd: folder, program })
    this.#url = await this.#dev.url()
  }

  /** A backend runs both models by the client, and the hook has seen the jobs. */
  async askByClient(): Promise<void> {
    const { folder, node, env } = this.#installed
    const models = Trial.hasPython ? ['shout', 'whisper'] : ['shout']
    const { stdout } = await run(node, ['client.mjs', this.#url, ...models], { cwd: folder, env, timeout: 60_000 })
    assert.deepEqual(JSON.parse(stdout), {
      ...{ shouted: { words: 2, longest: 'three' }, ended: true, refused: 'invalid_input', file: 'kept.txt' },
      ...(Trial.hasPython && { said: ['HI ', 'THERE ', '!'] }),
      isError: true,
    })
    const { data } = (await (await fetch(`${this.#url}/v1/jobs?model=shout`)).json()) as {
      data: { metadata: object }[]
    }
    assert.deepEqual(
      data.map(({ metadata }) => metadata),
      [{ seen: 'yes' }, { seen: 'yes' }],
    )
  }

  async lookAtPages(): Promise<void> {
    const headers = { accept: 'text/html' }
    const answers = await Promise.all(PAGES.map((page) => fetch(this.#url + page, { headers })))
    const found = answers.map(({ status, url }) => `${status} ${url.replace(this.#url, '')}`)
    assert.deepEqual(
      found,
      PAGES.map((page) => `200 ${page}`),
    )
    const script = /src="([^"]+)"/.exec(await answers[0]!.text())?.[1] ?? 'none'
    assert.equal((await fetch(new URL(script, this.#url))).status, 200, script)
  }

  /** A bundler puts the client into a page, which runs a model. `inBrowser`: whether it is opened too. */
  async makePage(inBrowser: boolean): Promise<void> {
    const code = await this.#bundlePage()
    assert(code.length < PAGE_BYTES, `the client weighs ${code.length} bytes in a page`)
    if (!inBrowser) return
    const server = await startPageServer(code, this.#url)
    const browser = await openBrowser()
    try {
      await (await browser.newPage()).goto(server.url)
      const found = await until('the page has told', server.found, { timeoutMs: 80_000, everyMs: 50 })
      assert.deepEqual(found, { output: { words: 3, longest: 'from' }, file: 'kept.txt' })
    } finally {
      await browser.close()
      server.close()
    }
  }

  /** Rejects when the client needs a part of Node there. */
  async #bundlePage(): Promise<string> {
    const { folder } = this.#installed
    const { outputFiles } = await build({
      absWorkingDir: folder,
      stdin: { contents: readFileSync(join(folder, 'page.ts'), 'utf8'), resolveDir: folder, loader: 'ts' },
      ...{ bundle: true, minify: true, platform: 'browser', format: 'esm', write: false, logLevel: 'silent' },
    })
    return outputFiles[0]?.text ?? ''
  }

  /** `millrace dev` ends in order. May be called at any time. */
  async stop(): Promise<void> {
    const dev = this.#dev
    this.#dev = undefined
    if (!dev) return
    await dev.kill('SIGTERM')
    assert.equal(await dev.gone, 0, 'the exit code of `millrace dev`')
  }

  /** A model far from anything that is installed. */
  async checkBareModel(): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-bare-'))
    try {
      await this.#installed.millrace('new', 'bare', '--path', folder)
      assert.match(await this.#installed.millrace('check', join(folder, 'bare')), /^All is well\.$/m)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /** The declarations hold, and those that they name. `compilers`: how many of them look. */
  async checkTypes(compilers = COMPILERS.length): Promise<void> {
    const { folder } = this.#installed
    const strict = { strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true, noEmit: true }
    for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
      const compilerOptions = { ...resolution, ...strict, target: 'es2023', lib: ['es2024'], types: ['node'] }
      const path = join(folder, `tsconfig.${name}.json`)
      writeFileSync(path, JSON.stringify({ compilerOptions, files: ['types.ts', 'hooks.ts'] }))
      for (const tsc of COMPILERS.slice(0, compilers)) {
        await run(process.execPath, [tsc, '-p', path], { cwd: folder }).catch((error: { stdout: string }) => {
          throw new Error(`tsc with moduleResolution ${name}:\n${error.stdout.slice(0, 3000)}`, { cause: error })
        })
      }
    }
  }
}
