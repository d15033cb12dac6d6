/**
 * Stands between Millrace and its embedded Redis, so that Redis never outlives Millrace, even when that is killed with
 * SIGKILL: then this process' input ends. Started by `spawnWatchedRedis`; plain JavaScript, so it starts at once.
 * Its first line of input is `{"program", "folder", "config"}`; after that only the end of the input has a meaning.
 */
import { spawn } from 'node:child_process'

/** What Redis gets to write its file to disk before it is killed. */
const SHUTDOWN_MS = 10_000

// Who stops a whole group of processes at once would take Redis away before the jobs in hand are settled.
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
