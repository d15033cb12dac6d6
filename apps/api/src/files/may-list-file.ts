/** Which files a list shows to whom: results of batches tell of models that a key may not use. Called by the routes of dialects. */
import { BATCH_OUTPUT } from '@millrace/contracts'
import type { KeptFile } from '@millrace/queue'
import type { Principal } from '../http/access/principal.ts'

export const mayListFile = ({ models }: Principal, { purpose }: Pick<KeptFile, 'purpose'>): boolean =>
  models === null || purpose !== BATCH_OUTPUT
