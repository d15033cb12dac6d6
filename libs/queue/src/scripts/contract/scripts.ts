/** Every script, by folder and name of its file. Set up by defineScripts. */
import { ACCESS_SCRIPTS } from './access-scripts.ts'
import { ACTION_SCRIPTS } from './bulk/action-scripts.ts'
import { AUDIT_SCRIPTS } from './audit-scripts.ts'
import { BATCH_SCRIPTS } from './bulk/batch-scripts.ts'
import { CHECKPOINT_SCRIPTS } from './checkpoint-scripts.ts'
import { ERASURE_SCRIPTS } from './bulk/erasure-scripts.ts'
import { FILE_SCRIPTS } from './file-scripts.ts'
import { HANDOUT_SCRIPTS } from './handout-scripts.ts'
import { JOB_SCRIPTS } from './job-scripts.ts'
import { MODEL_SCRIPTS, USAGE_SCRIPTS, WORKER_SCRIPTS } from './model-scripts.ts'
import { PURGE_SCRIPTS } from './purge-scripts.ts'
import { REPEAT_SCRIPTS } from './repeat-scripts.ts'
import { SHARE_SCRIPTS } from './share-scripts.ts'
import { WEBHOOK_SCRIPTS } from './webhook-scripts.ts'

export const SCRIPTS = {
  ...JOB_SCRIPTS,
  ...HANDOUT_SCRIPTS,
  ...CHECKPOINT_SCRIPTS,
  ...PURGE_SCRIPTS,
  ...MODEL_SCRIPTS,
  ...WEBHOOK_SCRIPTS,
  ...FILE_SCRIPTS,
  ...ACCESS_SCRIPTS,
  ...AUDIT_SCRIPTS,
  ...SHARE_SCRIPTS,
  ...ERASURE_SCRIPTS,
  ...ACTION_SCRIPTS,
  ...BATCH_SCRIPTS,
  ...REPEAT_SCRIPTS,
  ...WORKER_SCRIPTS,
  ...USAGE_SCRIPTS,
} as const
export type ScriptName = keyof typeof SCRIPTS
