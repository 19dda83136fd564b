import { isJsonObject } from '@engage-sync/core'
import type { Held, Json, PendingImage, RowImage, StateStore } from '@engage-sync/core'
import { unreadable } from '../format/errors.ts'
import { NamedValues } from './named-value.ts'
import type { StoredValue } from './named-value.ts'

/** The row of an alias that turned out to be a user, on its way to whoever has the user's row. */
export interface Handover {
  /** Partition of the user. */
  readonly to: number
  /** Partition of the alias. */
  readonly from: number
  /** The external id. */
  readonly user: string
  /** The alias as `label NUL name`. */
  readonly alias: string
  /** How Braze is told that the two are one; null where it knows already, or never knew the alias. */
  readonly how: 'identify' | 'merge' | null
  readonly image: RowImage
  /** Columns of the image that the user's row has taken over already. */
  readonly taken: readonly number[]
}

/** A handover as the state holds it. */
export interface StoredHandover {
  readonly id: string
  readonly handover: Handover
}

const bySequence = new NamedValues<Handover>('handover:', { encode, decode })

/**
 * The id of a handover: those of one alias follow one another by run, and by number within it.
 *
 * @param sequence - of what one session handed over
 */
export function handoverId(
  { to, from }: Pick<Handover, 'to' | 'from'>,
  sequence: { readonly run: number; readonly number: number },
): string {
  return [to, from, sequence.run, sequence.number].join(':')
}

/** All that are on their way, those of one alias in order. */
export async function readHandovers(
  store: Pick<StateStore, 'values'>,
): Promise<readonly StoredHandover[]> {
  const stored = await bySequence.readAll(store)
  return [...stored]
    .map(([id, handover]) => ({ id, handover }))
    .sort((a, b) => compareIds(a.id, b.id))
}

/** What the commit that empties the alias's row writes with it. */
export function handedOver({ id, handover }: StoredHandover): StoredValue {
  return { ...bySequence.stored(id, handover), partition: handover.from }
}

/** What a commit writes that takes some columns over, and not yet the rest. */
export function takenOver(
  { id, handover }: StoredHandover,
  taken: ReadonlySet<number>,
): StoredValue {
  return {
    ...bySequence.stored(id, { ...handover, taken: [...taken] }),
    partition: handover.to,
  }
}

/** What the commit that writes the user's row writes with it. */
export function ended({ id, handover }: StoredHandover): StoredValue {
  return { ...bySequence.cleared(id), partition: handover.to }
}

/** What a commit writes that erases some users. @param users - identifiers as rows hold them */
export async function handoversAbout(
  store: Pick<StateStore, 'values'>,
  users: ReadonlySet<string>,
): Promise<readonly StoredValue[]> {
  const stored = await readHandovers(store)
  return stored
    .filter(({ handover: { user, alias } }) => users.has(user) || users.has(alias))
    .map(ended)
}

function compareIds(one: string, other: string): number {
  const [first, second] = [one, other].map((id) => id.split(':').map(Number))
  const differences = (first ?? []).map((part, index) => part - (second?.[index] ?? 0))
  return differences.find((difference) => difference !== 0) ?? 0
}

function encode({ to, from, user, alias, how, image, taken }: Handover): Json {
  const row = Buffer.from(image.row).toString('base64')
  const pending = image.pending.map(({ column, before, isInDoubt, text, events }) => ({
    column,
    before: ofHeld(before),
    isInDoubt,
    text,
    events: events.map((event) => ({
      held: ofHeld(event),
      isHistory: event.isHistory,
      text: event.text,
    })),
  }))
  return { to, from, user, alias, how, row, pending, taken: [...taken] }
}

function decode(stored: Json): Handover | undefined {
  if (!isJsonObject(stored)) return undefined
  const { to, from, user, alias, how, row, pending, taken } = stored
  const isHow = how === 'identify' || how === 'merge' || how === null
  if (typeof to !== 'number' || typeof from !== 'number' || typeof row !== 'string' || !isHow)
    return undefined
  if (typeof user !== 'string' || typeof alias !== 'string') return undefined
  if (!Array.isArray(pending) || !isNumbers(taken)) return undefined
  const image = { row: new Uint8Array(Buffer.from(row, 'base64')), pending: pending.map(decodeOne) }
  return { to, from, user, alias, how, image, taken }
}

function decodeOne(stored: Json): PendingImage {
  const { column, before, isInDoubt, text, events } = isJsonObject(stored) ? stored : {}
  const isText = typeof text === 'string' || text === null
  if (typeof column !== 'number' || !isText || !Array.isArray(events)) throw broken()
  const decoded = events.map((event) => {
    const { held, isHistory, text: value } = isJsonObject(event) ? event : {}
    if (typeof value !== 'string') throw broken()
    return { ...heldOf(held), isHistory: isHistory === true, text: value }
  })
  return { column, before: heldOf(before), isInDoubt: isInDoubt === true, text, events: decoded }
}

function ofHeld({ low, high, time }: Held): Json {
  return [low, high, time]
}

function heldOf(stored: Json | undefined): Held {
  if (!isNumbers(stored)) throw broken()
  const [low = 0, high = 0, time = 0] = stored
  return { low, high, time }
}

function isNumbers(stored: Json | undefined): stored is number[] {
  return Array.isArray(stored) && stored.every((one) => typeof one === 'number')
}

function broken(): Error {
  return unreadable('the row of an alias on its way is no longer what was written')
}
