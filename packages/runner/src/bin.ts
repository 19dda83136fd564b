#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { armKillPoint } from './process/kill-points.ts'
import type { Output } from './process/io.ts'
import { main } from './main.ts'
import { EXIT } from './process/exit.ts'

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

// One that was started beside another one ends with it, however that one ended. It is told so by a
// channel of its own: a signal may have come to all of them already, and a second one ends it at once.
// Others that start this program may have a channel to it, too, and end while it goes on.
const BESIDE = 'ENGAGE_SYNC_BESIDE'
if (process.env[BESIDE] !== undefined) {
  process.once('disconnect', () =>
    stop.abort(new DOMException('Stopped with the process that started it', 'AbortError')),
  )
  process.channel?.unref()
}

// A closed pipe (`engage-sync history | head`) ends the output, not the run; nor does a full disk,
// but it is told.
const UNWRITABLE = 'OUTPUT_UNWRITABLE'
let unwritten: string | null = null
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unwritten ??= error.code ?? error.name
  })
}
process.on('exit', () => {
  if (unwritten === null) return
  if (
    process.exitCode === EXIT.done ||
    process.exitCode === EXIT.partial ||
    process.exitCode === EXIT.pending
  ) {
    process.exitCode = EXIT.output
  }
  tellUnwritten(unwritten)
})

process.exitCode = await main(process.argv.slice(2), {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  now: Date.now,
  signal: stop.signal,
  another: (argv) => {
    const program = [...process.execArgv, process.argv[1] ?? '', ...argv]
    const child = spawn(process.execPath, program, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, [BESIDE]: String(process.pid) },
    })
    return {
      pid: child.pid ?? 0,
      ended: new Promise((resolve) => {
        child.once('error', () => resolve(null))
        // Not `close`, which does not come once the channel was closed here.
        child.once('exit', resolve)
      }),
      stop: () => (child.connected ? child.disconnect() : void child.kill('SIGKILL')),
      hangUp: () => void child.kill('SIGHUP'),
    }
  },
  onHangUp: (listener) => {
    process.on('SIGHUP', listener)
    return () => process.off('SIGHUP', listener)
  },
})

/** Standard error may be what cannot be written, and there is nobody else to tell. */
function tellUnwritten(code: string): void {
  try {
    writeSync(
      2,
      `error ${UNWRITABLE}  The output cannot be written (${code}). All the rest was done.\n`,
    )
  } catch {
    // The exit code says it.
  }
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns || 100
    },
  }
}
