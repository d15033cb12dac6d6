import { ProblemError } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { inStoreTime, limitCalls } from './store-time.ts'

const never = () => new Promise<never>(() => undefined)
const after = (ms: number) => new Promise<string>((resolve) => setTimeout(resolve, ms, 'an answer'))

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
  )
}

test('a store that answers nobody is told to be away when the time of a call is over', async () => {
  expect(await codeOf(inStoreTime(never(), 100))).toBe('unavailable')
})

test('a limited port has the answers and the faults of the port itself', async () => {
  class Port {
    readonly #word = 'an answer'
    say = async (suffix: string) => `${this.#word}${suffix}`
    async read() {
      return this.#word
    }
    async fail(): Promise<never> {
      throw new Error(this.#word)
    }
  }
  const port = limitCalls(new Port())
  expect([await port.read(), await port.say('!')]).toEqual(['an answer', 'an answer!'])
  await expect(port.fail()).rejects.toThrow('an answer')
})

test('a request whose answer lies there while this process is busy gets it', async () => {
  const call = inStoreTime(after(10), 200)
  const started = performance.now()
  while (performance.now() - started < 600);
  expect(await call).toBe('an answer')
})

test('while the store answers others, a request waits beyond its time', async () => {
  await inStoreTime(after(0))
  expect(await inStoreTime(after(400), 50)).toBe('an answer')
})
