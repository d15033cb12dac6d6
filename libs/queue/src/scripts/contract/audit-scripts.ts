/** The scripts of the audit: libs/queue/src/scripts/audit. Called by RedisAuditLog. */
import { z } from 'zod'
import type { NewAuditEntry } from '../../ports/access/audit-log.ts'
import { ACCESS_SHARD } from '../../redis/keys.ts'
import { json, number, optional, text } from './wire/argument-kinds.ts'
import { declareScript } from './declare-script.ts'

const shard = (): string => ACCESS_SHARD

/** How long entries are kept in milliseconds, and how many of them. */
const bounds = { kept: number(), most: number() }
/** `tag`: of the tenant whose entries are bounded for themselves. */
const written = { id: text(), entry: json<NewAuditEntry>(), tag: optional(text()), ...bounds }

export const AUDIT_SCRIPTS = {
  'audit/begin': declareScript({ shard, args: written, reply: z.null() }),
  'audit/add': declareScript({ shard, args: written, reply: z.null() }),
  'audit/look': declareScript({ shard, args: bounds, reply: z.null() }),
} as const
