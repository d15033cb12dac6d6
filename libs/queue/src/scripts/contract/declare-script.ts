/** What is said of each script: where it runs, what it is told, what it answers. See the declarations beside this file. */
import type { z } from 'zod'
import type { Arguments, ValuesOf } from './wire/argument-kinds.ts'

export interface Script<A extends Arguments = Arguments, R = unknown> {
  /** KEYS[1]: what the keys of its shard begin with. The script builds every key from it, so all lie in one shard. */
  shard(args: ValuesOf<A>): string
  args: A
  reply: z.ZodType<R>
  /**
   * Whether it goes on when Redis is at its memory limit, in the reserve that submits leave. Default: yes. No for what asks for
   * more work, keeps something new, or writes nothing.
   */
  reserve?: boolean
  /** It is called for each job. Default: no. */
  perJob?: boolean
}

/** Checks a declaration, and that its shard can be found from its arguments. */
export const declareScript = <const A extends Arguments, R>(script: Script<A, R>): Script<A, R> => script

export type ArgsOf<S> = S extends { args: infer A extends Arguments } ? ValuesOf<A> : never
export type ReplyOf<S> = S extends { reply: z.ZodType<infer R> } ? R : never
