/** Lets a process die at a chosen moment. Used by tests that look at what it leaves behind. */

export class Killed extends Error {}

async function* dead(): AsyncGenerator<never> {
  yield await Promise.reject<never>(new Killed())
}

/**
 * Wraps a part of a process that dies before its nth call to Redis or the store. Calls are counted over all parts that share
 * a life. Nothing that it wanted to do afterwards happens.
 */
export function mortal<T extends object>(part: T, life: { calls: number }): T {
  return new Proxy(part, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        const act = () => (method as (...given: unknown[]) => unknown).apply(target, args)
        if (life.calls-- > 0) return act()
        // A listing is not a promise, so it fails in another way.
        return name === 'listEntries' ? dead() : Promise.reject(new Killed())
      }
    },
  })
}
