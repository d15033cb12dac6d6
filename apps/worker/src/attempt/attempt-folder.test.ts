import { expect, test } from 'vitest'
import { AttemptFolder } from './attempt-folder.ts'

function aFolder() {
  const removed: string[] = []
  const work = {
    create: async () => '/tmp/own',
    remove: async (path: string) => void removed.push(path),
    close: async () => undefined,
  }
  return { removed, folder: new AttemptFolder(work, { id: `job_${'a'.repeat(34)}`, fence: 1 }) }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

test.each<[string, (settle: { resolve(): void; reject(why: Error): void }) => void]>([
  ['ends', ({ resolve }) => resolve()],
  ['fails', ({ reject }) => reject(new Error('planted'))],
])('a folder that is left stays until the run in it %s', async (_how, end) => {
  const { folder, removed } = aFolder()
  await folder.make(0)
  folder.lendUntil(new Promise<void>((resolve, reject) => setImmediate(() => end({ resolve, reject }))))
  folder.leave()
  await Promise.resolve()
  expect(removed).toEqual([])
  await turn()
  await turn()
  expect(removed).toEqual(['/tmp/own'])
})

test('a folder that was made and never lent goes when it is left; one that was never made asks for nothing', async () => {
  const { folder, removed } = aFolder()
  folder.leave()
  await turn()
  expect(removed).toEqual([])
  await folder.make(0)
  folder.leave()
  await turn()
  expect(removed).toEqual(['/tmp/own'])
})
