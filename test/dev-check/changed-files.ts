/** Which files a person has changed, as git sees it. Called by main.ts. */
import { spawnSync } from 'node:child_process'

/** Names of the branch that others leave, the nearest first. */
const MAINS = ['main', 'origin/main', 'master', 'origin/master']

export interface Changes {
  /** What the tree was compared with, in words. */
  since: string
  /** Relative to the root, sorted; files that are gone are left out. */
  paths: string[]
}

/**
 * Compares the working tree, new files included, with a commit. Without one that is the last commit, or, where nothing
 * was changed since, the place where the branch left main.
 */
export function changedFiles(root: string, commit?: string): Changes {
  if (commit !== undefined) return { since: commit, paths: pathsSince(root, commit) }
  const paths = pathsSince(root, 'HEAD')
  const main = MAINS.find((name) => git(root, 'rev-parse', '--verify', '--quiet', name) !== undefined)
  const left = main === undefined ? undefined : git(root, 'merge-base', 'HEAD', main)?.trim()
  if (paths.length > 0 || left === undefined) return { since: 'the last commit', paths }
  return { since: main!, paths: pathsSince(root, left) }
}

function pathsSince(root: string, commit: string): string[] {
  const changed = git(root, 'diff', '--name-only', '--no-renames', '--diff-filter=d', '-z', commit, '--')
  const added = git(root, 'ls-files', '--others', '--exclude-standard', '-z')
  if (changed === undefined || added === undefined) throw new Error(`git knows no commit ${commit} here`)
  return [...new Set(`${changed}${added}`.split('\0').filter((path) => path !== ''))].sort()
}

/** What git prints; undefined where it fails. */
function git(root: string, ...args: string[]): string | undefined {
  const done = spawnSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return done.status === 0 ? done.stdout : undefined
}
