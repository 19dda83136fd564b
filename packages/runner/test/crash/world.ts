import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { serialize } from 'node:v8'
import { loadConfig } from '@engage-sync/core'
import type { JsonObject, Report } from '@engage-sync/core'
import { BASE_ENV } from '../live-program.ts'
import { FROM_SOURCE, PROGRAM } from '../program.ts'
import { NORMALISED, recordsOfPhase } from './workload.ts'

const LIFE = fileURLToPath(new URL('life.ts', import.meta.url))
const SIMULATOR = fileURLToPath(new URL('../../../braze-simulator/src/bin.ts', import.meta.url))
/** A child that does not end by itself is taken for stuck, milliseconds. */
const STUCK_MS = 60_000

/** How a life of the program ended. */
export interface Life {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** How one life is begun, and perhaps ended. */
export interface LifeOptions {
  /** A named instant, `name:n`, to be killed at. */
  readonly killAt?: string
  /** Killed after so many milliseconds. */
  readonly killAfterMs?: number
  /** Told of the process once it runs. */
  readonly onStart?: (child: ChildProcess) => void
  /** Arguments after `run`. */
  readonly args?: readonly string[]
}

/** What a world is made of. */
export interface WorldOptions {
  readonly onUnknown: 'verify' | 'repeat' | 'skip'
  /** Settings of the simulator, by flag. Applies at once by default, so that a dump is final. */
  readonly simulator?: Readonly<Record<string, string>>
  /** Seconds between dependent requests. Default 0. */
  readonly settle?: string
  /**
   * The engine alone instead of the whole program: a script that takes the place of `life.ts`, or
   * true for that.
   */
  readonly engineAlone?: string | true
  /** With the engine alone: how many bytes its rows may take, so that there are several passes. */
  readonly memoryBudgetBytes?: number
  /** `postgres://…` of a state for this world alone. Default: a SQLite file. */
  readonly databaseUrl?: string
}

/** The real program over real files, beside a simulator in a process of its own. */
export class World {
  readonly root = mkdtempSync(join(tmpdir(), 'engage-sync-crash-'))
  readonly url: string
  readonly #simulator: ChildProcess
  readonly #engineAlone: readonly string[] | null
  readonly #databaseUrl: string | undefined
  #birthMs = 0
  #phase = 0

  private constructor(url: string, simulator: ChildProcess, options: WorldOptions) {
    this.url = url
    this.#simulator = simulator
    const { engineAlone, onUnknown, databaseUrl, memoryBudgetBytes: budget } = options
    this.#databaseUrl = databaseUrl
    this.#engineAlone =
      engineAlone === undefined
        ? null
        : [
            engineAlone === true ? LIFE : engineAlone,
            url,
            this.root,
            onUnknown,
            ...(budget === undefined ? [] : [String(budget)]),
          ]
    mkdirSync(join(this.root, 'configs'))
    mkdirSync(join(this.root, 'data'))
    writeFileSync(join(this.root, 'configs/engage-sync.yaml'), projectText(url, options))
    writeFileSync(join(this.root, 'configs/shop.yaml'), SYNC)
    if (engineAlone !== undefined)
      writeFileSync(join(this.root, NORMALISED), normalised(url, options))
  }

  /** Starts a simulator and writes the project. */
  static async open(options: WorldOptions): Promise<World> {
    const flags = { 'apply-delay-ms': '0', ...options.simulator }
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
    const child = spawn(
      process.execPath,
      ['--conditions=engage-sync-source', SIMULATOR, '--exit-with-stdin', ...args],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    )
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()))
      child.once('exit', (code) => reject(new Error(`The simulator ended with ${code}`)))
    })
    return new World(url, child, options)
  }

  /** Lets the mappings be born: from here on every change is an event. */
  async beBorn(): Promise<void> {
    writeFileSync(join(this.root, 'data/0.ndjson'), '')
    await this.finish()
    this.#birthMs = Date.now()
  }

  /** Adds the next records to the source, all younger than the last. */
  addPhase(): void {
    this.#phase++
    writeFileSync(
      join(this.root, `data/${this.#phase}.ndjson`),
      recordsOfPhase(this.#phase, this.#birthMs),
    )
  }

  /** One life of the program. */
  async live({ killAt, killAfterMs, onStart, args = [] }: LifeOptions = {}): Promise<Life> {
    const env = {
      ...LIFE_ENV,
      ...(killAt === undefined ? {} : { ENGAGE_SYNC_KILL_AT: killAt }),
      ...(this.#databaseUrl === undefined ? {} : { DATABASE_URL: this.#databaseUrl }),
    }
    const configs = join(this.root, 'configs')
    const [node, ...flags] =
      this.#engineAlone === null
        ? [...PROGRAM, '--configs', configs, 'run', '--format', 'json', ...args]
        : [process.execPath, ...FROM_SOURCE, ...this.#engineAlone]
    const child = spawn(node, flags, {
      cwd: this.root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    onStart?.(child)
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs ?? STUCK_MS)
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()))
    child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()))
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.once('close', (...ended) => resolve(ended)),
    )
    clearTimeout(timer)
    return { code, signal, ...output }
  }

  /** Lives until one ends by itself with nothing left to do. */
  async finish(most = 5): Promise<Life> {
    for (let life = 1; ; life++) {
      const ended = await this.live()
      if (ended.code === 0) return ended
      if (life === most)
        throw new Error(`Never finished: ${ended.code} ${ended.signal}\n${ended.stderr}`)
    }
  }

  /**
   * What Braze holds: users with attributes and event counts (times since the birth), cohorts, and
   * what it all cost.
   */
  async dump(): Promise<Dump> {
    await fetch(`${this.url}/simulator/settle`, { method: 'POST' })
    const answer = await fetch(`${this.url}/simulator/dump?parts=users,cohorts,ledger`)
    const text = (await answer.text()).replaceAll(
      /"(first|last)":"([^"]+)"/g,
      (_, name: string, time: string) => `"${name}":${Date.parse(time) - this.#birthMs}`,
    )
    return JSON.parse(text) as Dump
  }

  /** Lets requests fail; see the simulator's faults. */
  async addFault(fault: JsonObject): Promise<void> {
    await fetch(`${this.url}/simulator/faults`, {
      method: 'POST',
      body: JSON.stringify(fault),
      headers: { 'content-type': 'application/json' },
    })
  }

  /** Resolves once a fault hit a request. */
  async firstHit(): Promise<void> {
    for (;;) {
      const { faults } = (await (await fetch(`${this.url}/simulator/faults`)).json()) as {
        faults: readonly { hits: number }[]
      }
      if (faults.some(({ hits }) => hits > 0)) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.url}/simulator/faults`, { method: 'DELETE' })
  }

  /** The reports of all runs that lived to write one, oldest first. */
  async reports(): Promise<readonly Report[]> {
    const records =
      this.#databaseUrl === undefined ? this.#fileRuns() : await serverRuns(this.#databaseUrl)
    return records.flatMap(({ report }) => (report === null ? [] : [report]))
  }

  #fileRuns(): readonly StoredRun[] {
    const database = new DatabaseSync(join(this.root, '.engage-sync/local/state.sqlite'), {
      readOnly: true,
    })
    const rows = database.prepare('SELECT record FROM runs ORDER BY number').all()
    database.close()
    return rows.map(({ record }) => JSON.parse(String(record)) as StoredRun)
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#simulator.once('exit', resolve))
    this.#simulator.stdin!.end()
    await ended
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 })
  }
}

interface StoredRun {
  readonly report: Report | null
}

async function serverRuns(url: string): Promise<readonly StoredRun[]> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const schema = new URL(url).searchParams.get('schema')
  const { rows } = await client.query<{ record: string }>(
    `SELECT record FROM ${schema}.runs ORDER BY number`,
  )
  await client.end()
  return rows.map(({ record }) => JSON.parse(record) as StoredRun)
}

const LIFE_ENV = { ...BASE_ENV, BRAZE_API_KEY: 'simulator' }

/** What the simulator holds. */
export interface Dump {
  readonly users: readonly {
    readonly external_id: string | null
    readonly user_aliases: readonly string[]
    readonly custom_events: readonly {
      readonly name: string
      readonly count: number
      readonly last: number
    }[]
  }[]
  readonly cohorts: readonly JsonObject[]
  readonly ledger: Readonly<Record<string, number>>
}

function normalised(url: string, options: WorldOptions): Uint8Array {
  const { syncs } = loadConfig([
    { path: 'configs/engage-sync.yaml', text: projectText(url, options) },
    { path: 'configs/shop.yaml', text: SYNC },
  ])
  return serialize(syncs[0])
}

function projectText(url: string, { onUnknown, settle = '0s', databaseUrl }: WorldOptions): string {
  return `version: 1
environments:
  local:
    braze:
      endpoint: ${url}
      api_key: "\${BRAZE_API_KEY}"
      settle: ${settle}
      verify_after: 0s
      cohorts: { partner: simulator, partner_api_key: "\${BRAZE_API_KEY}", data_import_key: "\${BRAZE_API_KEY}" }
    sources: { engage: { events: data/*.ndjson } }
    on_unknown: ${onUnknown}
${databaseUrl === undefined ? '' : '    state: { url: "${DATABASE_URL}" }\n'}`
}

const SYNC = `version: 1
source: engage
identity: { alias: { from: anonymousId, label: browser, promote: identify } }
traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth Computed }
audiences:
  vip: { attribute: vip, event: { entered: Audience Entered, exited: Audience Exited }, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 50 }, { audience: vip, equals: true }] }, cohort: Rich }
  busy: { when: { event: Worth Computed, more_than: 1 }, attribute: busy }
`
