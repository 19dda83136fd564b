import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { freePort } from './postgres.ts'

/** A NATS server with JetStream of its own, for one test file. */
export interface NatsServer {
  readonly url: string
  readonly port: number
  /** Kills it with SIGKILL, and starts it again over the same files. */
  crash(): Promise<void>
  /** Kills it with SIGKILL; nobody answers until it is started. */
  kill(): Promise<void>
  /** Starts it again over the same files. */
  start(): Promise<void>
  /** Stops it without a word, and lets it go on: SIGSTOP, SIGCONT. */
  signal(name: 'STOP' | 'CONT'): void
  /** Ends it and removes its files. */
  stop(): Promise<void>
}

/** The program, or null where it is not installed: npm has none. */
export function findNats(): string | null {
  return findProgram('nats-server')
}

/**
 * Ends with its standard input, and so with the test process, however that ends. A line on it is
 * START, or a signal for the server.
 */
const SUPERVISOR = `server=0
while read -r word; do
  case $word in
    START) "$0" "$@" & server=$!;;
    KILL) kill -KILL $server; wait $server 2>/dev/null; echo killed;;
    *) kill -$word $server;;
  esac
done
kill -KILL $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$DATA_DIRECTORY"`

/**
 * Starts a NATS server on a free port of 127.0.0.1.
 *
 * @param program - see `findNats`
 * @param more - lines of its configuration, such as accounts
 */
export async function startNats(program: string, more = ''): Promise<NatsServer> {
  const directory = await mkdtemp(join(tmpdir(), 'engage-sync-nats-'))
  const port = await freePort()
  const config = join(directory, 'nats.conf')
  await writeFile(
    config,
    `host: 127.0.0.1\nport: ${port}\njetstream { store_dir: "${directory}" }\n${more}\n`,
  )
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, program, '-c', config], {
    env: { PATH: process.env['PATH'], DATA_DIRECTORY: directory },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  child.unref()
  const server = serverOf(child, port)
  await server.start()
  return server
}

function serverOf(child: ChildProcess, port: number): NatsServer {
  const say = (word: string) => child.stdin?.write(`${word}\n`)
  const start = async () => {
    say('START')
    await untilGreeted(port)
  }
  const kill = async () => {
    const killed = new Promise((resolve) => child.stdout?.once('data', resolve))
    say('KILL')
    await killed
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    start,
    kill,
    signal: (name) => void say(name),
    crash: async () => {
      await kill()
      await start()
    },
    stop: async () => {
      child.ref()
      child.stdin?.end()
      if (child.exitCode === null) await ended
    },
  }
}

/** A server says INFO to everybody who comes. */
async function untilGreeted(port: number): Promise<void> {
  const end = performance.now() + 10_000
  while (!(await isGreeted(port))) {
    if (performance.now() > end) throw new Error('nats-server did not start')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function isGreeted(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const answer = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('data', () => answer(true)).once('error', () => answer(false))
    socket.setTimeout(1000, () => answer(false))
  })
}
