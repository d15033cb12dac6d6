/** Invented repositories, so that a law can be seen to find what is planted. Called by the tests of the laws. */
import type { House, Manifest, TextFile } from './house.ts'

const manifest = (folder: string, name: string, dependencies: string[] = []): Manifest => ({
  folder,
  name,
  doors: ['.', './bin/start.mjs'],
  dependencies,
  devDependencies: [],
})

/** An invented repository that keeps every law, but for the one file that is planted. */
export function houseWith(path: string, source: string, ...more: TextFile[]): House {
  return {
    files: [{ path, source }, ...more],
    otherPaths: [],
    manifests: [
      { ...manifest('', 'root'), devDependencies: ['vitest'] },
      manifest('libs/contracts', '@millrace/contracts', ['zod']),
      manifest('libs/queue', '@millrace/queue', ['@millrace/contracts', 'ioredis']),
      manifest('libs/storage', '@millrace/storage', ['@millrace/contracts']),
      manifest('apps/api', '@millrace/api', ['@millrace/queue', '@millrace/contracts', 'hono', 'ioredis']),
      manifest('apps/worker', '@millrace/worker', ['@millrace/queue']),
      manifest('apps/web', '@millrace/web', ['preact']),
      manifest('apps/cli', 'millrace', ['@millrace/api', '@millrace/worker']),
      manifest('test', '@millrace/test', ['@millrace/queue']),
    ],
    installed: [],
  }
}
