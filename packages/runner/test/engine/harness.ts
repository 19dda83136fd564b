import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chunkOf, compileSync, loadConfig } from '@engage-sync/core'
import type { CompiledSync, RawChunk, Source, StateStore } from '@engage-sync/core'
import { createRowDecoder } from '@engage-sync/segment'
import { INCREMENTAL, planRun, run } from '../../src/engine/index.ts'
import type { EngineOptions, PlanResult, RunResult } from '../../src/engine/index.ts'
import { openSqlite } from '../../src/state/sqlite/open-sqlite.ts'
import { LedgerDestination } from './ledger-destination.ts'

/** When the tests' runs happen, unless they say otherwise. */
export const NOW = Date.parse('2026-03-01T12:00:00Z')

/** One value of a computation, as the tests write it. */
export interface TestEvent {
  readonly user?: string
  readonly anonymous?: string
  readonly at: number
  readonly trait?: string
  readonly audience?: string
  readonly value?: unknown
  /** Asks to forget the user instead. */
  readonly forget?: true
}

/** A test event as Engage would send it: the least that is known for one. */
export function eventText({
  user,
  anonymous,
  at,
  trait,
  audience,
  value,
  forget,
}: TestEvent): string {
  const identifiers = {
    ...(user === undefined ? {} : { userId: user }),
    ...(anonymous === undefined ? {} : { anonymousId: anonymous }),
  }
  if (forget === true)
    return JSON.stringify({ type: 'delete', ...identifiers, timestamp: new Date(at).toISOString() })
  const key = trait ?? audience!
  return JSON.stringify({
    type: 'identify',
    ...identifiers,
    timestamp: new Date(at).toISOString(),
    traits: { [key]: value },
    context: {
      personas: {
        computation_class: trait === undefined ? 'audience' : 'trait',
        computation_key: key,
        namespace: 'spa_1',
      },
    },
  })
}

/** A source over texts in memory; positions are indexes. */
export function listSource(
  texts: () => readonly string[],
  chunkSize = 7,
  name = 'list',
): Source & Required<Pick<Source, 'readBefore' | 'readBetween'>> {
  async function* readSome(from: number, to: number, signal: AbortSignal): AsyncIterable<RawChunk> {
    const all = texts()
    for (let at = from; at < Math.min(to, all.length); at += chunkSize) {
      signal.throwIfAborted()
      const some = all.slice(at, Math.min(at + chunkSize, to))
      yield {
        ...chunkOf(some),
        position: to === Infinity ? at + some.length : to,
        origin: { name, firstRecord: at + 1 },
      }
    }
  }
  return {
    name,
    read: (from, signal) => readSome(Number(from ?? 0), Infinity, signal),
    readBefore: (to, signal) => readSome(0, Number(to), signal),
    readBetween: (from, to, signal) => readSome(Number(from ?? 0), Number(to), signal),
  }
}

/** The same source, but all that stands before a position is read from the beginning. */
export function wholeSource({ name, read }: Source): Source {
  return { name, read }
}

const PROJECT =
  'version: 1\nenvironments:\n  local:\n    braze: { endpoint: simulator }\n    sources: { engage: { events: data, trust: [deletes] } }\n'

/** Compiles syncs given as YAML by name. */
export function compile(syncs: Readonly<Record<string, string>>): readonly CompiledSync[] {
  const files = Object.entries(syncs).map(([name, text]) => ({
    path: `configs/${name}.yaml`,
    text: `version: 1\nsource: engage\n${text}`,
  }))
  const loaded = loadConfig([{ path: 'configs/engage-sync.yaml', text: PROJECT }, ...files])
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(JSON.stringify(errors, null, 2))
  return loaded.syncs.map((sync) => compileSync(sync))
}

/** An environment of the tests: a real SQLite state, a ledger to send to, and records in memory. */
export class Bench {
  readonly directory = mkdtempSync(join(tmpdir(), 'engage-sync-engine-'))
  ledger: LedgerDestination
  syncs: readonly CompiledSync[]
  records: TestEvent[] = []
  nowMs = NOW

  constructor(syncs: Readonly<Record<string, string>>, ledger = new LedgerDestination()) {
    this.syncs = compile(syncs)
    this.ledger = ledger
  }

  /** Opens the state, does something with it, closes it. */
  async withStore<T>(work: (store: StateStore) => Promise<T>): Promise<T> {
    const path = join(this.directory, 'state.db')
    const store = openSqlite({
      path,
      environment: 'local',
      workspace: 'ledger',
      create: true,
      now: () => this.nowMs,
    })
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }

  options(
    store: StateStore,
    more: Partial<EngineOptions> & { chunkSize?: number } = {},
  ): EngineOptions {
    const texts = this.records.map(eventText)
    return {
      environment: 'local',
      syncs: this.syncs,
      sources: new Map([['engage', listSource(() => texts, more.chunkSize)]]),
      createDecoder: createRowDecoder,
      destination: this.ledger,
      store,
      guards: {
        maxRemovals: 0.2,
        minRemovals: 50,
        maxAdditions: 0.5,
        maxDataPoints: null,
        emptySource: 'stop',
      },
      onUnknown: 'verify',
      deadLetterDays: 30,
      allow: [],
      kind: INCREMENTAL,
      actor: null,
      commit: null,
      now: () => this.nowMs,
      observe: () => undefined,
      signal: new AbortController().signal,
      ...more,
    }
  }

  run(more: Partial<EngineOptions> & { chunkSize?: number } = {}): Promise<RunResult> {
    return this.withStore((store) => run(this.options(store, more)))
  }

  plan(more: Partial<EngineOptions> & { chunkSize?: number } = {}): Promise<PlanResult> {
    return this.withStore((store) => planRun(this.options(store, more)))
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}
