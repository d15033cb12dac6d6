/** Looks a program up the way a shell does. Used to find the Redis server that the embedded mode and the tests start. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Both speak the same protocol and read the same configuration. */
export const REDIS_SERVERS = ['redis-server', 'valkey-server'] as const

/** Places that a service's or a desktop's PATH often lacks. */
const EXTRA_FOLDERS = ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin', '/usr/sbin', '/usr/local/sbin']

/** Absolute path of the first of these programs that can be executed, PATH first; undefined when there is none. */
export function findProgram(names: readonly string[], path: string | undefined): string | undefined {
  const folders = [...(path ?? '').split(delimiter).filter(Boolean), ...EXTRA_FOLDERS]
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  return candidates.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
