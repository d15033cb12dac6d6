/** Makes the Python with originals before the tests of a `describe`; without it they are skipped, and say why. */
import { beforeAll, beforeEach } from 'vitest'
import { originalPython } from './original-python.ts'

export function needsOriginals(...packages: string[]): () => string {
  return needsMade(() => originalPython(packages))
}

/** The same for anything that has to be fetched first: a function that gives what was made. */
export function needsMade<Made>(make: () => Promise<Made>): () => Made {
  let made: Made | undefined
  let why = ''
  beforeAll(async () => {
    made = await make().catch((error: Error) => {
      why = error.message
      return undefined
    })
  }, 180_000)
  beforeEach(({ skip }) => skip(made === undefined, why))
  return () => made as Made
}
