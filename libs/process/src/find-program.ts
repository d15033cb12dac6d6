/** Finds a program as a shell does. Used to find the Redis server for the embedded mode and for tests. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Both programs speak the same protocol and read the same configuration. */
export const REDIS_SERVERS = ['redis-server', 'valkey-server'] as const

/** Folders that the PATH of a service or a desktop often lacks. */
const EXTRA_FOLDERS = ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin', '/usr/sbin', '/usr/local/sbin']

/**
 * Absolute path of the first of these programs that can be executed; PATH is searched first. Undefined when there is
 * none.
 */
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
