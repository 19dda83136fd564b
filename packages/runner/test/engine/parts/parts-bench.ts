import type { StateStore } from '@engage-sync/core'
import type { EngineOptions } from '../../../src/engine/index.ts'
import { runInParts, runPart } from '../../../src/engine/parts/index.ts'
import type { LedResult } from '../../../src/engine/parts/index.ts'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { Bench } from '../harness.ts'
import { LedgerDestination } from '../ledger-destination.ts'
import { join } from 'node:path'

/** What of a run in parts a test sets otherwise. */
export interface PartsOptions {
  /** How many parts. Default 3. */
  readonly of?: number
  /** Each is told this beside what the run is told. */
  readonly ofPart?: (number: number) => Partial<EngineOptions>
  /** What each sends to is made ready with this. */
  readonly prepare?: (ledger: LedgerDestination, number: number) => void
  /** One that is lost, as if its process had died: nothing it does from then on is kept. */
  readonly lost?: { readonly number: number; readonly signal: AbortSignal }
  /** How long is waited for parts to join, milliseconds. Default 60,000. */
  readonly joinMs?: number
  /** Parts that nobody starts. */
  readonly missing?: ReadonlySet<number>
}

/** Runs in parts over one state, in one process, each part with a store of its own. */
export class PartsBench extends Bench {
  /** Errors that parts ended with, by number. */
  readonly errors = new Map<number, unknown>()
  /** What ended each early, by number; null for those that came to their end. */
  readonly failures = new Map<number, unknown>()

  async openStore(): Promise<StateStore> {
    const path = join(this.directory, 'state.db')
    const identity = { environment: 'local', workspace: 'ledger', create: true }
    return openSqlite({ path, ...identity, now: Date.now })
  }

  async runInParts(
    told: Partial<EngineOptions> = {},
    {
      lost,
      joinMs,
      of = 3,
      ofPart = () => ({}),
      prepare = () => undefined,
      missing = new Set(),
    }: PartsOptions = {},
  ): Promise<LedResult> {
    const store = await this.openStore()
    const ended = new Set<number>()
    const parts: Promise<void>[] = []
    const stop = new AbortController()
    this.errors.clear()
    const one = async (number: number, run: number) => {
      const own = await this.openStore()
      const ledger = this.#ledgerOfPart()
      prepare(ledger, number)
      const options = {
        ...this.options(own, told),
        destination: ledger,
        ...ofPart(number),
      }
      const isLost = lost?.number === number
      const signal = isLost ? AbortSignal.any([options.signal, stop.signal]) : options.signal
      if (isLost) lost.signal.addEventListener('abort', () => void this.#bury(`part ${number} of`))
      await runPart({ ...options, signal }, { number, of, run, waitMs: 5000 }).then(
        ({ failure }) => this.failures.set(number, failure),
        (error: unknown) => this.errors.set(number, error),
      )
      ended.add(number)
      await own.close()
    }
    const crew = {
      of,
      ended,
      start: (run: number) => {
        for (let number = 1; number <= of; number++)
          if (!missing.has(number)) parts.push(one(number, run))
      },
      // The others hear of it through the state.
      again: () => false,
      end: async () => {
        stop.abort()
        await Promise.all(parts)
      },
    }
    try {
      return await runInParts(this.options(store, told), crew, joinMs)
    } finally {
      await Promise.all(parts)
      await store.close()
    }
  }

  async #bury(name: string): Promise<void> {
    const store = await this.openStore()
    const { workers } = await store.fleet()
    for (const one of workers) if (one.worker.includes(name)) await store.bury(one)
    await store.close()
  }

  #ledgerOfPart(): LedgerDestination {
    const ledger = new LedgerDestination()
    const { users, cohorts, joined, deleted } = this.ledger
    return Object.assign(ledger, { users, cohorts, joined, deleted })
  }
}
