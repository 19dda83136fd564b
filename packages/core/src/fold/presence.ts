import type { RowPlace } from '../rows/pending/open-partition.ts'
import type { OpenRows } from '../rows/pending/open-rows.ts'
import { GONE, SEEN } from './program.ts'

/** Where a program keeps what its sync knows of a row's user. */
interface SeenColumn {
  /** @internal */
  readonly seenOffset: number
}

/**
 * Whether a sync has seen a row's user, who is not gone since; its segments range over those only.
 */
export function hasSeen(program: SeenColumn, place: RowPlace): boolean {
  return presenceOf(program, place) === SEEN
}

/** Whether the source of a sync has the user no more. */
export function isGone(program: SeenColumn, place: RowPlace): boolean {
  return presenceOf(program, place) === GONE
}

/**
 * Whether a sync knows anything of the user: that there are records, or that there are none any
 * more.
 */
export function isKnown(program: SeenColumn, place: RowPlace): boolean {
  return presenceOf(program, place) !== 0
}

/** The sync has seen the user from now on. */
export function markSeen({ seenOffset }: SeenColumn, { open: { rows }, row }: RowPlace): void {
  rows.words[row * rows.layout.stride + seenOffset] = SEEN
}

/** The source of the sync has the user no more. */
export function markGone({ seenOffset }: SeenColumn, { open: { rows }, row }: RowPlace): void {
  rows.words[row * rows.layout.stride + seenOffset] = GONE
}

/** Of two rows that become one: who is known by one of them is known. */
export function joinPresence(program: SeenColumn, from: RowPlace, into: RowPlace): void {
  const known = presenceOf(program, from)
  const { rows } = into.open
  const at = into.row * rows.layout.stride + program.seenOffset
  if (known === SEEN || rows.words[at] === 0) rows.words[at] = known
}

function presenceOf({ seenOffset }: SeenColumn, { open: { rows }, row }: RowPlace): number {
  return rows.words[row * rows.layout.stride + seenOffset]
}

/** Forgets which rows the source read so far spoke of. */
export function startRead({ partitions }: OpenRows): void {
  for (const open of partitions) open?.pending.notes.startRead()
}
