/** The front door of what every process of Millrace needs: settings, logger, metrics, start and stop. */

export { assertSafeToListen, ConfigError, isLoopback, loadConfig } from './settings/config.ts'
export type { Config } from './settings/config-schema.ts'
export { renderEnvExample } from './settings/render-env-example.ts'
export { findProgram, REDIS_SERVERS } from './find-program.ts'
export { createLogger, type Logger, type LoggerOptions } from './logging/logger.ts'
export { createMetrics, type Metrics } from './metrics.ts'
export { nearestName } from './nearest-name.ts'
export { type RunningServices, runServices, type Service } from './service.ts'
export { renderConfigTable } from './settings/render-config-table.ts'
export { terminalJson, terminalText } from './logging/terminal-text.ts'
