/** The start of a thread for checks from the source: a thread must be taught to read it. Started by check-thread.ts. */
import { register } from 'tsx/esm/api'

register()
await import('./check-thread-main.ts')
