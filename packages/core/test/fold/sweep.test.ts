import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allotColumns,
  buildProgram,
  chunkOf,
  compileSync,
  Folder,
  GONE,
  Layout,
  loadConfig,
  startRead,
  neededColumns,
  OpenRows,
  Partition,
  SEEN,
} from '../../src/index.ts'
import type { OpenPartition } from '../../src/index.ts'
import { createTestDecoder } from '../simple-decoder.ts'
import type { TestRecord } from '../simple-decoder.ts'

const PROJECT =
  'version: 1\nenvironments:\n  local:\n    braze: { endpoint: simulator }\n    sources: { engage: { events: data } }\n'
const SHOP = `version: 1
source: engage
traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth Computed, on_null: keep }
  colours: colours
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 5 }, { audience: vip, equals: true }] }, cohort: Rich }
  blank: { when: { trait: plan, is_blank: true }, attribute: blank }
`
const CLUB = `version: 1
source: engage
identity: { external_id: userId, alias: { from: anonymousId, label: anonymous, promote: never } }
traits:
  tier: { attribute: tier, type: integer }
  since: { attribute: since, type: time }
`
/** The keys of each sync, as a record of nulls says them. */
const SHOP_NULLS = { trait: { plan: null, worth: null, colours: null }, audience: { vip: null } }
const CLUB_NULLS = { trait: { tier: null, since: null } }
const NOW = Date.parse('2026-03-01T12:00:00Z')

const loaded = loadConfig([
  { path: 'configs/engage-sync.yaml', text: PROJECT },
  { path: 'configs/shop.yaml', text: SHOP },
  { path: 'configs/club.yaml', text: CLUB },
])
const syncs = loaded.syncs.map((sync) => compileSync(sync))
const layout = new Layout(allotColumns([], neededColumns(syncs)))
const program = buildProgram(syncs, layout, new Map())

/** Rows into which records were folded, and a folder that goes on. */
class Fold {
  readonly rows = new OpenRows(layout)
  readonly folder = new Folder({
    program,
    rows: this.rows,
    decoder: createTestDecoder(program.plan),
    listener: { recordRejected: () => undefined, valueRejected: () => undefined },
  })

  add(records: readonly TestRecord[]): void {
    const chunk = chunkOf(records.map((record) => JSON.stringify(record)))
    for (let at = this.folder.fold(chunk, 0); at < chunk.count; at = this.folder.fold(chunk, at))
      this.rows.open(new Partition(this.folder.missing, layout))
  }

  sweep(time: number, skipsAliases = false): void {
    for (const open of this.rows.partitions)
      if (open !== undefined) this.folder.deleteMissing(open, { time, skipsAliases })
  }

  /**
   * All that the fold knows and would send, by user; without the marks, and without who is known to
   * whom.
   */
  dump(): Readonly<Record<string, object>> {
    return this.#byUser(rowOf)
  }

  /** What each sync knows of each user. */
  known(): Readonly<Record<string, object>> {
    return this.#byUser(({ rows }, row) => SEEN_IN.map((column) => rows.contents(row, column)[0]))
  }

  #byUser(tell: (open: OpenPartition, row: number) => object): Readonly<Record<string, object>> {
    return Object.fromEntries(
      this.rows.partitions.flatMap((open) =>
        open === undefined
          ? []
          : Array.from({ length: open.rows.rows }, (_, row) => [
              open.rows.idText(row),
              tell(open, row),
            ]),
      ),
    )
  }
}

/** Where rows hold what the shop and the club know of them. */
const SEEN_IN = ['shop', 'club'].map((sync) => layout.numberOf(`${sync}#seen`))

function rowOf(open: OpenPartition, row: number): object {
  const { rows, pending } = open
  const { notes } = pending
  const entries: unknown[] = []
  for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry)) {
    const isEvent = pending.isEvent(entry)
    entries.push([
      pending.columnOf(entry),
      [isEvent, pending.lifeOf(entry), pending.isInDoubt(entry)],
      pending.before(entry),
      isEvent
        ? pending.eventsOf(entry).map(({ candidate, time }) => [time, pending.eventText(candidate)])
        : pending.text(entry),
    ])
  }
  const columns = layout.columns.map(({ number }) =>
    SEEN_IN.includes(number) ? [] : rows.contents(row, number),
  )
  const isCreated = rows.flags.isCreated(row)
  return {
    columns,
    isCreated,
    notes: [notes.isTouched(row), notes.isDirty(row), notes.hasRefusal(row), notes.isDoubted(row)],
    entries,
  }
}

const at = fc.integer({ min: NOW - 50, max: NOW + 5 })
const who = fc.oneof(
  fc.record({ user: fc.constantFrom('u1', 'u2', 'u3', 'u4') }),
  fc.record({ alias: fc.constantFrom('a1', 'a2') }),
)
const shopValue = fc.oneof(
  fc.record({ trait: fc.record({ plan: fc.constantFrom('free', 'pro', null) }) }),
  fc.record({ trait: fc.record({ worth: fc.constantFrom(1, 4, 9, '7', null, 'many') }) }),
  fc.record({
    trait: fc.record({ colours: fc.array(fc.constantFrom('red', 'blue'), { maxLength: 2 }) }),
  }),
  fc.record({ audience: fc.record({ vip: fc.boolean() }) }),
)
const clubValue = fc.oneof(
  fc.record({ trait: fc.record({ tier: fc.constantFrom(1, 2, 2.5, null) }) }),
  fc.record({ trait: fc.record({ since: fc.constantFrom(1_700_000_000, '2026-01-05', 'never') }) }),
)
const record: fc.Arbitrary<TestRecord> = fc
  .tuple(who, at, fc.oneof(shopValue, clubValue))
  .map(([user, time, value]) => ({ ...user, at: time, ...value }))
const records = fc.array(record, { maxLength: 30 })

const isOfClub = ({ trait }: TestRecord) =>
  trait !== undefined && ('tier' in trait || 'since' in trait)
const nameOf = ({ user, alias }: TestRecord) => user ?? `anonymous\u0000${alias}`

/**
 * Records of nulls for those of `known` whom none of `present` names, each with the keys of the
 * syncs that know them.
 */
function nullsFor(
  known: readonly TestRecord[],
  present: readonly TestRecord[],
): readonly TestRecord[] {
  const here = new Set(present.filter(isSeen).map(nameOf))
  const gone = new Map(
    known.filter((one) => isSeen(one) && !here.has(nameOf(one))).map((one) => [nameOf(one), one]),
  )
  return [...gone].map(([name, { user, alias }]) => {
    const seen = known.filter((one) => isSeen(one) && nameOf(one) === name)
    const [shop, club] = [seen.some((one) => !isOfClub(one)), seen.some(isOfClub)]
    const trait = { ...(shop ? SHOP_NULLS.trait : {}), ...(club ? CLUB_NULLS.trait : {}) }
    return {
      ...(user === undefined ? { alias } : { user }),
      at: NOW,
      trait,
      ...(shop ? { audience: SHOP_NULLS.audience } : {}),
    }
  })
}

/** Anonymous users are nobody to the shop. */
function isSeen(one: TestRecord): boolean {
  return one.user !== undefined || isOfClub(one)
}

describe('sweeping', () => {
  it('stands on a valid configuration', () => {
    expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  })

  it('does what a record of nulls would do, for each user who is gone', () => {
    fc.assert(
      fc.property(records, records, (known, present) => {
        const [swept, told] = [new Fold(), new Fold()]
        for (const fold of [swept, told]) {
          fold.add(known)
          startRead(fold.rows)
          fold.add(present)
        }

        swept.sweep(NOW)
        told.add(nullsFor([...known, ...present], present))

        expect(swept.dump()).toEqual(told.dump())
        expect(swept.folder.totals.superseded).toBe(told.folder.totals.superseded)
      }),
      { numRuns: 200 },
    )
  })

  it('makes those gone who are in no record, for each sync that knew them', () => {
    const fold = new Fold()
    fold.add([
      { user: 'u1', at: NOW - 9, trait: { plan: 'pro', tier: 1 } },
      { user: 'u2', at: NOW - 9, trait: { plan: 'pro' } },
      { user: 'u3', at: NOW - 9, trait: { plan: 'pro', tier: 1 } },
    ])
    startRead(fold.rows)
    fold.add([{ user: 'u3', at: NOW - 9, trait: { plan: 'pro' } }])

    fold.sweep(NOW)

    expect(fold.known()).toEqual({ u1: [GONE, GONE], u2: [GONE, 0], u3: [SEEN, SEEN] })
  })

  it('leaves those here of whom a sync knows something newer', () => {
    const fold = new Fold()
    fold.add([
      { user: 'u1', at: NOW - 9, trait: { plan: 'pro', tier: 1 } },
      { user: 'u1', at: NOW + 1, trait: { worth: 5 } },
    ])
    startRead(fold.rows)

    fold.sweep(NOW)

    expect(fold.known()).toEqual({ u1: [SEEN, GONE] })
  })

  it('is undone by what is no older than it, and by nothing else', () => {
    const fold = new Fold()
    fold.add([{ user: 'u1', at: NOW - 9, trait: { plan: 'pro' } }])
    startRead(fold.rows)
    fold.sweep(NOW)

    fold.add([{ user: 'u1', at: NOW - 1, trait: { plan: 'max' } }])
    const after = fold.known()
    fold.add([{ user: 'u1', at: NOW + 1, trait: { plan: 'max' } }])

    expect([after, fold.known()]).toEqual([{ u1: [GONE, 0] }, { u1: [SEEN, 0] }])
  })

  it('counts no record and no value', () => {
    fc.assert(
      fc.property(records, (known) => {
        const fold = new Fold()
        fold.add(known)
        const counts = () =>
          [fold.folder.totals, ...fold.folder.counts].map((one) => [
            [...one.records],
            [...one.values],
          ])
        const before = counts()
        startRead(fold.rows)

        fold.sweep(NOW)

        expect(counts()).toEqual(before)
      }),
      { numRuns: 50 },
    )
  })

  it('leaves everybody alone of whom a record spoke', () => {
    fc.assert(
      fc.property(records, (present) => {
        const fold = new Fold()
        fold.add(present)
        const before = fold.dump()

        fold.sweep(NOW)

        expect(fold.dump()).toEqual(before)
      }),
      { numRuns: 50 },
    )
  })

  it('leaves rows of aliases alone where it is told to', () => {
    const fold = new Fold()
    fold.add([
      { alias: 'a1', at: NOW - 9, trait: { tier: 1 } },
      { user: 'u1', at: NOW - 9, trait: { tier: 1 } },
    ])
    startRead(fold.rows)
    const before = fold.dump()

    fold.sweep(NOW, true)

    const after = fold.dump()
    expect(after['anonymous\u0000a1']).toEqual(before['anonymous\u0000a1'])
    expect(after['u1']).not.toEqual(before['u1'])
  })
})
