import { describe, expect, it } from 'vitest'
import {
  CHANGED,
  CLASS_NAMES,
  ClassCounts,
  RecordClasses,
  UNMAPPED,
  WAITS,
} from '../../src/index.ts'

/** One record, as each of those who read it found it. */
const classesOf = (...bits: readonly number[]) =>
  bits.map((each) => {
    const classes = new RecordClasses()
    classes.add(0, each)
    return classes
  })

const counted = ({ records }: ClassCounts) =>
  Object.fromEntries(
    CLASS_NAMES.flatMap((name, n) => (records[n] === 0 ? [] : [[name, records[n]]])),
  )

describe('a record that waits for its user', () => {
  it('is counted by none of those who read it, and once it is folded by its owner', () => {
    const totals = new ClassCounts()
    const how = { isHistory: false, waiting: 0 }
    const [first, owner] = classesOf(UNMAPPED, WAITS)
    first.addPartTo(totals, { ...how, isFirst: true })
    owner.addPartTo(totals, { ...how, isFirst: false })
    expect(counted(totals)).toEqual({})

    const [folded] = classesOf(CHANGED | UNMAPPED)
    folded.addPartTo(totals, { ...how, isFirst: false, waiting: 1 })
    expect(counted(totals)).toEqual({ changed: 1 })
  })

  it.each([[WAITS], [WAITS | UNMAPPED]])(
    'is counted by none where its owner is the first',
    (bits) => {
      const totals = new ClassCounts()
      const [first, whole] = classesOf(bits, bits)
      first.addPartTo(totals, { isHistory: false, isFirst: true, waiting: 0 })
      whole.addTo(totals)
      expect(counted(totals)).toEqual({})
    },
  )

  it('is counted by nobody who works on others alone', () => {
    const totals = new ClassCounts()
    for (const one of classesOf(UNMAPPED, WAITS | UNMAPPED, CHANGED | UNMAPPED))
      one.addOwnTo(totals)
    expect(counted(totals)).toEqual({ changed: 1 })
  })

  it('is counted by what else it says', () => {
    const totals = new ClassCounts()
    classesOf(WAITS | CHANGED)[0].addTo(totals)
    expect(counted(totals)).toEqual({ changed: 1 })
  })
})
