/** The front door of the API room: to start it, or to build it over parts of one's own. Used by the CLI and by tests. */
export { DIALECTS } from './dialects/dialects.ts'
export type { ApiConfig, ApiDeps, ApiEnv } from './http/api-deps.ts'
export { createApp } from './app.ts'
export { type ApiServer, type Listen, startApiServer } from './start-api-server.ts'
export { type StartApiOptions, type StartedApi, startApi } from './start-api.ts'
