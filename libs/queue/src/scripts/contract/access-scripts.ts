/** The scripts about keys of the API, and about tenants: libs/queue/src/scripts/access. Called by the stores in access/ and tenants/. */
import type { ApiKeyId } from '@millrace/contracts'
import { z } from 'zod'
import { ACCESS_SHARD } from '../../redis/keys.ts'
import { fields, flag, list, number, optional, rows, text } from './wire/argument-kinds.ts'
import { declareScript } from './declare-script.ts'
import { hash, outcomes, truth, tuple } from './wire/reply-kinds.ts'

const shard = (): string => ACCESS_SHARD

export const ACCESS_SCRIPTS = {
  'access/create': declareScript({
    shard,
    /** `expires`: Unix time in milliseconds, as in the fields. */
    args: { id: text<ApiKeyId>(), tenant: text(), fields: fields(), expires: optional(number()) },
    reply: outcomes({ kept: { key: hash }, full: {}, past: {}, barred: {} }),
    reserve: false,
  }),
  'access/erase': declareScript({
    shard,
    /** `from`: how many were revoked before. */
    args: { id: text(), tenant: text(), step: text<'revoke' | 'forget' | 'count'>(), from: number() },
    reply: truth,
  }),
  'access/revoke': declareScript({
    shard,
    args: { id: text<ApiKeyId>() },
    reply: outcomes({ kept: { key: hash }, missing: {} }),
  }),
  'access/rotate': declareScript({
    shard,
    /** `overlap`: how long the old one is valid yet. Milliseconds. */
    args: {
      id: text<ApiKeyId>(),
      next: text<ApiKeyId>(),
      digest: text(),
      created_by: optional(text()),
      overlap: number(),
    },
    reply: outcomes({ kept: { key: hash }, missing: {}, ended: {}, full: {} }),
    reserve: false,
  }),
  'access/set_tenant': declareScript({
    shard,
    /** `is_policy`: it concerns the hand-out. `is_metered`: it concerns the device seconds of a day. */
    args: { id: text(), is_policy: flag(), is_metered: flag(), set: fields(), clear: list(text()) },
    reply: outcomes({ kept: { before: hash, after: hash }, full: {} }),
    reserve: false,
  }),
  'access/set_defaults': declareScript({
    shard,
    /** `policy`: as `toRows` in tenants/policies.ts writes it. */
    args: { rows: rows({ tenant: text(), policy: text() }) },
    /** Those for whom something else holds now. */
    reply: z.array(z.string()),
  }),
  'access/draw_fence': declareScript({ shard, args: {}, reply: z.number() }),
  'access/draw_submits': declareScript({
    shard,
    args: { tenant: text(), quota: number(), want: number() },
    reply: tuple({ granted: z.number(), remaining: z.number(), waitMs: z.number() }),
  }),
  'access/keep_turn': declareScript({ shard, args: { process: text() }, reply: truth }),
  'access/unmeter': declareScript({ shard, args: { ids: list(text()) }, reply: z.null() }),
  'access/touch': declareScript({
    shard,
    args: { ids: list(text<ApiKeyId>()) },
    reply: z.null(),
  }),
} as const
