import { isDeepStrictEqual } from 'node:util'
import type { SourcePosition } from '@engage-sync/contract'
import { badPosition } from '../../source/index.ts'

/**
 * After which message a stream was read.
 *
 * A server that lost what it had not synced gives the same sequences again; by the time of the
 * message it is known whether it is still the same one.
 */
export interface NatsPosition {
  readonly sequence: number
  /** When the server stored it, milliseconds since the epoch. */
  readonly time: number
  /** Whose sequences these are. Left out in those of former versions: of whatever is read. */
  readonly of?: NatsPlace
}

/** What is read: another one has sequences of its own. */
export interface NatsPlace {
  readonly stream: string
  /** Null for all of the stream. */
  readonly subject: string | null
  /** When the stream was made, milliseconds since the epoch: one that is made anew begins again. */
  readonly made: number
}

/** Before all messages, of whatever stream. */
const BEGINNING: NatsPosition = { sequence: 0, time: 0 }

/**
 * Null for the beginning.
 *
 * @throws {SourceError} `SOURCE_POSITION` for one of another kind of source
 */
export function readNatsPosition(
  position: SourcePosition | null,
  name: string,
): NatsPosition | null {
  if (position === null) return null
  const { sequence, time, of } = position as Partial<NatsPosition>
  if (!Number.isSafeInteger(sequence) || typeof time !== 'number') throw badPosition(name)
  if (sequence === 0) return null
  return { sequence: sequence as number, time, ...(of !== undefined && { of }) }
}

/** As it is stored. */
export function storedNatsPosition({ sequence, time, of }: NatsPosition): SourcePosition {
  return { sequence, time, ...(of !== undefined && { of: { ...of } }) }
}

/**
 * The one that was stored first: a server that lost its newest messages gives sequences again. The
 * beginning, where they are not all of one stream.
 */
export function earliestNatsPosition(
  positions: readonly SourcePosition[],
  name: string,
): SourcePosition {
  const read = positions.map((one) => readNatsPosition(one, name) ?? BEGINNING)
  const places = read.flatMap(({ of }) => of ?? [])
  const isOne = places.every((place) => isDeepStrictEqual(place, places[0]))
  if (!isOne) return storedNatsPosition(BEGINNING)
  return storedNatsPosition(read.reduce((least, one) => (isBefore(one, least) ? one : least)))
}

function isBefore(one: NatsPosition, other: NatsPosition): boolean {
  return one.time < other.time || (one.time === other.time && one.sequence < other.sequence)
}
