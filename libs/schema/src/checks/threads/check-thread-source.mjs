/**
 * Starts a thread for checks when Millrace runs from its source. A thread does not read TypeScript by itself, so this file
 * teaches it first. Started by check-thread.ts.
 */
import { register } from 'tsx/esm/api'

register()
await import('./check-thread-main.ts')
