import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  blankColumn,
  imageOf,
  Layout,
  OpenPartition,
  openImage,
  Partition,
  userKey,
} from '../../../src/index.ts'
import type { RowPlace } from '../../../src/index.ts'

const layout = new Layout([
  { number: 0, id: 'a', kind: 'slot' },
  { number: 1, id: 'events', kind: 'slot' },
  { number: 2, id: 'count', kind: 'count' },
])
const bytes = (text: string) => new TextEncoder().encode(text)
const part = fc.nat({ max: 2 ** 32 - 1 })
const held = fc.record({ low: part, high: part, time: fc.integer({ min: 0, max: 2 ** 45 }) })
const event = fc.record({
  held,
  isHistory: fc.boolean(),
  text: fc.string({ unit: 'binary', minLength: 1 }),
})

/** All there is to be seen of a row. */
function seen({ open: { rows, pending }, row }: RowPlace) {
  const entries = []
  for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry))
    entries.push({
      column: pending.columnOf(entry),
      before: pending.before(entry),
      isInDoubt: pending.isInDoubt(entry),
      text: pending.isEvent(entry) ? null : pending.text(entry),
      events: pending.isEvent(entry)
        ? pending
            .eventsOf(entry)
            .map(({ candidate, ...one }) => ({ ...one, candidate: pending.eventText(candidate) }))
        : [],
    })
  return {
    id: rows.idText(row),
    isCreated: rows.flags.isCreated(row),
    slots: [0, 1].map((column) => rows.slots.held(row, column)),
    text: rows.storedTexts.get(row, 0),
    count: rows.counts.total(row, 2),
    entries,
  }
}

describe('the image of a row', () => {
  it('says all of it, and of no other row', () => {
    fc.assert(
      fc.property(
        fc.record({
          slot: held,
          before: held,
          events: fc.array(event, { maxLength: 4 }),
          isInDoubt: fc.boolean(),
          isCreated: fc.boolean(),
          count: fc.nat({ max: 1000 }),
          text: fc.string({ unit: 'binary', minLength: 1 }),
        }),
        (one) => {
          const open = new OpenPartition(new Partition(7, layout))
          for (const name of ['other', 'more']) open.findOrAdd(userKey(0x65, name))
          const row = open.findOrAdd(userKey(0x61, 'web\u0000a1'))
          open.rows.slots.write(row, 0, one.slot)
          open.rows.storedTexts.set(row, 0, one.text)
          open.rows.counts.add(row, 2, one.count)
          if (one.isCreated) open.rows.flags.create(row)
          const entry = open.propose(row, 0, bytes(one.text))
          open.pending.advance(entry, one.before)
          if (one.isInDoubt) open.pending.doubt(entry)
          const events = open.eventEntryFor(row, 1)
          for (const { held: at, isHistory, text } of one.events)
            open.pending.addEvent(events, { ...at, isHistory }, bytes(text))
          const place = { open, row }

          const copy = openImage(7, layout, imageOf(place))

          expect(copy.open.rows.rows).toBe(1)
          expect(seen(copy)).toEqual(seen(place))
          blankColumn(copy, 2)
          expect(seen(copy)).toEqual({ ...seen(place), count: 0 })
        },
      ),
    )
  })

  it('has nothing of what is not to be sent any more', () => {
    const open = new OpenPartition(new Partition(7, layout))
    const row = open.findOrAdd(userKey(0x61, 'web\u0000a1'))
    open.pending.turn(open.propose(row, 0, bytes('1')), 'withdraw')

    expect(imageOf({ open, row }).pending).toEqual([])
  })
})
