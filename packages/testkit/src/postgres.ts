import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { createServer } from 'node:net'
import { collect, makeCluster, quietEnvironment, writeTls } from './postgres-cluster.ts'
import type { Cluster, ServerTls } from './postgres-cluster.ts'

/** A PostgreSQL server of its own, for one test file. */
export interface PostgresServer {
  /** `postgres://` URL of the superuser and the database `postgres`. */
  readonly url: string
  readonly port: number
  /**
   * Ends the server and starts it again with the same data: `fast` says goodbye to everyone,
   * `crash` to nobody.
   *
   * @param downSeconds - how long nobody answers in between. Default 0
   */
  restart(how: 'fast' | 'crash', downSeconds?: number): Promise<void>
  /** Disconnects everyone, ends the server and removes its files. Safe to call twice. */
  stop(): Promise<void>
}

const START_ATTEMPTS = 5
const READY = 'database system is ready to accept connections'

/**
 * Runs the server as a child of a small shell that waits for the end of its standard input.
 * `stop()` closes that pipe, and so does the kernel when the test process dies by any signal: one
 * road of cleanup for both. A line on it is the signal that ends the server before it is started
 * again, and after how many seconds.
 */
const SUPERVISOR = `"$0" "$@" & server=$!
while read -r signal seconds; do kill -"$signal" $server; wait $server; sleep $seconds; "$0" "$@" & server=$!; done
kill -INT $server 2>/dev/null; wait $server; rm -rf "$DATA_DIRECTORY"`

/**
 * Start a real PostgreSQL 18 on a free port of 127.0.0.1.
 *
 * Shape: nothing in, a running server out; takes about a second. Needs no installed PostgreSQL; as
 * root it runs under the `postgres` or `nobody` account. The server and its files vanish with the
 * process that started it, however that ends. Where `ENGAGE_SYNC_POSTGRES_TEMPLATE` names a path,
 * servers share how they begin, and their password.
 *
 * @param tls - what it shows to those who ask for TLS; it speaks none without
 */
export async function startPostgres(tls?: ServerTls): Promise<PostgresServer> {
  repairRequire()
  const cluster = await makeCluster()
  try {
    if (tls !== undefined) await writeTls(cluster, tls)
    return await startOnFreePort(cluster, tls === undefined ? [] : ['ssl=on'])
  } catch (cause) {
    await rm(cluster.directory, { recursive: true, force: true })
    throw cause
  }
}

let repaired = false

/**
 * Lets `require` ignore the `import` condition: vitest passes the conditions of its configuration
 * to all of node, and `pg` then requires the ES module of its pool, which is no class. Load `pg`
 * after `startPostgres()`, or by `import()`.
 */
function repairRequire(): void {
  if (repaired) return
  repaired = true
  registerHooks({
    resolve(specifier, context, next) {
      if (!context.conditions.includes('require')) return next(specifier, context)
      return next(specifier, {
        ...context,
        conditions: context.conditions.filter((condition) => condition !== 'import'),
      })
    },
  })
}

async function startOnFreePort(cluster: Cluster, more: readonly string[]): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const child = spawnServer(cluster, port, more)
    try {
      await untilReady(child)
      return serverOf(child, cluster, port)
    } catch (cause) {
      if (attempt === START_ATTEMPTS) throw cause
    }
  }
}

function spawnServer(
  { binaries, owner, directory }: Cluster,
  port: number,
  more: readonly string[],
): ChildProcess {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
    'max_connections=50',
    'shared_buffers=16MB',
    ...more,
  ]
  const server = [
    binaries.postgres,
    '-D',
    directory,
    '-p',
    String(port),
    ...settings.flatMap((setting) => ['-c', setting]),
  ]
  return spawn('/bin/sh', ['-c', SUPERVISOR, ...server], {
    ...owner,
    cwd: '/',
    detached: true,
    env: { ...quietEnvironment(), DATA_DIRECTORY: directory },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
}

/** Resolves when the server accepts connections; fails when it says it cannot start. */
async function untilReady(child: ChildProcess): Promise<void> {
  const output = collect(child)
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', () => {
      if (output().includes(READY)) resolve()
      else if (output().includes('FATAL:')) fail()
    })
    const fail = (): void => reject(new Error(`PostgreSQL did not start: ${output()}`))
    child.once('error', reject)
    child.once('exit', fail)
  })
  child.stderr?.removeAllListeners('data').resume()
}

/**
 * Resolves when a server that was told to start again accepts connections. A fast end is full of
 * `FATAL` farewells.
 */
async function untilReadyAgain(child: ChildProcess): Promise<void> {
  const output = collect(child)
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', () => {
      if (output().includes(READY)) resolve()
    })
  })
  child.stderr?.removeAllListeners('data').resume()
}

function serverOf(child: ChildProcess, cluster: Cluster, port: number): PostgresServer {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.unref()
  return {
    url: `postgres://postgres:${cluster.password}@127.0.0.1:${port}/postgres`,
    port,
    async restart(how, downSeconds = 0) {
      const ready = untilReadyAgain(child)
      child.stdin?.write(`${how === 'fast' ? 'INT' : 'QUIT'} ${downSeconds}\n`)
      await ready
    },
    async stop() {
      child.ref()
      child.stdin?.destroy()
      if (child.exitCode === null) await ended
      await rm(cluster.directory, { recursive: true, force: true })
    },
  }
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', resolve)
  })
  const address = probe.address()
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new Error('No free port')
  return address.port
}
