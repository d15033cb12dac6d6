import { spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { changedFiles } from './changed-files.ts'

let root: string

function git(...args: string[]): void {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false']
  const done = spawnSync('git', [...who, ...args], { cwd: root, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
}

const write = (path: string, text: string): void => writeFileSync(join(root, path), text)

function commit(path: string): void {
  write(path, path)
  git('add', '-A')
  git('commit', '-qm', path)
}

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-changes-')))
  git('init', '-q', '-b', 'main')
  write('.gitignore', 'ignored\n')
  commit('old.ts')
  git('checkout', '-q', '-b', 'work')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('are those since the last commit, new ones too, without ignored ones and those that are gone', () => {
  commit('mine.ts')
  commit('gone.ts')
  write('old.ts', 'changed')
  write('new file.lua', '')
  write('ignored', '')
  rmSync(join(root, 'gone.ts'))
  expect(changedFiles(root)).toEqual({ since: 'the last commit', paths: ['new file.lua', 'old.ts'] })
})

it('are those of the branch where nothing was changed since its last commit', () => {
  commit('mine.ts')
  commit('mine-too.ts')
  git('checkout', '-q', 'main')
  commit('theirs.ts')
  git('checkout', '-q', 'work')
  expect(changedFiles(root)).toEqual({ since: 'main', paths: ['mine-too.ts', 'mine.ts'] })
})

it('are those since a commit that somebody names', () => {
  commit('mine.ts')
  commit('mine-too.ts')
  write('new.ts', '')
  expect(changedFiles(root, 'HEAD~1')).toEqual({ since: 'HEAD~1', paths: ['mine-too.ts', 'new.ts'] })
  expect(() => changedFiles(root, 'nothing')).toThrow('git knows no commit nothing here')
})

it('are none in a tree that is as main is', () => {
  expect(changedFiles(root)).toEqual({ since: 'main', paths: [] })
})
