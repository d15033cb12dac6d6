/** The scripts about the files of a tenant: libs/queue/src/scripts/files. Called by RedisFileStore. */
import type { JobId, UploadId } from '@millrace/contracts'
import { z } from 'zod'
import { prefixOfTenant } from '../../redis/keys.ts'
import { digits, fields, flag, list, number, optional, text } from './wire/argument-kinds.ts'
import { declareScript } from './declare-script.ts'
import { numeric, outcomes, truth, tuple } from './wire/reply-kinds.ts'

const ofTenant = ({ tenant }: { tenant: string }): string => prefixOfTenant(tenant)
/** How long an uploaded file is kept while no job uses it. Milliseconds. */
const ttl = number()

export const FILE_SCRIPTS = {
  'files/keep': declareScript({
    shard: ofTenant,
    args: {
      tenant: text(),
      /** Id of a job or a file. */
      holder: text(),
      sha256: text(),
      size: digits(),
      object: optional(text()),
      ttl,
      kind: text<'job' | 'new' | 'announced'>(),
      /** Of a holder that is a file. */
      fields: fields(),
    },
    reply: outcomes({ kept: { object: z.string() }, unknown: {}, dead: {}, gone: {} }),
  }),
  'files/announce': declareScript({
    shard: ofTenant,
    args: { tenant: text(), id: text<UploadId>(), object: text(), size: number(), ttl, fields: fields() },
    reply: z.null(),
    reserve: false,
  }),
  'files/hold': declareScript({
    shard: ofTenant,
    /** `hashes`: of the bytes that the job should hold already. */
    args: { tenant: text(), job: text<JobId>(), hashes: list(text()), files: list(text<UploadId>()) },
    reply: outcomes({
      held: {
        files: z.array(
          tuple({ name: z.string(), contentType: z.string(), size: numeric, sha256: z.string(), object: z.string() }),
        ),
      },
      missing: { id: z.string() },
      lost: {},
    }),
  }),
  'files/release': declareScript({
    shard: ofTenant,
    args: {
      tenant: text(),
      /** Id of a job or a file. */
      holder: text(),
      ttl,
      due: optional(text<'expiring' | 'holders'>()),
      before: optional(number()),
    },
    /** Objects. */
    reply: z.array(z.string()),
  }),
  'files/let_go': declareScript({
    shard: ofTenant,
    /** `items`: objects, and ids of files. */
    args: { tenant: text(), holder: text(), items: list(text()), ttl },
    /** Objects. */
    reply: z.array(z.string()),
  }),
  'files/erase': declareScript({
    shard: ofTenant,
    args: { tenant: text(), id: text(), dry: flag() },
    /** Objects. */
    reply: z.array(z.string()),
  }),
  'files/condemn': declareScript({
    shard: ofTenant,
    args: { tenant: text(), object: text() },
    reply: truth,
  }),
} as const
