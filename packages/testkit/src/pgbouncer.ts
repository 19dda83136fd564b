import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { chownTo, findOwner, quietEnvironment } from './postgres-cluster.ts'
import { freePort } from './postgres.ts'
import type { PostgresServer } from './postgres.ts'

/** How long a client keeps a connection to the server: until it leaves, or for a transaction. */
export type PoolMode = 'session' | 'transaction'

/** A PgBouncer in front of a server. */
export interface PgBouncer {
  /** As the server's URL, through the pool. */
  readonly url: string
  stop(): Promise<void>
}

/** The program, or null where it is not installed: npm has none. */
export function findPgBouncer(): string | null {
  return findProgram('pgbouncer')
}

/**
 * Starts a PgBouncer with its own defaults, but for the mode.
 *
 * @param program - see `findPgBouncer`
 */
export async function startPgBouncer(
  program: string,
  server: PostgresServer,
  mode: PoolMode,
): Promise<PgBouncer> {
  const owner = await findOwner()
  const directory = await mkdtemp(join(tmpdir(), 'engage-sync-pgbouncer-'))
  const port = await freePort()
  const files = filesOf({ server, mode, port, directory })
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(directory, name), text, { mode: 0o600 })
    await chownTo(owner, join(directory, name))
  }
  await chownTo(owner, directory)
  const child = spawn(program, [join(directory, 'pgbouncer.ini')], {
    ...owner,
    cwd: '/',
    env: quietEnvironment(),
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  await untilListening(port)
  return {
    url: server.url.replace(`:${server.port}/`, `:${port}/`),
    async stop() {
      process.removeListener('exit', kill)
      kill()
      await ended
      await rm(directory, { recursive: true, force: true })
    },
  }
}

interface Setup {
  readonly server: PostgresServer
  readonly mode: PoolMode
  readonly port: number
  readonly directory: string
}

function filesOf({ server, mode, port, directory }: Setup): Readonly<Record<string, string>> {
  const { username, password } = new URL(server.url)
  return {
    'users.txt': `"${username}" "${password}"\n`,
    'pgbouncer.ini': `[databases]
* = host=127.0.0.1 port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(directory, 'users.txt')}
pool_mode = ${mode}
`,
  }
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.end())
    })
    if (isUp) return
    if (attempt === 100) throw new Error('PgBouncer did not start')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
