import { buildRowUpdate, isReasonToCreate, userOfRow } from '@engage-sync/core'
import type {
  PendingOutput,
  RowEvents,
  RowPlace,
  RowUpdate,
  RunProgram,
  Update,
} from '@engage-sync/core'
import type { RowInFlight } from './row-in-flight.ts'

/** What a row has to send: its entries, and what its event entries amount to. */
interface RowContent {
  readonly events: RowEvents
  readonly entries: readonly PendingOutput[]
}

/** A row's next object. */
interface NextUpdate {
  readonly update: RowUpdate
  /** Its user exists, or this is a reason for that. */
  readonly isReason: boolean
}

/**
 * What goes in a row's next object: of a user who does not exist yet, what is a reason for that
 * goes first.
 */
export function nextUpdate(
  { fold }: RunProgram,
  place: RowPlace,
  { events, entries }: RowContent,
): NextUpdate {
  const { open, row } = place
  const update = buildRowUpdate({ program: fold, open, row, events, entries })
  if (isReason(place, update)) return { update, isReason: true }
  const reasons = entries.filter((pending) => isReasonToCreate(open, pending))
  if (reasons.length === 0) return { update, isReason: false }
  const first = buildRowUpdate({ program: fold, open, row, events, entries: reasons })
  return { update: first, isReason: isReason(place, first) }
}

/** Whether an update is for a user who exists, or a reason for that. */
export function isReason(
  { open, row }: RowPlace,
  { attributeEntries, eventEntries }: RowUpdate,
): boolean {
  const { flags } = open.rows
  return (
    flags.isCreated(row) ||
    eventEntries.length > 0 ||
    attributeEntries.some((pending) => isReasonToCreate(open, pending))
  )
}

/**
 * A row's update as the destination takes it.
 *
 * @param how - `createUsers` names the syncs that may create users
 */
export function addressedUpdate(
  ref: number,
  how: {
    readonly flight: RowInFlight
    readonly update: RowUpdate
    readonly createUsers: ReadonlySet<string>
  },
): Update {
  const { flight, update, createUsers } = how
  const { open, row } = flight
  const { attributes, attributeNames, events, attributeEntries, eventEntries } = update
  const isExisting = open.rows.flags.isCreated(row)
  const mayCreate = (pending: PendingOutput) =>
    createUsers.has(pending.output.syncName) && (isExisting || isReasonToCreate(open, pending))
  return {
    ref,
    user: userOfRow(open.rows, row),
    attributes,
    attributeNames,
    events,
    memberships: [],
    createUser: attributeEntries.some(mayCreate) || eventEntries.some(mayCreate),
  }
}
