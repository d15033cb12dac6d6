/** The declarations of what others import. Called by pack-packages.ts. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Writes them into `folder`, at the paths of their sources. Throws with what the compiler said. */
export function emitDeclarations(root: string, folder: string): void {
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  const project = join(root, 'scripts', 'pack', 'tsconfig.json')
  execFileSync(tsc, ['-p', project, '--outDir', folder], { stdio: ['ignore', 'inherit', 'inherit'] })
}

/** Copies a file or a tree of declarations. Their imports name JavaScript then, as every reader of declarations takes them. */
export function copyDeclarations(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true })
  const paths = to.endsWith('.ts')
    ? [to]
    : readdirSync(to, { recursive: true, encoding: 'utf8' }).map((name) => join(to, name))
  for (const path of paths.filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll(/(?<=\bfrom '|\bimport\(['"])(\.[^'"]+)\.ts(?=['"])/g, '$1.js'))
  }
}
