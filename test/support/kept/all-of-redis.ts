/** All of Redis and of a store as text, to look for marks in it. Used by tests of what an erasure leaves. */
import { buffer } from 'node:stream/consumers'
import type { ObjectLister, ObjectReader } from '@millrace/storage'
import type { Redis } from 'ioredis'

/** Every key of Redis with its value, as text. */
export async function allOfRedis(raw: Redis): Promise<Map<string, string>> {
  const all = new Map<string, string>()
  for await (const keys of raw.scanStream({ count: 1000 })) {
    for (const key of keys as string[]) all.set(key, await textOf(raw, key))
  }
  return all
}

async function textOf(raw: Redis, key: string): Promise<string> {
  const read: Record<string, () => Promise<unknown>> = {
    string: () => raw.get(key),
    hash: () => raw.hgetall(key),
    list: () => raw.lrange(key, '0', '-1'),
    set: () => raw.smembers(key),
    zset: () => raw.zrange(key, '0', '-1'),
    stream: () => raw.xrange(key, '-', '+'),
    none: async () => null,
  }
  const type = await raw.type(key)
  const value = read[type]
  if (!value) throw new Error(`nobody reads a ${type} here`)
  return JSON.stringify(await value())
}

/** Every object of a store with its bytes, as text. */
export async function allOfStore(objects: ObjectLister & ObjectReader): Promise<Map<string, string>> {
  const all = new Map<string, string>()
  for await (const key of objects.list('')) all.set(key, (await buffer(await objects.get(key))).toString('latin1'))
  return all
}

/** Where a mark is: names of keys and objects. */
export const placesOf = (all: ReadonlyMap<string, string>, marks: readonly string[]): string[] =>
  [...all].flatMap(([name, text]) =>
    marks.filter((mark) => name.includes(mark) || text.includes(mark)).map((mark) => `${name} has ${mark}`),
  )
