import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  digestOf,
  EXTERNAL_ID,
  Layout,
  NOTHING,
  OpenPartition,
  Partition,
  userKey,
  valueText,
} from '../../../src/index.ts'

const layout = new Layout([
  { number: 0, id: 'a', kind: 'slot' },
  { number: 1, id: 'b', kind: 'count' },
  { number: 2, id: 'c', kind: 'slot' },
])
const SLOTS = [0, 2]
const ROWS = 3

function openOf(rows = ROWS): OpenPartition {
  const partition = new Partition(0, layout)
  for (let row = 0; row < rows; row++) partition.findOrAdd(userKey(EXTERNAL_ID, `u${row}`))
  return new OpenPartition(partition)
}

/** Proposes a text, as the fold does: the row is noted, then the entry, then the slot. */
function change(
  open: OpenPartition,
  place: { row: number; column: number; text: string; time: number },
): number {
  const { row, column, text, time } = place
  const { bytes, digest } = valueText(text)
  open.pending.notes.touch(row)
  const entry = open.propose(row, column, bytes)
  open.rows.slots.write(row, column, { ...digest, time })
  return entry
}

const changes = fc.array(
  fc.record({
    row: fc.nat({ max: ROWS - 1 }),
    column: fc.constantFrom(...SLOTS),
    text: fc.constantFrom('1', 'true', '"é"', '[]'),
    time: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 20 },
)

describe('a partition that is open', () => {
  it('keeps the last text proposed for each slot, and what the slot held before the first', () => {
    fc.assert(
      fc.property(changes, changes, (delivered, made) => {
        const open = openOf()
        for (const each of delivered) change(open, each)
        const held = new Map(
          delivered.map(({ row, column }) => [
            `${row} ${column}`,
            open.rows.slots.held(row, column),
          ]),
        )
        open.startWindow()
        for (const each of made) change(open, each)

        for (const { row, column } of made) {
          const entry = open.pending.find(row, column)
          const last = made.findLast((other) => other.row === row && other.column === column)!
          expect(open.pending.text(entry)).toBe(last.text)
          expect(open.rows.slots.held(row, column)).toEqual({
            ...digestOf(last.text),
            time: last.time,
          })
          expect(open.pending.before(entry)).toEqual(
            held.get(`${row} ${column}`) ?? { ...NOTHING, time: 0 },
          )
          expect(open.pending.lifeOf(entry)).toBe('pending')
        }
      }),
    )
  })

  it('holds after deferring what it held before, in every slot', () => {
    fc.assert(
      fc.property(changes, changes, (delivered, made) => {
        const open = openOf()
        for (const each of delivered) change(open, each)
        const all = () =>
          Array.from({ length: ROWS }, (_, row) =>
            layout.columns.map(({ number }) => open.rows.contents(row, number)),
          )
        const before = all()
        open.startWindow()
        for (const each of made) change(open, each)

        for (let row = 0; row < ROWS; row++) {
          for (let entry = open.pending.first(row); entry >= 0; entry = open.pending.after(entry))
            open.defer(row, entry)
        }

        expect(all()).toEqual(before)
      }),
    )
  })

  it('holds after a refusal the value of before as of the refused one, which is remembered', () => {
    const open = openOf()
    change(open, { row: 1, column: 2, text: '"old"', time: 5 })
    open.startWindow()
    const entry = change(open, { row: 1, column: 2, text: '"new"', time: 7 })

    open.refuse(1, entry)

    expect(open.rows.slots.held(1, 2)).toEqual({ ...digestOf('"old"'), time: 7 })
    expect(open.rows.refused.get(1, 2)).toEqual(digestOf('"new"'))
    expect([open.pending.lifeOf(entry), open.pending.isOpen(entry)]).toEqual(['refused', false])
  })

  it('lets late outcomes of a window put back what it held, while a later one is under way over the same rows', () => {
    const early = openOf()
    const late = new OpenPartition(early.rows)
    const first = change(early, { row: 0, column: 0, text: '1', time: 1 })
    const second = change(late, { row: 1, column: 0, text: '2', time: 2 })

    early.defer(0, first)

    expect(early.rows.slots.held(0, 0)).toEqual({ ...NOTHING, time: 0 })
    expect(early.rows.slots.held(1, 0)).toEqual({ ...digestOf('2'), time: 2 })
    expect(late.pending.lifeOf(second)).toBe('pending')
  })

  it('gives events of a slot back as they were added, the last one first', () => {
    const open = openOf()
    const entry = open.eventEntryFor(2, 0)
    const texts = ['true', 'null', '"a long text, so that the arena moves ".repeat(60)']
    const added = texts.map((text, time) => {
      const { bytes, digest } = valueText(text)
      return open.pending.addEvent(entry, { ...digest, time, isHistory: time === 0 }, bytes)
    })

    const events = open.pending.eventsOf(entry)

    expect(events.map(({ candidate }) => candidate)).toEqual(added.toReversed())
    expect(events.map(({ candidate }) => open.pending.eventText(candidate))).toEqual(
      texts.toReversed(),
    )
    expect(events.map(({ time, isHistory }) => [time, isHistory])).toEqual([
      [2, false],
      [1, false],
      [0, true],
    ])
    expect(open.pending.isEvent(entry)).toBe(true)
  })

  it('takes back what was deferred: the slot holds what was folded, and it is to be sent', () => {
    const open = openOf()
    const entry = change(open, { row: 1, column: 2, text: '7', time: 5 })
    const folded = open.rows.slots.held(1, 2)
    open.defer(1, entry)
    const deferred = open.rows.slots.held(1, 2)

    open.retake(1, entry, folded)

    expect(deferred).not.toEqual(folded)
    expect(open.rows.slots.held(1, 2)).toEqual(folded)
    expect([open.pending.lifeOf(entry), open.pending.text(entry)]).toEqual(['pending', '7'])
  })

  it('drops the events of a slot up to a time, however they were added', () => {
    const times = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 })
    fc.assert(
      fc.property(times, fc.integer({ min: -1, max: 10 }), (added, until) => {
        const open = openOf()
        const entry = open.eventEntryFor(2, 0)
        for (const time of added)
          open.pending.addEvent(entry, { ...NOTHING, time, isHistory: false }, valueText('1').bytes)

        open.pending.dropEventsUpTo(entry, until)

        const left = open.pending.eventsOf(entry).map(({ time }) => time)
        expect(left.toReversed()).toEqual(added.filter((time) => time > until))
      }),
    )
  })

  it('tells once of each refusal that changed', () => {
    const open = openOf()
    open.noteRefused(0, 2, digestOf('1'))
    open.noteRefused(2, 0, digestOf('2'))
    open.forgetRefusedWhere((row) => row === 2)

    expect(open.takeRefusals()).toEqual([
      [0, 2],
      [2, 0],
      [2, 0],
    ])
    expect(open.takeRefusals()).toEqual([])
    expect([open.rows.refused.get(0, 2), open.rows.refused.get(2, 0)]).toEqual([
      digestOf('1'),
      undefined,
    ])
  })

  it('has nothing to do of a row it forgets', () => {
    const open = openOf()
    change(open, { row: 0, column: 0, text: '1', time: 1 })
    open.pending.notes.touch(0)

    open.pending.forgetRow(0)

    expect([open.pending.first(0), open.pending.notes.next(0)]).toEqual([-1, -1])
  })
})
