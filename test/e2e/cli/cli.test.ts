import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FileView, Job } from '@millrace/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../support/servers/redis-server.ts'
import { SHIPPED_MODELS, type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

/** The commands that speak to a server, as a user calls them: the real binary against real processes. */

const BIN = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-cli-'))
let stack: Stack
/** Commands of a test that failed half-way must not outlive it. */
const running = new Set<ChildProcess>()

beforeAll(async () => {
  const models = ['echo', 'ocr'].map((name) => `${SHIPPED_MODELS}/${name}`)
  stack = await startStack({
    env: { MILLRACE_MODELS: [...models, `${TEST_MODELS}/hang`, `${TEST_MODELS}/flaky`].join(',') },
  })
  for (const model of ['echo', 'ocr', 'hang', 'flaky']) await stack.client.ready(model)
}, 60_000)
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await stack.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Called {
  child: ChildProcess
  out(): string
  err(): string
  code: Promise<number | null>
}

function start(args: string[], env: Record<string, string> = {}): Called {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, MILLRACE_URL: stack.client.url, ...env },
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  return { child, out: () => out, err: () => err, code: once(child, 'close').then(([code]) => code as number | null) }
}

async function millrace(args: string[], env?: Record<string, string>) {
  const called = start(args, env)
  const code = await called.code
  return { code, out: called.out(), err: called.err() }
}

const lastJob = async (model: string): Promise<Job> => {
  const page = await stack.client.request(`/v1/jobs?model=${model}&limit=1`)
  return ((await page.json()) as { data: [Job] }).data[0]
}

describe.concurrent('millrace', { timeout: 90_000 }, () => {
  it('submits a job, reads values by the schema, writes plain lines and prints the output alone to standard output', async () => {
    const { code, out, err } = await millrace(['submit', 'echo', 'message=12', 'delay_seconds=4', 'size_bytes=0'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({ message: '12', file: null })
    expect(err).toMatch(/^Job job_\w+$/m)
    expect(err).toMatch(/^running +\d+ %|^running$/m)
    expect(err + out).not.toContain('\x1b')
  })

  it('uploads a file, saves those of the output intact, and never over another', async () => {
    const out = join(folder, 'scans')
    const scan = join(SHIPPED_MODELS, 'ocr', 'samples', 'scan.png')
    const first = await millrace(['submit', 'ocr', `image=@${scan}`, '--out', out])
    expect([first.code, first.err]).toEqual([0, expect.stringContaining('Saved')])
    const { text, pdf } = JSON.parse(first.out) as { text: string; pdf: string }
    expect(text).toContain('INVOICE')
    expect(pdf).toBe(join(out, 'scan.pdf'))
    const job = await lastJob('ocr')
    const again = await millrace(['watch', job.id, '--out', out, '--json'])
    // The chunks that the model gave come first, a line each.
    const seen = JSON.parse(again.out.slice(again.out.indexOf('{\n'))) as Job & { output: { pdf: FileView } }
    expect([again.code, again.err, seen.status]).toEqual([0, '', 'succeeded'])
    expect(readdirSync(out).sort()).toEqual(['scan-1.pdf', 'scan.pdf'])
    for (const name of readdirSync(out)) {
      expect(
        createHash('sha256')
          .update(readFileSync(join(out, name)))
          .digest('hex'),
      ).toBe(seen.output.pdf.sha256)
    }
  })

  it('prints the job as JSON and nothing else, or its id alone when it does not wait', async () => {
    const whole = await millrace(['submit', 'echo', 'message=hi', '--json', '--priority', 'high', '--timeout', '5'])
    expect([whole.code, whole.err]).toEqual([0, ''])
    expect(JSON.parse(whole.out)).toMatchObject({ status: 'succeeded', priority: 'high', output: { message: 'hi' } })
    const key = ['--idempotency-key', 'cli-1', '--no-wait']
    const [one, two] = [
      await millrace(['submit', 'echo', 'message:="x"', ...key]),
      await millrace(['submit', 'echo', 'message=x', ...key]),
    ]
    expect(one.out).toMatch(/^job_\w+\n$/)
    expect(two.out).toBe(one.out)
  })

  it('tries a submit and keeps nothing, and tells the server to refuse what would be late', async () => {
    const tried = await millrace(['submit', 'echo', 'message=tried', '--dry-run'])
    expect([tried.code, tried.err]).toEqual([0, ''])
    expect(tried.out).toMatch(/^echo \S+ would take it, and it would (start at once\.|wait.+)\n$/)
    const late = ['--idempotency-key', 'dry', '--expires-in', '60', '--reject-if-late']
    const json = await millrace(['submit', 'echo', 'message=tried', '--dry-run', '--json', ...late])
    expect(JSON.parse(json.out)).toMatchObject({ object: 'dry_run', model: 'echo', job_id: null, late: false })
    const kept = await millrace(['submit', 'echo', 'message=kept', '--json', '--no-wait', ...late])
    const { created_at, expires_at, input } = JSON.parse(kept.out) as Job
    // The key was free: the trial had not used it.
    expect(Date.parse(String(expires_at)) - Date.parse(created_at)).toBe(60_000)
    expect(input).toMatchObject({ message: 'kept' })
    const other = await millrace(['submit', 'echo', 'message=kept', ...late.slice(0, -1)])
    expect(other).toMatchObject({ code: 1, err: expect.stringContaining('key') })
    expect(await millrace(['submit', 'echo', 'message=x', '--dry-run', '--no-wait'])).toMatchObject({
      code: 2,
      out: '',
    })
  })

  it('sends every option that a submit has', async () => {
    const labels = ['--metadata', 'order=42', '--metadata', 'note=a=b']
    const times = ['--run-at', '2999-01-31T09:00:00+01:00', '--keep-for', '60', '--max-attempts', '3']
    const of = JSON.parse((await millrace(['model', 'echo', '--json'])).out) as { version: string }
    const more = ['--version', of.version, '--json', '--no-wait']
    const kept = await millrace(['submit', 'echo', 'message=later', ...labels, ...times, ...more])
    const job = JSON.parse(kept.out) as Job
    expect(job).toMatchObject({
      ...{ status: 'queued', run_at: '2999-01-31T08:00:00.000Z', max_attempts: 3 },
      ...{ metadata: { order: '42', note: 'a=b' } },
    })
    expect(await millrace(['cancel', job.id])).toMatchObject({ code: 0 })
    const other = await millrace(['submit', 'echo', 'message=x', 'not_yet_known=1', '--version', '0.0.77', '--no-wait'])
    expect(other).toMatchObject({ code: 1, err: expect.stringContaining('has no such version') })
    const odd = await millrace(['submit', 'echo', 'message=x', '--metadata', 'order'])
    expect(odd).toMatchObject({ code: 2, err: expect.stringContaining('--metadata takes name=value, got "order"') })
  })

  it('names the key that is wrong and what was expected, before anything is sent', async () => {
    const wrong = async (...args: string[]) => {
      const { code, err, out } = await millrace(['submit', ...args])
      expect([code, out]).toEqual([2, ''])
      return err
    }
    const [number, key, file] = await Promise.all([
      wrong('echo', 'message=x', 'size_bytes=many'),
      wrong('echo', 'mesage=x'),
      wrong('ocr', 'image=@nowhere.png'),
    ])
    expect(number).toContain('size_bytes: expected whole number (0 to 1073741824), got "many"')
    expect(key).toContain('echo takes no "mesage"; did you mean "message"?')
    expect(file).toContain('image: nowhere.png is no file that can be read')
  })

  it('shows what the server refuses with the paths, and what it does not know', async () => {
    const { code, err } = await millrace(['submit', 'echo', 'delay_seconds=1'])
    expect([code, err]).toEqual([1, expect.stringContaining('/input/message')])
    const unknown = await millrace(['submit', 'ehco', 'message=1'])
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('`millrace models` lists')])
    const byNpx = await millrace(['submit', 'ehco', 'message=1'], { npm_lifecycle_script: 'millrace' })
    expect(byNpx.err).toContain('`npx millrace models` lists')
  })

  it('refuses before anything is sent what could not be saved, or not be read', async () => {
    const [out, missing, pipe] = await Promise.all([
      millrace(['submit', 'echo', 'message=x', '--out', join(BIN, 'below')]),
      millrace(['files', 'upload', 'nowhere.png']),
      millrace(['submit', 'ocr', 'image=@/dev/null']),
    ])
    expect(out).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^--out .*below: files cannot be saved/) })
    expect(missing).toMatchObject({ code: 2, out: '', err: 'nowhere.png is no file that can be read\n' })
    expect(pipe).toMatchObject({ code: 2, out: '', err: expect.stringContaining('write it to a file') })
  })

  it('takes what is piped in as a text or a file, once', async () => {
    const piped = (args: string) =>
      new Promise<{ out: string; err: string }>((resolve) => {
        const env = { PATH: process.env.PATH, MILLRACE_URL: stack.client.url }
        const command = `head -c 300000 /dev/zero | tr '\\0' x | "${process.execPath}" "${BIN}" ${args}`
        execFile('sh', ['-c', command], { env, maxBuffer: 1_000_000 }, (_error, out, err) => resolve({ out, err }))
      })
    const [text, file, twice] = await Promise.all([
      piped('submit echo message=@- --json'),
      piped('submit ocr image=@-'),
      piped('submit echo message=@- delay_seconds=@-'),
    ])
    expect((JSON.parse(text.out) as Job).output).toMatchObject({ message: 'x'.repeat(300_000) })
    // It arrives, and is no picture.
    expect(file.err).toContain('/input/image')
    expect(twice.err).toContain('delay_seconds: standard input was read for message already')
  })

  it('writes an output of any size whole into a pipe, and ends without a word when nobody reads on', async () => {
    const size = 900_000
    const { id } = await stack.client.accepted('echo', { message: 'x'.repeat(size) })
    const piped = (command: string) =>
      new Promise<{ out: string; err: string }>((resolve) => {
        const env = { PATH: process.env.PATH, MILLRACE_URL: stack.client.url }
        execFile('sh', ['-c', command], { env, maxBuffer: 2 * size }, (_error, out, err) => resolve({ out, err }))
      })
    const watch = `"${process.execPath}" "${BIN}" watch ${id} --json`
    const whole = await piped(`${watch} | cat`)
    expect((JSON.parse(whole.out) as Job).output).toMatchObject({ message: 'x'.repeat(size) })
    expect(await piped(`${watch} | head -n 1`)).toEqual({ out: '{\n', err: '' })
  })

  it('leaves at Ctrl-C while it saves a file, and takes what is half saved away', async () => {
    const { id } = await stack.client.run('echo', { message: 'x', size_bytes: 10 })
    const job = await (await stack.client.request(`/v1/jobs/${id}`)).text()
    // Gives the job, and of its file a part.
    const stalling = createServer((request, response) => {
      if (request.url?.endsWith('/content')) response.write('part')
      else if (request.url?.includes('/events')) response.writeHead(404).end()
      else response.end(job)
    })
    await new Promise<void>((resolve) => stalling.listen(0, '127.0.0.1', resolve))
    const out = join(folder, 'stalled')
    const url = `http://127.0.0.1:${(stalling.address() as AddressInfo).port}`
    const saving = start(['watch', id, '--url', url, '--out', out])
    await until('it saves', () => existsSync(join(out, 'echo.bin')), { timeoutMs: 20_000 })
    saving.child.kill('SIGINT')
    expect(await saving.code).toBe(130)
    expect(saving.err()).toContain(`millrace watch ${id} --out`)
    expect(readdirSync(out)).toEqual([])
    stalling.closeAllConnections()
    stalling.close()
  })

  it('does not start the author loop on a port that is taken or with a Redis that is away, and says what to do', async () => {
    const env = { MILLRACE_DATA_DIR: join(folder, 'dev'), MILLRACE_MODELS: `${SHIPPED_MODELS}/echo` }
    const port = new URL(stack.client.url).port
    const taken = await millrace(['dev', '--port', port], env)
    expect([taken.code, taken.err]).toEqual([1, expect.stringMatching(/^Port \d+ of 127\.0\.0\.1 is taken: .*--port/)])
    const away = await millrace(['dev', '--port', '0'], { ...env, REDIS_URL: 'redis://u:secret@127.0.0.1:1' })
    expect([away.code, away.out]).toEqual([1, ''])
    expect(away.err).toMatch(/^Redis at redis:\/\/127\.0\.0\.1:1 cannot be used \(ECONNREFUSED\)\..*REDIS_URL/)
    const health = await millrace(['dev', '--port', '0'], { ...env, MILLRACE_WORKER_HEALTH_PORT: port })
    expect([health.code, health.err]).toEqual([1, expect.stringContaining(`with MILLRACE_WORKER_HEALTH_PORT.`)])
    expect(taken.err + away.err + health.err).not.toMatch(/^ {4}at |secret/m)
  })

  it('says in a sentence that no server answers, and exits with 4', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    const { code, err, out } = await millrace(['jobs', '--url', url])
    expect([code, out]).toEqual([4, ''])
    expect(err).toContain(`No answer from ${url}`)
    expect(err).toContain('millrace dev')
    expect(err).not.toContain('    at ')
  })

  it('cancels its job on Ctrl-C and exits with 3; a second Ctrl-C leaves at once and names the job', async () => {
    const polite = start(['submit', 'hang', 'mode=polite'])
    await until('it runs', () => polite.err().includes('running'), { timeoutMs: 20_000 })
    polite.child.kill('SIGINT')
    expect(await polite.code).toBe(3)
    const id = /job_\w+/.exec(polite.err())?.[0] ?? ''
    expect((await stack.client.job(id)).status).toBe('canceled')
    expect(polite.out()).toBe('')

    const frozen = await stack.client.accepted('hang', { mode: 'polite' })
    const stuck = start(['submit', 'hang', 'mode=block', 'seconds=60'])
    await until('it is taken', () => stuck.err().includes('queued'), { timeoutMs: 20_000 })
    await stack.api.kill('SIGSTOP')
    stuck.child.kill('SIGINT')
    await until('it cancels', () => stuck.err().includes('Canceling'))
    stuck.child.kill('SIGINT')
    expect(await stuck.code).toBe(130)
    await stack.api.kill('SIGCONT')
    expect(stuck.err()).toMatch(/Left\. Job job_\w+ may still run/)
    await stack.client.request(`/v1/jobs/${frozen.id}/cancel`, { method: 'POST' })
  })

  it('cancels, and watches a canceled job to exit code 3', async () => {
    const job = await stack.client.accepted('echo', { message: 'x', delay_seconds: 60 }, { priority: 'low' })
    const { code, out } = await millrace(['cancel', job.id])
    expect([code, out]).toEqual([0, expect.stringContaining(job.id)])
    expect((await millrace(['watch', job.id])).code).toBe(3)
  })

  it('exits with 1 for a failed job, lists it with its error, and retries it', async () => {
    const counter = join(folder, 'starts')
    const args = ['submit', 'flaky', `counter_file=${counter}`, 'failures=3']
    const { code, err } = await millrace(args)
    expect([code, err]).toEqual([1, expect.stringContaining('start 3 fails (model_error)')])
    expect(err).toMatch(/It ran on cpu of worker w_\S+\. `millrace retry/)
    const { id } = await lastJob('flaky')
    const listed = await millrace(['jobs', '--model', 'flaky', '--status', 'failed', '--limit', '1'])
    expect(listed.out).toMatch(new RegExp(`^ID .*\\n${id} +flaky +failed +.*model_error: start 3 fails`))
    const retried = await millrace(['retry', id])
    expect([retried.code, JSON.parse(retried.out)]).toEqual([0, { starts: 4 }])
    const { out } = await millrace(['job', id])
    expect(out).toMatch(/^3 +w_\S+ +1\.0\.0 +cpu .* failed: model_error\n4 +w_\S+ +1\.0\.0 +cpu .* succeeded$/m)
  })

  it('shows models, and one of them with calls that work', async () => {
    const all = await millrace(['models'])
    expect(all.out).toMatch(/^NAME +VERSION +READY/)
    expect(all.out).toMatch(/^echo +1\.0\.0 +yes +1 /m)
    expect(JSON.parse((await millrace(['models', '--json'])).out)).toHaveLength(4)
    expect((await millrace(['completion', 'models'])).out).toBe('echo\nflaky\nhang\nocr\n')
    const { out } = await millrace(['model', 'echo'])
    expect(out).toMatch(/delay_seconds +number +0 +0 to 3600 +How long to take\./)
    expect(out).toContain('millrace submit echo message=hello')
    expect(out).toContain(`${stack.client.url}/v1/models/echo/jobs`)
    expect((await millrace(['model', 'ocr'])).out).toMatch(/image +file \(image\/\*\) +required/)
  })
})
