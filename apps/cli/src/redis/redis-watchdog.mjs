/**
 * Stands between Millrace and its embedded Redis, so that Redis never outlives Millrace. Even when Millrace is killed with
 * SIGKILL, the input of this process ends, and it then stops Redis. Its first line of input is `{"program", "folder",
 * "config"}`; after that only the end of the input matters. Started by `spawnWatchedRedis`. It is plain JavaScript, so that
 * it starts at once.
 */
import { spawn } from 'node:child_process'

/** How long Redis may take to write its file to disk before it is killed. Milliseconds. */
const SHUTDOWN_MS = 10_000

// Ignored, because such a signal often goes to a whole group of processes. Redis must stay until the running jobs are
// settled.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

let redis
let text = ''

process.stdin.setEncoding('utf8')
process.stdin.on('data', (chunk) => {
  if (redis) return
  text += chunk
  if (text.includes('\n')) start(JSON.parse(text.slice(0, text.indexOf('\n'))))
})
process.stdin.on('end', stop)
process.stdin.on('error', stop)

function start({ program, folder, config }) {
  redis = spawn(program, ['-'], { cwd: folder, stdio: ['pipe', 'inherit', 'inherit'] })
  redis.on('error', () => process.exit(127))
  redis.on('exit', (code) => process.exit(code ?? 1))
  redis.stdin.on('error', () => {})
  redis.stdin.end(config)
}

function stop() {
  if (!redis) process.exit(0)
  redis.kill('SIGTERM')
  setTimeout(() => redis.kill('SIGKILL'), SHUTDOWN_MS)
}
