import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { startSimulator } from '@engage-sync/braze-simulator'
import type { Simulator } from '@engage-sync/braze-simulator'
import type { JsonObject, Report } from '@engage-sync/core'
import { BASE_ENV } from '../live-program.ts'
import { FROM_SOURCE, PROGRAM } from '../program.ts'
import { runCommand } from '../run-command.ts'
import { engineLife } from './engine-life.ts'
import type { LifeArgs } from './engine-life.ts'
import { NORMALISED, recordsOfPhase } from './workload.ts'
import { normalised, projectText, syncText } from './world-project.ts'

const LIFE = fileURLToPath(new URL('life.ts', import.meta.url))
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

/** The real program over real files, beside a simulator. */
export class World {
  readonly root = mkdtempSync(join(tmpdir(), 'engage-sync-crash-'))
  readonly url: string
  readonly #simulator: Simulator
  /** The engine alone: its script, or null where that is `life.ts`. */
  readonly #engineAlone: { readonly script: string | null; readonly args: LifeArgs } | null
  readonly #databaseUrl: string | undefined
  #birthMs = 0
  #phase = 0

  private constructor(simulator: Simulator, options: WorldOptions) {
    const { url } = simulator
    this.url = url
    this.#simulator = simulator
    const { engineAlone, onUnknown, databaseUrl, memoryBudgetBytes: budget } = options
    this.#databaseUrl = databaseUrl
    this.#engineAlone =
      engineAlone === undefined
        ? null
        : {
            script: engineAlone === true ? null : engineAlone,
            args: [
              url,
              this.root,
              onUnknown,
              ...(budget === undefined ? ([] as const) : ([String(budget)] as const)),
            ],
          }
    mkdirSync(join(this.root, 'configs'))
    mkdirSync(join(this.root, 'data'))
    writeFileSync(join(this.root, 'configs/engage-sync.yaml'), projectText(url, options))
    writeFileSync(join(this.root, 'configs/shop.yaml'), syncText('identify'))
    if (engineAlone !== undefined)
      writeFileSync(join(this.root, NORMALISED), normalised(url, options))
  }

  /** Starts a simulator, which applies at once so that a dump is final, and writes the project. */
  static async open(options: WorldOptions): Promise<World> {
    return new World(await startSimulator({ settings: { applyDelayMs: 0 } }), options)
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

  /** One life of the program: a process of its own where it is to be ended, else in this one, at a quarter of the CPU. */
  async live(options: LifeOptions = {}): Promise<Life> {
    const { killAt, killAfterMs, onStart, args = [] } = options
    const configs = join(this.root, 'configs')
    const argv = ['--configs', configs, 'run', '--format', 'json', ...args]
    const env = {
      ...LIFE_ENV,
      ...(killAt === undefined ? {} : { ENGAGE_SYNC_KILL_AT: killAt }),
      ...(this.#databaseUrl === undefined ? {} : { DATABASE_URL: this.#databaseUrl }),
    }
    const isEnded = killAt !== undefined || killAfterMs !== undefined || onStart !== undefined
    const engine = this.#engineAlone
    if (engine === null)
      return isEnded
        ? await this.#process([...PROGRAM, ...argv], env, options)
        : await this.#here(() => runCommand(argv, { cwd: this.root, env, now: Date.now }))
    const { script, args: life } = engine
    if (script === null && !isEnded)
      return await this.#here(async () => ({ ...(await engineLife(life)), out: '' }))
    const program = [process.execPath, ...FROM_SOURCE, script ?? LIFE, ...life] as const
    return await this.#process(program as readonly [string, ...string[]], env, options)
  }

  async #here(
    run: () => Promise<{ readonly code: number; readonly out: string; readonly err: string }>,
  ): Promise<Life> {
    const { code, out, err } = await run()
    return { code, signal: null, stdout: out, stderr: err }
  }

  async #process(
    [program, ...flags]: readonly [string, ...string[]],
    env: NodeJS.ProcessEnv,
    { killAfterMs, onStart }: LifeOptions,
  ): Promise<Life> {
    const child = spawn(program, flags, {
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
    await this.#simulator.close()
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
