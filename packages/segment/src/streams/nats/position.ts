import type { SourcePosition } from '@engage-sync/contract'
import { badPosition } from '../../source/index.ts'

/**
 * After which message a stream was read.
 *
 * A server that lost what it had not synced, or whose stream was made anew, gives the same sequences
 * again; by the time of the message it is known whether it is still the same one.
 */
export interface NatsPosition {
  readonly sequence: number
  /** When the server stored it, milliseconds since the epoch. */
  readonly time: number
}

/** @throws {SourceError} `SOURCE_POSITION` for one of another kind of source */
export function readNatsPosition(
  position: SourcePosition | null,
  name: string,
): NatsPosition | null {
  if (position === null) return null
  const { sequence, time } = position as Partial<NatsPosition>
  if (!Number.isSafeInteger(sequence) || typeof time !== 'number') throw badPosition(name)
  return { sequence: sequence as number, time }
}

/** As it is stored. */
export function storedNatsPosition({ sequence, time }: NatsPosition): SourcePosition {
  return { sequence, time }
}

/** The one that was stored first: a server that lost its newest messages gives sequences again. */
export function earliestNatsPosition(
  positions: readonly SourcePosition[],
  name: string,
): SourcePosition {
  const read = positions.flatMap((one) => readNatsPosition(one, name) ?? [])
  return storedNatsPosition(read.reduce((least, one) => (isBefore(one, least) ? one : least)))
}

function isBefore(one: NatsPosition, other: NatsPosition): boolean {
  return one.time < other.time || (one.time === other.time && one.sequence < other.sequence)
}
