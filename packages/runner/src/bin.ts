#!/usr/bin/env node
import { armKillPoint } from './process/kill-points.ts'
import type { Output } from './process/io.ts'
import { main } from './main.ts'

armKillPoint(process.env['ENGAGE_SYNC_KILL_AT'])

const stop = new AbortController()
let signals = 0
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    signals += 1
    if (signals > 1) process.exit(130)
    stop.abort(new DOMException(`Stopped by ${name}`, 'AbortError'))
  })
}

// A closed pipe (`engage-sync history | head`) ends the output, not the run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

process.exitCode = await main(process.argv.slice(2), {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  now: Date.now,
  signal: stop.signal,
})

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 100
    },
  }
}
