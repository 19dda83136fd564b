import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PARTITIONS } from '@engage-sync/core'
import type { Source, SourcePosition, StateStore } from '@engage-sync/core'
import { expect } from 'vitest'
import { openWorker } from '../../../src/engine/fleet/index.ts'
import type { EngineOptions } from '../../../src/engine/index.ts'
import type { Worker } from '../../../src/engine/fleet/index.ts'
import type { WorkerOptions } from '../../../src/engine/fleet/worker-options.ts'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { fleetConfiguration } from '../../../src/state/values/configuration.ts'
import type { TestEvent } from '../harness.ts'
import { LedgerDestination } from '../ledger-destination.ts'
import { GrowingSource, StreamBench } from '../stream/stream-bench.ts'

/** A worker of these tests is lost after this, milliseconds. */
export const TTL_MS = 800

/** The same texts for everybody: whoever follows them has a source of its own over them. */
export class SharedSource extends GrowingSource {
  override readonly texts: string[]

  constructor(texts: string[]) {
    super()
    this.texts = texts
  }

  earliest(positions: readonly SourcePosition[]): SourcePosition {
    return Math.min(...positions.map(Number))
  }
}

export interface FleetWorker {
  readonly worker: Worker
  readonly source: SharedSource
  /** Ends as a signal would. */
  stop(): Promise<void>
  /** Ends as a process that dies: nothing it does from now on is kept. */
  kill(): Promise<void>
}

/** Workers over one state, in one process, each with a store and a source of its own. */
export class FleetBench extends StreamBench {
  readonly texts: string[] = []
  readonly workers: FleetWorker[] = []
  /** What each worker sends to is made ready with this. */
  prepare: (ledger: LedgerDestination) => void = () => undefined
  /** What workers are told beside that. */
  told: Partial<EngineOptions> = {}
  /** By worker: partitions whose rows it read. */
  readonly read = new Map<string, Set<number>>()
  /** Sources beside the one that goes on. */
  beside: ReadonlyMap<string, Source> = new Map()
  /** When those are due. */
  scheduled: Pick<WorkerOptions, 'isScheduled'> = {}
  /** A worker is lost after this, milliseconds. */
  ttlMs = TTL_MS
  /** Waited for before a worker reads which configuration is the newest. */
  beforeTurn: () => Promise<void> = async () => undefined
  #names = 0

  /** @param syncs - its configuration. Default: the bench's */
  async start(syncs = this.syncs): Promise<FleetWorker> {
    const source = new SharedSource(this.texts)
    Object.assign(source, { texts: this.texts })
    const ledger = new LedgerDestination()
    const { users, cohorts, joined } = this.ledger
    Object.assign(ledger, { users, cohorts, joined })
    this.prepare(ledger)
    const name = `worker ${++this.#names}`
    const store = this.#noting(await this.openStore(), name)
    const worker = openWorker({
      ...this.streamOptions(store),
      ...this.told,
      destination: ledger,
      ...this.scheduled,
      sources: new Map<string, Source>([['engage', source], ...this.beside]),
      streams: [source],
      syncs,
      url: () => null,
      forsakenMs: 2 * TTL_MS,
      worker: name,
      workerTtlMs: this.ttlMs,
    })
    const controller = new AbortController()
    const ended = worker.run(controller.signal)
    ended.catch(() => undefined)
    const end = async () => {
      this.workers.splice(this.workers.indexOf(one), 1)
      controller.abort()
      await ended
      await store.close()
    }
    const one: FleetWorker = {
      worker,
      source,
      stop: end,
      kill: async () => {
        const { workers } = await store.fleet()
        const mine = workers.find((each) => each.worker === name)
        if (mine !== undefined) await store.bury(mine)
        await end()
      },
    }
    this.workers.push(one)
    return one
  }

  #noting(store: StateStore, name: string): StateStore {
    const read = new Set<number>()
    this.read.set(name, read)
    const load = store.loadPartition.bind(store)
    const values = store.values.bind(store)
    return Object.assign(store, {
      values: async (prefix: string) => {
        if (prefix === fleetConfiguration.key) await this.beforeTurn()
        return await values(prefix)
      },
      loadPartition: (partition: number) => {
        read.add(partition)
        return load(partition)
      },
    })
  }

  async openStore(): Promise<StateStore> {
    const path = join(this.directory, 'state.db')
    const identity = { environment: 'local', workspace: 'ledger', create: true }
    return openSqlite({ path, ...identity, now: Date.now })
  }

  add(events: readonly TestEvent[]): void {
    const [first] = this.workers
    const { length } = this.texts
    first?.source.add(events)
    if (first === undefined) new SharedSource(this.texts).add(events)
    expect(this.texts).toHaveLength(length + events.length)
    for (const { source } of this.workers) source.add([])
  }

  /** Resolves once all that came is committed by everybody, and nobody waits. */
  async settled(): Promise<void> {
    const store = await this.openStore()
    const isDone = async () => {
      const { owners } = await store.fleet()
      if (owners.some(({ worker }) => worker === null)) return false
      const whole = (await store.positions()).get('engage')
      const own = (await store.partitionPositions()).map(({ position }) => position)
      const all = own.length < PARTITIONS ? [...own, whole] : own
      if (all.some((position = 0) => position !== this.texts.length)) return false
      return this.workers.every(({ worker }) => {
        const { heldUsers, partitions, state } = worker.status()
        return partitions.length > 0 && state === 'running' && heldUsers === 0
      })
    }
    while (!(await isDone())) await sleep(20)
    await store.close()
  }

  async end(): Promise<void> {
    for (const worker of this.workers.slice()) await worker.stop()
    const store = await this.openStore()
    await store.verify()
    expect(await store.check()).toEqual([])
    expect(await store.openMarks()).toEqual([])
    expect((await store.fleet()).workers).toEqual([])
    await store.close()
    this.close()
  }
}
