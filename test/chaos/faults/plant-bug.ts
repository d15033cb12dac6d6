/**
 * Proves that the harness can turn red: copies the house to a temp folder, puts a bug into the copy, and runs the
 * copy's own harness there, or one of its suites. The house itself holds no switch for this. Called by main.ts.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Edit {
  file: string
  /** Stands in the file exactly once. */
  from: string
  to: string
}

interface Bug {
  means: string
  /** The shape of run that it shows in (see chaos-options.ts), or the suite, for what no chaos brings out. */
  shows: 'zombies' | 'gentle' | `${string}.test.ts`
  edits: readonly Edit[]
}

/** Hearing that it lost its job nearly always stops a zombie in time. Nearly: so the bugs must be found without it. */
const DEAF: Edit = {
  file: 'libs/queue/src/scripts/handout/beat.lua',
  from: "if job.status ~= 'running' or job.fence ~= one.fence then",
  to: "if job.status == '' then",
}

export const BUGS = {
  'no-fence': {
    means: 'the end of an attempt is believed whatever its fence',
    shows: 'zombies',
    edits: [
      DEAF,
      {
        file: 'libs/queue/src/scripts/handout/prelude.lua',
        from: "if job.status == '' or job.fence ~= fence then return { 'fenced' } end\n  if job.status ~= 'running' then",
        to: "if job.status == '' then return { 'fenced' } end\n  if false then",
      },
    ],
  },
  'fixed-key': {
    means: 'all attempts of a job write to the same keys, the last one wins',
    shows: 'zombies',
    edits: [
      DEAF,
      {
        file: 'libs/contracts/src/files/object-key.ts',
        from: 'out/${fence}-${nonce}/`',
        to: "out/1-${nonce ? fence && 'same' : ''}/`",
      },
      {
        file: 'libs/storage/src/folder/folder-store.ts',
        from: "if (codeOf(error) === 'EEXIST') throw new StorageError('exists', 'the object exists')",
        to: "if (codeOf(error) === 'EEXIST') return await rename(temp, path)",
      },
      { file: 'libs/storage/src/folder/folder-store.ts', from: 'open, realpath }', to: 'open, realpath, rename }' },
    ],
  },
  'given-up-webhook': {
    means: 'a webhook that was refused is not tried again',
    shows: 'zombies',
    edits: [
      {
        file: 'apps/worker/src/webhooks/try-delivery.ts',
        from: "return delayMs === null ? { outcome: 'failed', try: last }",
        to: "return delayMs !== 0 ? { outcome: 'failed', try: last }",
      },
    ],
  },
  'late-cancel': {
    means: 'a cancel is obeyed whatever became of the job',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/scripts/jobs/prelude.lua',
        from: "local function cancel(job)\n  if job.status == 'queued' then",
        to: "local function cancel(job)\n  if job.status ~= 'canceled' then",
      },
    ],
  },
  'blamed-drain': {
    means: 'a job that a draining worker gives back is blamed for it',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/scripts/handout/prelude.lua',
        from: "requeue(job, one.delay or 0, { unbegun = fields.unbegun }, 'released')",
        to: "requeue(job, one.delay or 0, { crashes = (tonumber(job.crashes) or 0) + 1 }, 'released')",
      },
    ],
  },
  'kept-by-drain': {
    means: 'a draining worker ends without giving its jobs back',
    shows: 'gentle',
    edits: [
      {
        file: 'apps/worker/src/attempt/settle-attempt.ts',
        from: 'return store.release(hold, clock.hasBegunToRun, outcome.againMs, usedSeconds, phases)',
        to: "return Promise.resolve({ outcome: 'fenced' })",
      },
    ],
  },
  'forgetful-take': {
    means: 'a take whose reply was lost is taken for another one',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/scripts/handout/take.lua',
        from: "if known[2] and string.match(known[2], '^%d+') == args.seq then",
        to: 'if false then',
      },
    ],
  },
  'forgetful-submit': {
    means: 'a job that is sent again is another job',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/scripts/jobs/submit.lua',
        from: "local seen = idem_key and redis.call('GET', idem_key)",
        to: 'local seen = false',
      },
    ],
  },
  'no-reserve': {
    means: 'at its memory limit Redis lets nobody end what was accepted',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/scripts/reserve.lua',
        from: "redis.call('DEL', KEYS[1] .. ':none')",
        to: "redis.call('EXISTS', KEYS[1] .. ':none')",
      },
      // Where Redis has functions, their flag is what stands in its place.
      {
        file: 'libs/queue/src/scripts/render-script.ts',
        from: "reserve === false ? '' : \"'allow-oom'\"",
        to: "reserve === false ? '' : ''",
      },
    ],
  },
  'unfenced-checkpoint': {
    means: 'an attempt that lost its job puts its checkpoint in the place of the newer one',
    shows: 'test/contract/queue/checkpoints.test.ts',
    edits: [
      {
        file: 'libs/queue/src/scripts/checkpoints/keep.lua',
        from: "if job.status ~= 'running' or job.fence ~= args.fence then",
        to: "if job.status ~= 'running' then",
      },
    ],
  },
  'boundless-submit': {
    means: 'submits are taken whatever Redis has room for',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/scripts/jobs/submit.lua',
        from: 'elseif bytes > room then',
        to: 'elseif false then',
      },
    ],
  },
  'unchecked-lease': {
    means: 'a job is taken from its worker though its lease has not ended',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/scripts/handout/prelude.lua',
        from: "P .. 'lease', '-inf', whole(NOW)",
        to: "P .. 'lease', '-inf', '+inf'",
      },
    ],
  },
  'uncharged-share': {
    means: 'a tenant is not charged for the device time of its jobs',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/scripts/shares/prelude.lua',
        from: 'local by = ms / policy_of(tenant).weight',
        to: 'local by = 0',
      },
    ],
  },
  'counted-again': {
    means: 'the end of a job is counted for its tenant once more when its reply was lost and it is told again',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/scripts/handout/prelude.lua',
        from: "if is_again and is_terminal(job.status) then return { 'done', job.status } end",
        to: "if is_again and is_terminal(job.status) then use(job, COUNTED_AS[job.status], 1) return { 'done', job.status } end",
      },
    ],
  },
  'ignored-pin': {
    means: 'a job that is pinned to a version is given to any',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/models/lines-of.ts',
        from: '`v:${encodeURIComponent(version)}`',
        to: "`v:${version && 'any'}`",
      },
    ],
  },
  'lost-bell': {
    means: 'nobody is woken when a job comes into an empty line',
    shows: 'test/contract/queue/queue.test.ts',
    edits: [
      {
        file: 'libs/queue/src/scripts/lines/prelude.lua',
        from: "then redis.call('RPUSH', bell, '1') end",
        to: "then redis.call('LLEN', bell) end",
      },
    ],
  },
  'clock-of-worker': {
    means: 'a lease ends by the clock of its worker',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/jobs/redis-attempt-store.ts',
        from: 'process, seq, n, alone, lease, lines, ends }',
        to: 'process, seq, n, alone, lease: Date.now() + lease, lines, ends }',
      },
      {
        file: 'libs/queue/src/scripts/handout/take.lua',
        from: "  add_to_set(P .. 'lease', whole(NOW + args.lease), job.id)\n",
        to: "  add_to_set(P .. 'lease', whole(args.lease), job.id)\n",
      },
    ],
  },
} as const satisfies Record<string, Bug>
export type BugName = keyof typeof BUGS

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const COPIED = ['apps', 'libs', 'models', 'scripts', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']

/** Exit code of a run, of the shape or suite that it shows in, on a copy with that bug. Throws when the code that the bug changes was not found. */
export async function runPlanted(bug: BugName, seed: number): Promise<number> {
  const copy = mkdtempSync(join(tmpdir(), `millrace-${bug}-`))
  try {
    copyHouse(copy)
    for (const edit of BUGS[bug].edits) applyEdit(copy, edit)
    const { shows } = BUGS[bug]
    const args = shows.endsWith('.test.ts')
      ? [join('node_modules', 'vitest', 'vitest.mjs'), 'run', shows]
      : ['--import', 'tsx', join('test', 'chaos', 'main.ts'), `--${shows}`, '--seed', String(seed)]
    // What the run keeps because it is red goes with the copy.
    const env = { ...process.env, TMPDIR: join(copy, 'tmp') }
    mkdirSync(env.TMPDIR)
    const child = spawn(process.execPath, args, { cwd: copy, env, stdio: 'inherit' })
    const endWithUs = (): boolean => child.kill('SIGINT')
    process.once('exit', endWithUs)
    const [code] = (await once(child, 'exit')) as [number | null]
    process.off('exit', endWithUs)
    return code ?? 2
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** Sources are copied; packages are linked, but for our own, whose links stay within the copy. */
function copyHouse(copy: string): void {
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true, filter: isSource })
  linkPackages(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  // Packages of one room alone.
  for (const room of ['test', ...readdirSync(join(ROOT, 'libs')).map((lib) => join('libs', lib))]) {
    const own = join(ROOT, room, 'node_modules')
    if (existsSync(own)) symlinkSync(own, join(copy, room, 'node_modules'))
  }
}

const isSource = (path: string): boolean => !/(^|\/)(node_modules|\.millrace)$/.test(path)

function linkPackages(from: string, to: string): void {
  mkdirSync(to)
  for (const name of readdirSync(from)) {
    const path = join(from, name)
    // npm links workspaces, and only those, by relative links.
    if (lstatSync(path).isSymbolicLink()) cpSync(path, join(to, name), { verbatimSymlinks: true })
    else if (name === '@millrace') linkPackages(path, join(to, name))
    else symlinkSync(path, join(to, name))
  }
}

function applyEdit(copy: string, edit: Edit): void {
  writeFileSync(join(copy, edit.file), plantedText(edit, copy))
}

/** The file with the bug in it. Throws when what the bug changes is not there, once. */
export function plantedText({ file, from, to }: Edit, root: string = ROOT): string {
  const source = readFileSync(join(root, file), 'utf8')
  if (source.split(from).length !== 2) throw new Error(`${file} no longer holds what the planted bug changes: ${from}`)
  return source.replace(from, () => to)
}
