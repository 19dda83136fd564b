import type { DecodedRow } from '@engage-sync/contract'
import { classOf, REJECTED, SKIPPED, UNMAPPED } from './classes.ts'
import { ClassCounts, Reasons } from './counts.ts'
import type { FoldListener } from './counts.ts'
import type { FolderParts } from './folder-parts.ts'

/** No record says the nulls of users who are gone, so nobody is told of them. */
type RejectedValue = Parameters<NonNullable<FoldListener['valueRejectedAgain']>>[0]

/** What a fold counts: records and values by class, and by name why they change nothing. */
export class FoldCounts {
  /** By sync. */
  readonly counts: readonly ClassCounts[]
  readonly totals = new ClassCounts()
  readonly reasons = new Reasons()
  readonly unmapped = new Reasons()
  /** Records so far of which nobody can say whom they speak of. */
  unreadable = 0
  /** The value at hand is counted already. */
  isCounted = false
  /** Told of what is rejected, which is counted. */
  readonly listener: FoldListener
  /** What concerns no user is counted here. */
  readonly isFirst: boolean
  /** Class of what says nothing to the program. */
  readonly saysNothing: number
  readonly #isHistory: boolean

  constructor({
    program,
    listener,
    pass = null,
    isHistory = false,
  }: Pick<FolderParts, 'program' | 'listener' | 'pass' | 'isHistory'>) {
    this.counts = program.syncs.map(() => new ClassCounts())
    this.listener = this.#counting(listener)
    this.isFirst = pass === null || pass.isFirst
    this.saysNothing = isHistory ? SKIPPED : UNMAPPED
    this.#isHistory = isHistory
  }

  /** Counts records that never became bytes. */
  countRejected(code: string, message: string): void {
    this.unreadable++
    if (!this.isFirst) return
    this.totals.unreadable++
    this.#countAll(REJECTED)
    this.reasons.add(code, message)
  }

  /** Counts a record that changes nothing, whomever it is about. */
  countOther(row: DecodedRow, record: number): void {
    if (row.status === 'unmapped') return this.#countUnmapped(row)
    this.reasons.add(row.reason, row.message)
    if (row.status !== 'rejected') return this.#countAll(SKIPPED)
    this.totals.unreadable++
    this.#countAll(REJECTED)
    this.listener.recordRejected(record, { code: row.reason, message: row.message })
  }

  /** Counts the keys of a record that nothing maps. */
  countUnmappedKeys({ unmapped }: DecodedRow): void {
    if (this.isFirst && !this.#isHistory) for (const key of unmapped) this.unmapped.add(key, '')
  }

  /**
   * What a record says is for a sync whose identity it lacks, or of a user this run leaves alone.
   *
   * @param isForSome - whether there are such users
   */
  countSkipped(isForSome: boolean): void {
    if (isForSome) this.reasons.add('SKIPPED_OTHER_USER', 'No user this run works on.')
    else
      this.reasons.add(
        'SKIPPED_NO_EXTERNAL_ID',
        'The sync that maps this finds no identifier in the record.',
      )
  }

  /** A listener told of everything; what values are rejected for is counted, too. */
  #counting(listener: FoldListener): FoldListener {
    const count = ({ mapping, rejection: { code, message } }: RejectedValue): void => {
      if (!this.isCounted) this.reasons.add(code, `${mapping}: ${message}`)
    }
    return {
      recordRejected: (record, rejection) => listener.recordRejected(record, rejection),
      valueRejected: (event) => {
        count(event)
        listener.valueRejected(event)
      },
      valueRejectedAgain: count,
    }
  }

  #countUnmapped(row: DecodedRow): void {
    if (this.#isHistory)
      this.reasons.add('SKIPPED_HISTORY', 'Read again for mappings it does not speak of.')
    else
      for (const key of row.unmapped.length > 0 ? row.unmapped : [row.reason])
        this.unmapped.add(key, '')
    this.#countAll(this.saysNothing)
  }

  #countAll(bit: number): void {
    const number = classOf(bit)
    this.totals.records[number]++
    for (const counts of this.counts) counts.records[number]++
  }
}
