import { join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { PARTITIONS } from '@engage-sync/core'
import type { SourcePosition, StateStore } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { openWorker } from '../../../src/engine/fleet/index.ts'
import type { Worker } from '../../../src/engine/fleet/index.ts'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { Bench, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { LedgerDestination } from '../ledger-destination.ts'
import { GrowingSource, StreamBench } from '../stream/stream-bench.ts'

const SYNC = `traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth Computed }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 5 }, { audience: vip, equals: true }] }, cohort: Rich }
`
const TTL_MS = 200

/** The same texts for everybody: whoever follows them has a source of its own over them. */
class SharedSource extends GrowingSource {
  override readonly texts: string[]

  constructor(texts: string[]) {
    super()
    this.texts = texts
  }

  earliest(positions: readonly SourcePosition[]): SourcePosition {
    return Math.min(...positions.map(Number))
  }
}

interface FleetWorker {
  readonly worker: Worker
  readonly source: SharedSource
  /** Ends as a signal would. */
  stop(): Promise<void>
  /** Ends as a process that dies: nothing it does from now on is kept. */
  kill(): Promise<void>
}

/** Workers over one state, in one process, each with a store and a source of its own. */
class FleetBench extends StreamBench {
  readonly texts: string[] = []
  readonly workers: FleetWorker[] = []
  #names = 0

  start(): FleetWorker {
    const source = new SharedSource(this.texts)
    Object.assign(source, { texts: this.texts })
    const ledger = new LedgerDestination()
    Object.assign(ledger, { users: this.ledger.users, cohorts: this.ledger.cohorts })
    const store = this.openStore()
    const name = `worker ${++this.#names}`
    const worker = openWorker({
      ...this.streamOptions(store),
      destination: ledger,
      sources: new Map([['engage', source]]),
      streams: [source],
      url: () => null,
      worker: name,
      workerTtlMs: TTL_MS,
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

  openStore(): StateStore {
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
    const store = this.openStore()
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
    while (!(await isDone())) await sleep(5)
    await store.close()
  }

  async end(): Promise<void> {
    for (const worker of this.workers.slice()) await worker.stop()
    const store = this.openStore()
    await store.verify()
    expect(await store.check()).toEqual([])
    expect(await store.openMarks()).toEqual([])
    expect((await store.fleet()).workers).toEqual([])
    await store.close()
    this.close()
  }
}

async function byRun(records: readonly TestEvent[]) {
  const bench = new Bench({ shop: SYNC })
  bench.records = [...records]
  await bench.run()
  bench.close()
  return seen(bench.ledger.dump())
}

/** What anybody sees of users: one who has nothing is as one who is not there. */
function seen(dump: ReturnType<LedgerDestination['dump']>) {
  return dump.filter(
    ({ attributes, events, cohorts }) =>
      events.length + cohorts.length > 0 ||
      Object.values(attributes).some((value) => value !== false),
  )
}

/** Values of users, one a millisecond, younger than their mappings. */
function someEvents(count: number, from = 0): readonly TestEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index
    const user = `user ${number % 40}`
    const at = NOW + number
    if (number % 3 === 0) return { user, at, audience: 'vip', value: number % 2 === 0 }
    return number % 3 === 1
      ? { user, at, trait: 'worth', value: number % 11 }
      : { user, at, trait: 'plan', value: `plan ${number % 5}` }
  })
}

describe('several workers over one state', { timeout: 60_000 }, () => {
  it('end as one run does, while workers come, go and die', async () => {
    const bench = new FleetBench({ shop: SYNC })
    const records: TestEvent[] = []
    const add = (count: number) => {
      const more = someEvents(count, records.length)
      records.push(...more)
      bench.add(more)
    }
    add(60)
    const one = bench.start()
    await bench.settled()
    bench.start()
    add(60)
    const three = bench.start()
    await bench.settled()
    expect(bench.workers.map(({ worker }) => worker.status().partitions.length)).not.toContain(0)
    add(90)
    await one.kill()
    add(60)
    await bench.settled()
    await three.stop()
    add(60)
    await bench.settled()
    await bench.end()

    expect(seen(bench.ledger.dump())).toEqual(await byRun(records))
  })

  it('are followed by a run, which goes on where they were', async () => {
    const bench = new FleetBench({ shop: SYNC })
    const records = someEvents(80)
    bench.add(records)
    bench.start()
    bench.start()
    await bench.settled()
    for (const worker of bench.workers.slice()) await worker.stop()
    const more = someEvents(40, records.length)
    bench.add(more)

    const source = new SharedSource(bench.texts)
    const { report } = await bench.run({ sources: new Map([['engage', source]]) })

    expect(report.records.read).toBe(40)
    expect(seen(bench.ledger.dump())).toEqual(await byRun([...records, ...more]))
    const store = bench.openStore()
    expect(await store.partitionPositions()).toEqual([])
    await store.close()
    await bench.end()
  })
})

it(
  'no way of joining, leaving and dying loses or doubles anything',
  { timeout: 120_000 },
  async () => {
    const step = fc.oneof(
      fc.record({ does: fc.constant('add' as const), count: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ does: fc.constantFrom('start', 'stop', 'kill', 'wait' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
        const bench = new FleetBench({ shop: SYNC })
        const records: TestEvent[] = []
        bench.start()
        for (const one of steps) {
          if (one.does === 'add') {
            const more = someEvents(one.count, records.length)
            records.push(...more)
            bench.add(more)
          } else if (one.does === 'start' && bench.workers.length < 4) bench.start()
          else if (one.does === 'stop' && bench.workers.length > 1) await bench.workers[0]?.stop()
          else if (one.does === 'kill' && bench.workers.length > 1) await bench.workers[0]?.kill()
          else if (one.does === 'wait') await sleep(TTL_MS / 4)
          await setImmediate()
        }
        await bench.settled()
        await bench.end()
        expect(seen(bench.ledger.dump())).toEqual(await byRun(records))
      }),
      { numRuns: 8 },
    )
  },
)
