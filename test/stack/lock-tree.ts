/** Takes the right to write to a folder from everybody, and tells whether anything changed in it. Called by stack.test.ts. */
import { chmodSync, chownSync, existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Everything readable to all and writable to nobody; links are left alone, what they name is not ours. */
export function lockTree(path: string): void {
  const stats = lstatSync(path)
  if (stats.isSymbolicLink()) return
  if (stats.isDirectory()) for (const name of readdirSync(path)) lockTree(join(path, name))
  if (process.getuid?.() === 0) chownSync(path, 0, 0)
  chmodSync(path, stats.isDirectory() || stats.mode & 0o100 ? 0o555 : 0o444)
}

/** So that it can be deleted again. */
export function unlockTree(path: string): void {
  if (!existsSync(path) || lstatSync(path).isSymbolicLink() || !lstatSync(path).isDirectory()) return
  chmodSync(path, 0o755)
  for (const name of readdirSync(path)) unlockTree(join(path, name))
}

/** All paths with the time they were last changed. */
export function stateOfTree(path: string): string[] {
  const stats = lstatSync(path)
  const own = `${path} ${stats.ctimeMs}`
  if (!stats.isDirectory()) return [own]
  return [own, ...readdirSync(path).flatMap((name) => stateOfTree(join(path, name)))]
}
