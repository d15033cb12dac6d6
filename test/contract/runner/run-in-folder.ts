/** Runs a model through a runner in a fresh work folder, and collects all that it said. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { HeldRun, Runner, RunOutcome, RunRequest } from '@millrace/host'

export interface Heard {
  progress: { fraction: number; message: string | undefined }[]
  logs: { level: string; message: string }[]
  chunks: unknown[]
  /** Those that were asked for, with the text of their files. */
  checkpoints: { state: unknown; files: Record<string, string> }[]
}

export interface StartedRun extends Heard {
  workDir: string
  outcome: Promise<RunOutcome>
  cancel(): void
}

const folders: string[] = []

/** Deletes the folders of all runs so far. */
export function removeRunFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

export function newRunFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-run-'))
  folders.push(folder)
  return folder
}

export function startRun(runner: Runner, input: unknown, overrides: Partial<RunRequest> = {}): StartedRun {
  return start((request) => ({ outcome: runner.run(request) }), input, overrides)
}

export type HeldStart = StartedRun & HeldRun

/** Sends the run ahead. */
export function holdRun(runner: Runner, input: unknown, overrides: Partial<RunRequest> = {}): HeldStart {
  return start((request) => runner.hold(request), input, overrides)
}

function start<Given extends { outcome: Promise<RunOutcome> }>(
  give: (request: RunRequest) => Given,
  input: unknown,
  overrides: Partial<RunRequest>,
): Given & StartedRun {
  const heard: Heard = { progress: [], logs: [], chunks: [], checkpoints: [] }
  const workDir = overrides.workDir ?? newRunFolder()
  const stop = new AbortController()
  const given = give({
    id: basename(workDir),
    kind: 'prediction',
    input,
    files: [],
    workDir,
    signal: stop.signal,
    timeoutSeconds: 60,
    onProgress: (fraction, message) => void heard.progress.push({ fraction, message }),
    onLog: (level, message) => void heard.logs.push({ level, message }),
    onOutput: (chunk) => void heard.chunks.push(chunk),
    async onCheckpoint({ state, statePath, files }) {
      const read = (path: string) => readFileSync(join(workDir, path), 'utf8')
      heard.checkpoints.push({
        state: statePath === undefined ? state : JSON.parse(read(statePath)),
        files: Object.fromEntries(files.map(({ name, path }) => [name, read(path)])),
      })
      return { kept: true }
    },
    ...overrides,
  })
  return { ...heard, ...given, workDir, cancel: () => stop.abort() }
}
