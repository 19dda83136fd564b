import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBrazeDestination } from '@engage-sync/braze'
import { startSimulator } from '@engage-sync/braze-simulator'
import type { FaultOptions, Settings, Simulator } from '@engage-sync/braze-simulator'
import type { StateStore } from '@engage-sync/core'
import { createRowDecoder } from '@engage-sync/segment'
import { INCREMENTAL, run } from '../../src/engine/index.ts'
import type { EngineOptions, RunResult } from '../../src/engine/index.ts'
import { openSqlite } from '../../src/state/sqlite/open-sqlite.ts'
import type { Dump } from '../crash/world.ts'
import { mappedText } from '../crash/world-project.ts'
import { recordsOfPhase } from '../crash/workload.ts'
import { compile, listSource } from '../engine/harness.ts'

/** How a sea is made. */
export interface SeaOptions {
  readonly settings?: Partial<Settings>
  readonly settleMs?: number
  readonly verifyAfterMs?: number
  /** One try of a request, milliseconds. Default 5,000. */
  readonly timeoutMs?: number
  /** All tries of a request together, milliseconds. Default 5,000. */
  readonly budgetMs?: number
  /** Default: a SQLite file. */
  readonly openStore?: () => Promise<StateStore>
}

/** The engine and the real adapter in this process, over a simulator that can be made rough. */
export class Sea {
  readonly directory = mkdtempSync(join(tmpdir(), 'engage-sync-sea-'))
  readonly simulator: Simulator
  readonly #options: SeaOptions
  #lines: readonly string[] = []
  #birthMs = 0
  /** Events of the first phase. */
  eventsBefore = 0
  /** Where runs send to. Default: the simulator itself. */
  through: string | null = null

  private constructor(simulator: Simulator, options: SeaOptions) {
    this.simulator = simulator
    this.#options = options
  }

  /**
   * Starts a simulator, lets the mappings be born, delivers a first phase of records, and has a
   * second one wait.
   */
  static async open(options: SeaOptions = {}): Promise<Sea> {
    const sea = new Sea(
      await startSimulator({ settings: { applyDelayMs: 0, ...options.settings } }),
      options,
    )
    await sea.run()
    sea.#birthMs = Date.now()
    const phase = (number: number) => recordsOfPhase(number, sea.#birthMs).trim().split('\n')
    sea.#lines = phase(1)
    sea.eventsBefore = (await sea.run()).report.braze.events
    sea.#lines = [...phase(1), ...phase(2)]
    return sea
  }

  addFault(fault: FaultOptions): void {
    this.simulator.addFault(fault)
  }

  /** Adds records to the source. */
  addLines(lines: readonly string[]): void {
    this.#lines = [...this.#lines, ...lines]
  }

  openStore(): Promise<StateStore> {
    return this.#options.openStore === undefined
      ? openFile(this.directory)
      : this.#options.openStore()
  }

  /** One run, with everything opened for it and closed after it. */
  run(more: Partial<EngineOptions> = {}): Promise<RunResult> {
    return runAgainst(
      this.through ?? this.simulator.url,
      { ...this.#options, openStore: () => this.openStore() },
      { lines: this.#lines, ...more },
    )
  }

  /** When the mappings were born, milliseconds. */
  get birthMs(): number {
    return this.#birthMs
  }

  /** Runs until nothing is left to do; returns every result. */
  async runToEnd(most = 12): Promise<readonly RunResult[]> {
    const results: RunResult[] = []
    while (results.length < most) {
      const result = await this.run()
      results.push(result)
      if (result.failure === null && result.report.braze.pending === 0) return results
    }
    throw new Error(`Never calm: ${String(results.at(-1)?.failure)}`)
  }

  /** What Braze holds once everything accepted is applied; times since the birth. */
  async dump(): Promise<Dump> {
    this.simulator.settle()
    const answer = await fetch(`${this.simulator.url}/simulator/dump?parts=users,cohorts,ledger`)
    const text = (await answer.text()).replaceAll(
      /"(first|last)":"([^"]+)"/g,
      (_, name: string, time: string) => `"${name}":${Date.parse(time) - this.#birthMs}`,
    )
    return JSON.parse(text) as Dump
  }

  async close(): Promise<void> {
    await this.simulator.close()
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Opens the state of a directory. */
export function openFile(directory: string): Promise<StateStore> {
  const path = join(directory, 'state.sqlite')
  return Promise.resolve(
    openSqlite({ path, environment: 'local', workspace: 'sea', create: true, now: Date.now }),
  )
}

/** One run of the engine with the real adapter against a simulator, wherever that runs. */
export async function runAgainst(
  url: string,
  options: SeaOptions & { readonly openStore: () => Promise<StateStore> },
  { lines, ...more }: Partial<EngineOptions> & { readonly lines: readonly string[] },
): Promise<RunResult> {
  const { settleMs = 0, verifyAfterMs = 0, timeoutMs = 5000, budgetMs = 5000 } = options
  const destination = createBrazeDestination({
    endpoint: url,
    apiKey: 'simulator',
    cohorts: { partner: 'simulator', partnerApiKey: 'simulator', clientSecret: 'simulator' },
    settleMs,
    verifyAfterMs,
    timeoutMs,
    retry: { baseMs: 10, maxMs: 100, budgetMs },
    concurrency: 4,
  })
  const store = await options.openStore()
  try {
    return await run({
      environment: 'local',
      syncs: more.syncs ?? compile({ shop: mappedText('identify') }),
      sources: new Map([['engage', listSource(() => lines, 50)]]),
      createDecoder: createRowDecoder,
      destination,
      store,
      guards: {
        maxRemovals: 0.2,
        minRemovals: 500,
        maxAdditions: 0.5,
        maxDataPoints: null,
        emptySource: 'allow',
      },
      onUnknown: 'verify',
      deadLetterDays: 30,
      allow: [],
      kind: INCREMENTAL,
      actor: null,
      commit: null,
      now: Date.now,
      observe: () => undefined,
      signal: new AbortController().signal,
      ...more,
    })
  } finally {
    await store.close().catch(() => undefined)
    await destination.close()
  }
}
