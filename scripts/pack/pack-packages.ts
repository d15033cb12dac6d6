/** Makes the tarballs of all published packages. Called by pack-main.ts and by the tests of the packages. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emitDeclarations } from './emit-declarations.ts'
import { LIBRARIES, PROGRAM, PUBLISHED, type PublishedPackage } from './published.ts'
import { stageLibrary } from './stage-library.ts'
import { stageProgram } from './stage-program.ts'

export interface Tarball extends PublishedPackage {
  path: string
  version: string
  /** Bytes of the tarball. */
  size: number
  /** Bytes of its files. */
  unpackedSize: number
  files: { path: string; size: number }[]
}

interface Packed extends Pick<Tarball, 'name' | 'version' | 'size' | 'unpackedSize' | 'files'> {
  filename: string
}

/** Writes them into `into`, which is made. `npm`: the program and first arguments that start npm. */
export async function packPackages(root: string, into: string, npm: readonly string[] = ['npm']): Promise<Tarball[]> {
  const staging = mkdtempSync(join(tmpdir(), 'millrace-pack-'))
  try {
    const declarations = join(staging, 'declarations')
    emitDeclarations(root, declarations)
    const folderOf = ({ name }: PublishedPackage) => join(staging, name.replace('/', '-'))
    await stageProgram(root, folderOf(PROGRAM), declarations)
    for (const library of LIBRARIES) await stageLibrary(root, folderOf(library), declarations, library)
    mkdirSync(into, { recursive: true })
    const [program = 'npm', ...first] = npm
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', into, ...PUBLISHED.map(folderOf)]
    const told = execFileSync(program, [...first, ...args], {
      cwd: staging,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    })
    const packed = JSON.parse(told) as Packed[]
    return PUBLISHED.map((about) => {
      const one = packed.find(({ name }) => name === about.name)
      if (one === undefined) throw new Error(`npm made no tarball of ${about.name}`)
      const { version, size, unpackedSize, files, filename } = one
      return { ...about, version, size, unpackedSize, files, path: join(into, filename) }
    })
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}
