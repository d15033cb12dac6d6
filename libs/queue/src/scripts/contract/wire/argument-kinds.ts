/**
 * What an argument of a script may be: how TypeScript sends it, and how Lua reads it. The arguments go over the wire one
 * after another, as text, so every byte of a JSON text arrives as it was sent; their places are counted by the code in
 * read-arguments.ts and write-arguments.ts alone. Used by the declarations of scripts beside this file.
 */

/** One text on the wire. */
export interface One<T> {
  kind: 'one'
  write(value: T): string | number
  /** The Lua that makes a value of a text of the wire, such as `ARGV[3]`. */
  read(text: string): string
}

/** An argument that may be left out; Lua then sees nil. */
export interface Optional<T> {
  kind: 'optional'
  one: One<T>
}

/** Any number of texts; a list in Lua. */
export interface List<T> {
  kind: 'list'
  write(value: T): (string | number)[]
}

/** Any number of groups of arguments; a list of tables in Lua. */
export interface Rows<A extends Arguments> {
  kind: 'rows'
  of: A
}

export type Argument = One<unknown> | Optional<unknown> | List<unknown> | Rows<Arguments>
/** By the name that both sides use. */
export interface Arguments {
  readonly [name: string]: Argument
}

type ValueOf<A> =
  A extends One<infer T>
    ? T
    : A extends Optional<infer T>
      ? T | undefined
      : A extends List<infer T>
        ? T
        : A extends Rows<infer R>
          ? readonly ValuesOf<R>[]
          : never
type OptionalName<A extends Arguments> = { [N in keyof A]: A[N] extends Optional<unknown> ? N : never }[keyof A]
/** What a caller gives for declared arguments. */
export type ValuesOf<A extends Arguments> = { [N in Exclude<keyof A, OptionalName<A>>]: ValueOf<A[N]> } & {
  [N in OptionalName<A>]?: ValueOf<A[N]>
}

const asText = (text: string): string => text

/** A text as it is. */
export const text = <T extends string = string>(): One<T> => ({ kind: 'one', write: (value) => value, read: asText })

/** A number that Lua only compares or stores: it stays text there, so no digit of it changes. */
export const digits = (): One<number> => ({ kind: 'one', write: (value) => value, read: asText })

/** A number that Lua reckons with. */
export const number = (): One<number> => ({
  kind: 'one',
  write: (value) => value,
  read: (text) => `tonumber(${text})`,
})

export const flag = (): One<boolean> => ({
  kind: 'one',
  write: (value) => (value ? '1' : '0'),
  read: (text) => `${text} == '1'`,
})

/** Any value, which Lua stores or hands on as JSON and does not look into. */
export const json = <T>(): One<T> => ({ kind: 'one', write: (value) => JSON.stringify(value), read: asText })

/** Lua cannot tell an empty text from one that was left out. */
export const optional = <T>(one: One<T>): Optional<T> => ({ kind: 'optional', one })

export const list = <T>(one: One<T>): List<readonly T[]> => ({
  kind: 'list',
  write: (values) => values.map((value) => one.write(value)),
})

/** Fields of a hash by name; those without a value are left out. In Lua a list of names and values in turn, as HSET takes it. */
export const fields = (): List<Fields> => ({
  kind: 'list',
  write: (named) => {
    const flat: (string | number)[] = []
    for (const name in named) {
      const value = named[name]
      if (value !== undefined) flat.push(name, value)
    }
    return flat
  },
})
export interface Fields {
  readonly [name: string]: string | number | undefined
}

export const rows = <const A extends Arguments>(of: A): Rows<A> => ({ kind: 'rows', of })
