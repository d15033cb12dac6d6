/**
 * Proves that the harness can turn red: copies the house to a temp folder, puts a bug into the copy, and runs the
 * copy's own harness there. The house itself holds no switch for this. Called by main.ts.
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
  /** The shape of run that it shows in; see chaos-options.ts. */
  shows: 'zombies' | 'gentle'
  edits: readonly Edit[]
}

/** Hearing that it lost its job nearly always stops a zombie in time. Nearly: so the bugs must be found without it. */
const DEAF: Edit = {
  file: 'libs/queue/src/scripts/jobs/beat.lua',
  from: "if job.status ~= 'running' or job.fence ~= args.fence then return 'lost' end",
  to: "if job.status == '' then return 'lost' end",
}

export const BUGS = {
  'no-fence': {
    means: 'the end of an attempt is believed whatever its fence',
    shows: 'zombies',
    edits: [
      DEAF,
      {
        file: 'libs/queue/src/scripts/jobs/settle.lua',
        from: "if job.status == '' or job.fence ~= fence then return { 'fenced' } end\nif job.status ~= 'running' then",
        to: "if job.status == '' then return { 'fenced' } end\nif false then",
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
        file: 'libs/queue/src/scripts/jobs/cancel.lua',
        from: "if job.status == 'queued' then",
        to: "if job.status ~= 'canceled' then",
      },
    ],
  },
  'blamed-drain': {
    means: 'a job that a draining worker gives back is blamed for it',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/scripts/jobs/settle.lua',
        from: "requeue(job, 0, {}, 'released')",
        to: "requeue(job, 0, { crashes = job.crashes + 1 }, 'released')",
      },
    ],
  },
  'kept-by-drain': {
    means: 'a draining worker ends without giving its jobs back',
    shows: 'gentle',
    edits: [
      {
        file: 'apps/worker/src/attempt/settle-attempt.ts',
        from: 'return store.release(hold, clock.hasBegunToRun)',
        to: "return Promise.resolve({ outcome: 'fenced' })",
      },
    ],
  },
  'forgetful-claim': {
    means: 'a claim whose reply was lost is taken for that of another delivery',
    shows: 'gentle',
    edits: [
      {
        file: 'libs/queue/src/scripts/jobs/claim.lua',
        from: "if job.status == 'running' and job.delivery == args.delivery then",
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
} as const satisfies Record<string, Bug>
export type BugName = keyof typeof BUGS

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const COPIED = ['apps', 'libs', 'models', 'test', 'package.json', 'tsconfig.json']

/** Exit code of a run, of the shape that it shows in, on a copy with that bug. Throws when the code that the bug changes was not found. */
export async function runPlanted(bug: BugName, seed: number): Promise<number> {
  const copy = mkdtempSync(join(tmpdir(), `millrace-${bug}-`))
  try {
    copyHouse(copy)
    for (const edit of BUGS[bug].edits) applyEdit(copy, edit)
    const args = ['--import', 'tsx', join('test', 'chaos', 'main.ts'), `--${BUGS[bug].shows}`, '--seed', String(seed)]
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

function applyEdit(copy: string, { file, from, to }: Edit): void {
  const path = join(copy, file)
  const source = readFileSync(path, 'utf8')
  if (source.split(from).length !== 2) throw new Error(`${file} no longer holds what the planted bug changes: ${from}`)
  writeFileSync(
    path,
    source.replace(from, () => to),
  )
}
