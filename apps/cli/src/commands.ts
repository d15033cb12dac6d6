/** Every command of `millrace`, once. `run-cli.ts` runs them and hands the table to the help and to the completion scripts. */
import type { Command } from './command/command.ts'
import { actionsCommand } from './commands/client/actions.ts'
import { batchesCommand } from './commands/client/batches.ts'
import { adoptCommand } from './commands/stores/adopt.ts'
import { eraseCommand } from './commands/operate/erase.ts'
import { auditCommand } from './commands/operate/audit.ts'
import { apiCommand } from './commands/operate/api.ts'
import { cancelCommand } from './commands/client/cancel.ts'
import { checkCommand } from './commands/author/check.ts'
import { completionCommand } from './commands/completion.ts'
import { demoCommand } from './commands/author/demo.ts'
import { devCommand } from './commands/author/dev.ts'
import { doctorCommand } from './commands/operate/doctor.ts'
import { filesCommand } from './commands/client/files.ts'
import { jobCommand } from './commands/client/job.ts'
import { failuresCommand } from './commands/client/failures.ts'
import { jobsCommand } from './commands/client/jobs.ts'
import { usageCommand } from './commands/client/usage.ts'
import { tenantsCommand } from './commands/operate/tenants.ts'
import { keysCommand } from './commands/operate/keys.ts'
import { listenCommand } from './commands/client/listen.ts'
import { modelCommand } from './commands/client/model.ts'
import { modelsCommand } from './commands/client/models.ts'
import { newCommand } from './commands/author/new.ts'
import { retryCommand } from './commands/client/retry.ts'
import { promoteCommand } from './commands/versions/promote.ts'
import { rollbackCommand } from './commands/versions/rollback.ts'
import { runCommand } from './commands/author/run.ts'
import { schemaCommand } from './commands/author/schema.ts'
import { submitCommand } from './commands/client/submit.ts'
import { trafficCommand } from './commands/versions/traffic.ts'
import { versionCommand } from './commands/version.ts'
import { versionsCommand } from './commands/versions/versions.ts'
import { watchCommand } from './commands/client/watch.ts'
import { webhooksCommand } from './commands/client/webhooks.ts'
import { moveCommand } from './commands/versions/move.ts'
import { pauseCommand, resumeCommand } from './commands/operate/pause.ts'
import { queuesCommand } from './commands/operate/queues.ts'
import { diskCommand } from './commands/stores/disk.ts'
import { backupCommand } from './commands/stores/backup.ts'
import { restoreCommand } from './commands/stores/restore.ts'
import { scaleCommand } from './commands/operate/scale.ts'
import { statsCommand } from './commands/operate/stats.ts'
import { workersCommand } from './commands/operate/workers.ts'
import { workerCommand } from './commands/operate/worker.ts'

export const COMMANDS: readonly Command[] = [
  devCommand,
  demoCommand,
  newCommand,
  checkCommand,
  runCommand,
  schemaCommand,
  apiCommand,
  workerCommand,
  doctorCommand,
  adoptCommand,
  backupCommand,
  restoreCommand,
  diskCommand,
  keysCommand,
  tenantsCommand,
  auditCommand,
  eraseCommand,
  usageCommand,
  submitCommand,
  watchCommand,
  cancelCommand,
  retryCommand,
  jobsCommand,
  failuresCommand,
  jobCommand,
  actionsCommand,
  batchesCommand,
  filesCommand,
  modelsCommand,
  modelCommand,
  pauseCommand,
  resumeCommand,
  queuesCommand,
  statsCommand,
  scaleCommand,
  workersCommand,
  versionsCommand,
  promoteCommand,
  moveCommand,
  rollbackCommand,
  trafficCommand,
  webhooksCommand,
  listenCommand,
  completionCommand,
  versionCommand,
]
