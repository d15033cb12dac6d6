/** Every way in which a command of the `millrace` program can end badly, in one table. Errors name a row of it; docs/client.md is made from it. */
import type { ExitName } from './exit-codes.ts'

interface FaultEntry {
  /** The exit code, by name. */
  readonly exit: ExitName
  /** What happened. */
  readonly means: string
  /** What the user can do about it. */
  readonly fix: string
}

/** The faults by code. The text that a command prints adds the names, paths and ports of the case. */
export const FAULTS = {
  usage: {
    exit: 'misused',
    means: 'The command was called wrongly.',
    fix: 'Correct the arguments; `millrace help <command>` lists them.',
  },
  settings: {
    exit: 'misused',
    means: 'A setting has a wrong value or does not exist.',
    fix: 'Correct the variables that are named; `.env.example` lists all of them.',
  },
  packages_missing: {
    exit: 'misused',
    means: 'Packages are missing, or differ from the lockfile.',
    fix: 'Run the `npm` command that is printed.',
  },
  data_folder: {
    exit: 'failed',
    means: 'The data folder cannot be written to.',
    fix: 'Set MILLRACE_DATA_DIR to a folder that you may write to.',
  },
  data_folder_in_use: {
    exit: 'failed',
    means: 'Another Millrace uses the data folder.',
    fix: 'Stop it, or set MILLRACE_DATA_DIR to another folder.',
  },
  port: {
    exit: 'failed',
    means: 'The address or port cannot be listened on.',
    fix: 'Name another one with `--port` or `--host`, or end the program that uses it.',
  },
  redis_missing: {
    exit: 'failed',
    means: 'No Redis server is installed.',
    fix: 'Install redis-server or valkey-server, or set REDIS_URL.',
  },
  redis_start: {
    exit: 'failed',
    means: 'The Redis server that Millrace starts itself did not start.',
    fix: 'Read its last lines, which are printed.',
  },
  redis_orphan: {
    exit: 'failed',
    means: 'An earlier Redis server of Millrace does not stop.',
    fix: 'End the process that is named, then start again.',
  },
  redis: {
    exit: 'failed',
    means: 'The Redis server at REDIS_URL cannot be used, or could lose jobs.',
    fix: 'Follow the text; `millrace doctor` checks more.',
  },
  store_owner: {
    exit: 'failed',
    means: 'The object store belongs to another Redis.',
    fix: 'Connect the right Redis, or give the store to this one: `millrace adopt --yes`.',
  },
  backup: {
    exit: 'failed',
    means: 'A backup cannot be written, is damaged, or may not be restored here.',
    fix: 'Read the text; docs/backup.md says what a backup needs.',
  },
  model: {
    exit: 'failed',
    means: 'The model cannot be found, or cannot be loaded.',
    fix: 'Read the text; `millrace check <model>` finds more.',
  },
  model_packages: {
    exit: 'failed',
    means: 'Packages of a Python model are missing.',
    fix: 'Install the packages that are named.',
  },
  not_trainable: {
    exit: 'failed',
    means: 'The model cannot be trained.',
    fix: 'Leave `--kind` out.',
  },
  input: {
    exit: 'failed',
    means: 'The input does not fit the schema of the model.',
    fix: '`millrace schema <model>` shows what it takes.',
  },
  folder_exists: {
    exit: 'failed',
    means: 'The folder of the new model exists already.',
    fix: 'Choose another name.',
  },
  not_saved: {
    exit: 'failed',
    means: 'A file of the output cannot be saved.',
    fix: 'Name another folder with `--out`.',
  },
  output_unwritable: {
    exit: 'failed',
    means: 'Standard output cannot be written to, such as on a full disk.',
    fix: 'Make room, or send the output elsewhere.',
  },
  webhooks_refused: {
    exit: 'failed',
    means: 'The server sends no webhooks to this machine.',
    fix: 'Set MILLRACE_WEBHOOK_ALLOW_HOSTS for its API and its workers.',
  },
  not_drained: {
    exit: 'failed',
    means: 'A worker still has jobs in hand after the time that was given.',
    fix: 'Wait longer, or end it all the same: what it holds goes back to the line.',
  },
  demo: { exit: 'failed', means: 'The demo did not succeed.', fix: 'Read the text and the log above it.' },
  refused: { exit: 'failed', means: 'The server refused the request.', fix: 'See the code in docs/errors.md.' },
  internal: { exit: 'failed', means: 'Millrace failed.', fix: 'Report the text that is printed.' },
  server_silent: {
    exit: 'silent',
    means: 'No server answers.',
    fix: 'Start one with `millrace dev`, or name another one with `--url` or MILLRACE_URL.',
  },
  left: { exit: 'left', means: 'You stopped the command by Ctrl-C.', fix: 'The text says what goes on without it.' },
} as const satisfies Record<string, FaultEntry>
export type FaultCode = keyof typeof FAULTS
