/** Lets a process die at a chosen moment, in the tests that look at what it leaves behind. */

export class Killed extends Error {}

async function* dead(): AsyncGenerator<never> {
  yield await Promise.reject<never>(new Killed())
}

/**
 * A part of a process that dies before its nth call to Redis or the store, counted over all parts that share a life: nothing
 * it wanted to do after that happens.
 */
export function mortal<T extends object>(part: T, life: { calls: number }): T {
  return new Proxy(part, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        const act = () => (method as (...given: unknown[]) => unknown).apply(target, args)
        if (life.calls-- > 0) return act()
        // Lists are no promises.
        return name === 'listEntries' ? dead() : Promise.reject(new Killed())
      }
    },
  })
}
