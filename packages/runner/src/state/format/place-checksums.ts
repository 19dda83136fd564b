import { PARTITIONS } from '@engage-sync/core'
import { rowsChecksum } from './checksum.ts'
import type { RecordTable } from './checksum.ts'
import { piecesOf } from './pieces.ts'
import type { Cut, Piece } from './pieces.ts'
import type { SettledGroup } from './settle-group.ts'

/** Dead letters that are records waiting to be folded stand apart: without one of them data would be lost. */
export type Place = RecordTable | 'dead letters' | 'waiting' | `partition ${number}`

/**
 * What a commit does to the checksum of a place: it becomes `checksum * times + plus`, of which 31 bits are kept.
 *
 * In this form a store need not know what it was before, and changes of several places can be written in any order.
 */
export interface ChecksumChange {
  readonly place: Place
  readonly times: number
  readonly plus: number
}

/** 31 bits: their product still is an integer of SQL. */
export const CHECKSUM_MASK = 0x7fff_ffff

/** Odd, so that nothing is lost when it is multiplied with. */
const ROLL = 16_777_619

/** What undoes a multiplication with it, of the bits that are kept. */
const UNROLL = inverseOf(ROLL)

/** Tables whose place holds the sum of the checksums of their records, in no order. */
export const SUMMED: readonly Place[] = [
  'marks',
  'positions',
  'mappings',
  'values',
  'runs',
  'waiting',
  'dead letters',
]

/** Every place of a state; each has a checksum from the beginning, so that a missing one is noticed. */
export const PLACES: readonly Place[] = [
  'info',
  ...SUMMED,
  ...Array.from({ length: PARTITIONS }, (_, partition): Place => partitionPlace(partition)),
]

/** The place of a partition's rows. */
export function partitionPlace(partition: number): Place {
  return `partition ${partition}`
}

/** The place of a dead letter. */
export function letterPlace(code: string): Place {
  return code === WAITING_CODE ? 'waiting' : 'dead letters'
}

/** The code of dead letters that wait. */
export const WAITING_CODE = 'PENDING_USER'

/** The changes of one commit, gathered. */
export class ChecksumChanges {
  readonly #changes = new Map<Place, { times: number; plus: number }>()

  /** A snapshot replaces all that a partition held. */
  restart(partition: number, checksum: number): void {
    const change = this.#of(partitionPlace(partition))
    change.times = 0
    change.plus = checksum & CHECKSUM_MASK
  }

  /** A delta comes after all that a partition held. */
  append(partition: number, checksum: number): void {
    const change = this.#of(partitionPlace(partition))
    change.times = Math.imul(change.times, ROLL) & CHECKSUM_MASK
    change.plus = rolled(change.plus, checksum)
  }

  /** The last deltas of all that a partition holds become one. Before any change of that place. */
  merge(partition: number, checksums: readonly number[], merged: number): void {
    const change = this.#of(partitionPlace(partition))
    for (const _ of checksums.slice(1))
      change.times = Math.imul(change.times, UNROLL) & CHECKSUM_MASK
    change.plus = (merged - Math.imul(chainOf(checksums), change.times)) & CHECKSUM_MASK
  }

  add(place: Place, checksum: number): void {
    const change = this.#of(place)
    change.plus = (change.plus + checksum) & CHECKSUM_MASK
  }

  remove(place: Place, checksum: number): void {
    const change = this.#of(place)
    change.plus = (change.plus - checksum) & CHECKSUM_MASK
  }

  /** Only what does change. */
  all(): readonly ChecksumChange[] {
    const changes = [...this.#changes].map(([place, change]) => ({ place, ...change }))
    return changes.filter(({ times, plus }) => times !== 1 || plus !== 0)
  }

  #of(place: Place): { times: number; plus: number } {
    let change = this.#changes.get(place)
    if (change === undefined) this.#changes.set(place, (change = { times: 1, plus: 0 }))
    return change
  }
}

/** The checksum of a partition after one more snapshot or delta. */
function rolled(before: number, checksum: number): number {
  return (Math.imul(before, ROLL) + checksum) & CHECKSUM_MASK
}

/** Newton's way, which doubles the bits that are right. */
function inverseOf(odd: number): number {
  let inverse = odd
  for (let bits = 3; bits < 32; bits *= 2) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse))
  return inverse
}

/** Bytes of rows with their checksum, as they are written. */
export interface CheckedRows {
  readonly partition: number
  readonly checksum: number
  readonly bytes: Uint8Array
}

/** The rows of a group as they are written. */
export interface CheckedGroup {
  /** The first piece of each snapshot. */
  readonly snapshots: readonly Piece[]
  /** The others. */
  readonly pieces: readonly Piece[]
  readonly deltas: readonly CheckedRows[]
}

/** The rows of a group with their checksums, noted as changes of their places. */
export function checkRows(
  group: Pick<SettledGroup, 'snapshots' | 'deltas'>,
  changes: ChecksumChanges,
  cut: Cut,
): CheckedGroup {
  const all = group.snapshots.flatMap((snapshot) => piecesOf(snapshot, cut))
  const deltas = group.deltas.map(({ partition, bytes }) => ({
    partition,
    checksum: rowsChecksum('delta', partition, bytes),
    bytes,
  }))
  for (const { partition, piece, checksum } of all)
    if (piece === 0) changes.restart(partition, checksum)
    else changes.append(partition, checksum)
  for (const { partition, checksum } of deltas) changes.append(partition, checksum)
  return {
    snapshots: all.filter(({ piece }) => piece === 0),
    pieces: all.filter(({ piece }) => piece > 0),
    deltas,
  }
}

/** The checksum of a partition: over the pieces of its snapshot and its deltas, in order. */
export function chainOf(checksums: Iterable<number>): number {
  let chain = 0
  for (const checksum of checksums) chain = rolled(chain, checksum)
  return chain
}

/** The sum of the checksums of a place's records, and what it should be. */
export interface PlaceSum {
  readonly place: Place
  readonly sum: number
  readonly stored: number | undefined
}

/** What a store finds of places in which its records have no order. */
export interface FoundSums {
  readonly sums: readonly PlaceSum[]
  /** What stands for `info`. */
  readonly info: number | undefined
  /** How many places there are. */
  readonly places: number
}

/** What is wrong with places whose records have no order, one line each. @param info - what should stand for `info` */
export function brokenSums(found: FoundSums, info: number): readonly string[] {
  const sums = found.sums.filter(({ sum, stored }) => stored !== sum)
  const broken = sums.map(
    ({ place }) =>
      `its ${NAMES[place] ?? place} are not whole: a record is missing, or one too many`,
  )
  if (found.info !== info) broken.push('what it says of itself is not as it was written')
  if (found.places !== PLACES.length)
    broken.push('its checksums are not whole: one is missing, or one too many')
  return broken
}

const NAMES: Readonly<Partial<Record<Place, string>>> = {
  waiting: 'dead letters of users who wait',
}
