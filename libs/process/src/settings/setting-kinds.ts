/** The kinds of values that a setting can have, and the functions that declare one. Used by config-schema.ts and its parts. */
import { resolve } from 'node:path'
import { parseRedisAddress } from '@millrace/contracts'
import { z } from 'zod'

/** The facts about a setting besides the values that it accepts. */
export interface SettingMeta {
  /** Name of its environment variable. */
  env: string
  description: string
  /** The default as one would write it in the environment. Left out when there is none. */
  default?: string
  /** True when the value must not be shown in an error. It may be given as a path in `<name>_FILE`. */
  secret?: boolean
}

export type Text<Out> = z.ZodType<Out, string>

export const setting = <Out>(env: string, fallback: string, description: string, schema: Text<Out>) =>
  schema.prefault(fallback).meta({ env, description, default: fallback } satisfies SettingMeta)

export const optional = <Out>(env: string, description: string, schema: Text<Out>) =>
  schema.optional().meta({ env, description } satisfies SettingMeta)

export const secret = <Out>(env: string, description: string, schema: Text<Out>) =>
  schema.optional().meta({ env, description, secret: true } satisfies SettingMeta)

export function wholeNumber(min: number, max: number): Text<number> {
  const message = `expected a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,15}$/, { message, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
}

const isUrl = (text: string, protocols: string[]): boolean =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol)

export const url = (...protocols: string[]): Text<string> =>
  z.string().refine((text) => isUrl(text, protocols), `expected an address such as ${protocols[0]}//host`)

/** The fault is told in words of its own: it may be one of several hosts, or the name behind them. */
export const redisAddress: Text<string> = z.string().superRefine((text, context) => {
  try {
    parseRedisAddress(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
  }
})

export const flag: Text<boolean> = z
  .enum(['true', 'false', '1', '0'], 'expected true or false')
  .transform((text) => text === 'true' || text === '1')

export const word: Text<string> = z.string().regex(/^\S+$/, 'expected text without spaces')
/** Parts of a key that stores and shells all read in the same way. Slashes around them are dropped. */
export const keyPrefix: Text<string> = z
  .string()
  .transform((text) => text.replace(/^\/+|\/+$/g, ''))
  .refine(
    (text) => /^[\w.-]{1,200}(\/[\w.-]{1,200})*$/.test(text) && text.length <= 200 && !/(^|\/)\.{1,2}(\/|$)/.test(text),
    'expected names of letters, digits and ._- with slashes between, at most 200 characters',
  )
export const folder: Text<string> = z.string().transform((path) => resolve(path))
export const devices: Text<string> = z
  .string()
  .regex(/^(cpu|cuda:\d+)(\*\d+)?(,(cpu|cuda:\d+)(\*\d+)?)*$/, 'expected devices such as cpu, cpu*4 or cuda:0,cuda:1')

export const hosts: Text<string[]> = z
  .string()
  .regex(/^[A-Za-z0-9.:[\]/_, -]*$/, 'expected hosts, addresses or ranges with commas between')
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
  )

const isOrigin = (text: string): boolean =>
  /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text

/** Origins of pages, as browsers send them: `https://app.example.com,http://localhost:3000`; or `*` alone. */
export const origins: Text<string[]> = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
  )
  .refine(
    (entries) => (entries.length === 1 && entries[0] === '*') || entries.every(isOrigin),
    'expected origins such as https://app.example.com with commas between, without a path or a slash at the end; or * alone',
  )

/** Addresses and networks: `10.0.0.0/8,::1`. */
export const networks: Text<string[]> = hosts.refine(
  (entries) => entries.every((entry) => z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]).safeParse(entry).success),
  'expected addresses or networks such as 10.0.0.0/8 with commas between',
)

/** A whole number for each of some tenants: `acme=5,beta=2`. */
export const numbersByTenant = (max: number): Text<Readonly<Record<string, number>>> =>
  z
    .string()
    .regex(/^([^\s=,]{1,200}=\d{1,9}(,|$))*$/, { message: 'expected tenants such as acme=5,beta=2', abort: true })
    .transform((text) => text.split(',').flatMap((part) => (part === '' ? [] : [part.split('=') as [string, string]])))
    .refine((pairs) => new Set(pairs.map(([tenant]) => tenant)).size === pairs.length, 'names a tenant twice')
    .transform((pairs): Record<string, number> => Object.fromEntries(pairs.map(([tenant, n]) => [tenant, Number(n)])))
    .refine(
      (numbers) => Object.values(numbers).every((n) => n >= 1 && n <= max),
      `expected whole numbers from 1 to ${max}`,
    )

/** How many of something; `auto` leaves it to the program. */
export const countOrAuto = (max: number): Text<number | 'auto'> =>
  z
    .string()
    .regex(/^(auto|\d{1,15})$/, { message: `expected auto or a whole number from 1 to ${max}`, abort: true })
    .transform((text) => (text === 'auto' ? ('auto' as const) : Number(text)))
    .refine(
      (count) => count === 'auto' || (count >= 1 && count <= max),
      `expected auto or a whole number from 1 to ${max}`,
    )
