import { itemAt } from '@engage-sync/contract'
import { saysNothing } from '../fold/encoded.ts'
import { copyLeaf } from '../fold/fold-operand.ts'
import { joinPresence } from '../fold/presence.ts'
import { copyColumn } from '../rows/pending/copy-column.ts'
import {
  FALSE,
  isNothing,
  isSameDigest,
  MEMBER,
  NO_VALUE,
  NOTHING,
  NULL,
  SOMETHING_ELSE,
  TRUE,
  valueText,
} from '../rows/hash/digest.ts'
import type { Digest } from '../rows/hash/digest.ts'
import type { RowPlace } from '../rows/pending/open-partition.ts'
import { imageOf } from '../rows/pending/row-image.ts'
import type { RowImage } from '../rows/pending/row-image.ts'
import { tellFalsesAgain } from './first-false.ts'
import type { Output } from './outputs.ts'
import type { RunProgram } from './run-program.ts'

/**
 * Merges an alias's row into the row of the user it turned out to be: per slot the newest wins, and
 * everything the alias's user had that is newer becomes pending under the external id.
 *
 * Values delivered to the alias are known by the texts stored for alias rows. Counters add up,
 * verdicts follow their operand, and the alias's row is left empty.
 */
export function mergeAlias(program: RunProgram, alias: RowPlace, user: RowPlace): void {
  // Joining makes the user exist.
  const isMade = isAtBraze(alias) && !isAtBraze(user)
  for (const output of program.outputs) {
    if (output === undefined) continue
    if (output.kind === 'event') mergeEvents(output, alias, user)
    else if (output.isSegment) takeOver(output, alias, user)
    else {
      const held = heldAfterJoining(output, alias, user)
      mergeSlot(output, alias, user)
      if (held !== null) sendDifference(output, user, held)
    }
  }
  if (isMade) tellFalsesAgain(program, user)
  mergeOperands(program, alias, user)
  mergeCounts(program, alias, user)
  const { pending } = user.open
  pending.ensureRow(user.row)
  pending.notes.touch(user.row)
  pending.notes.dirty(user.row)
  clearRow(alias)
}

/** Empties an alias's row, whose user is worked on elsewhere; returns what was in it. */
export function takeOutAlias(alias: RowPlace): RowImage {
  const image = imageOf(alias)
  clearRow(alias)
  return image
}

function isAtBraze({ open, row }: RowPlace): boolean {
  return open.rows.flags.isCreated(row)
}

/** What Braze got under this row's identifier; both halves zero for nothing. */
function deliveredOf(place: RowPlace, { column }: Output): Digest {
  const { open, row } = place
  const entry = open.pending.find(row, column)
  const told = entry >= 0 ? open.pending.before(entry) : open.rows.slots.digest(row, column)
  // Who does not exist was told it in vain.
  return isSameDigest(told, FALSE.digest) && !isAtBraze(place) ? NOTHING : told
}

/**
 * What Braze holds of the user once it joined the two, where that is not what the user got from us:
 * empty attributes are filled from the alias, and memberships add up. Null where nothing came over.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_identify/
 */
function heldAfterJoining(output: Output, alias: RowPlace, user: RowPlace): Digest | null {
  if (!isAtBraze(alias)) return null
  const come = deliveredOf(alias, output)
  if (isNothing(come)) return null
  const before = deliveredOf(user, output)
  // A null may be known without ever having been sent; sent or not, the attribute is empty.
  const isFilled = isNothing(before) || isSameDigest(before, NO_VALUE)
  const isJoined = output.kind === 'cohort' && isSameDigest(come, MEMBER)
  return isFilled || isJoined ? come : null
}

/**
 * A segment's verdict is found anew, and sent: the two may not have been joined in every respect.
 */
function takeOver(output: Output, alias: RowPlace, user: RowPlace): void {
  const held = heldAfterJoining(output, alias, user)
  if (held === null) return
  user.open.rows.slots.writeDigest(user.row, output.column, held)
  proposeKnown(output, user, SOMETHING_ELSE)
}

/**
 * The newest value is the user's own and says nothing by itself, yet Braze holds something else: it
 * is sent.
 */
function sendDifference(output: Output, user: RowPlace, held: Digest): void {
  const { rows, pending } = user.open
  if (rows.slots.holds(user.row, output.column, held)) return
  const entry = pending.find(user.row, output.column)
  if (entry < 0) proposeKnown(output, user, held)
  else pending.setBefore(entry, held)
}

/** The values that may be known without ever having been sent. */
const KNOWN = [NULL, FALSE, TRUE]

/** Makes what a slot holds pending, where its text is known. */
function proposeKnown({ column }: Output, { open, row }: RowPlace, before: Digest): void {
  const known = KNOWN.find(({ digest }) => open.rows.slots.holds(row, column, digest))
  if (known !== undefined) open.pending.setBefore(open.propose(row, column, known.bytes), before)
}

/** Whether the alias's slot is newer, or as new with the larger digest. */
function isNewer(alias: RowPlace, user: RowPlace, column: number): boolean {
  const mine = alias.open.rows.slots.held(alias.row, column)
  const theirs = user.open.rows.slots.held(user.row, column)
  if (mine.time !== theirs.time) return mine.time > theirs.time
  return mine.high > theirs.high || (mine.high === theirs.high && mine.low > theirs.low)
}

/**
 * What a slot holds: pending in this run, stored when it was delivered, or what said nothing of the
 * alias, of whom nothing was said. To the user it may say something.
 */
function valueOf(
  { open: { pending, rows }, row }: RowPlace,
  output: Output,
): ReturnType<typeof valueText> | undefined {
  const { column, encoding } = output
  const entry = pending.find(row, column)
  const text =
    entry >= 0 && pending.isOpen(entry) ? pending.text(entry) : rows.storedTexts.get(row, column)
  if (text !== undefined) return valueText(text)
  return KNOWN.find(
    ({ bytes, digest }) =>
      rows.slots.holds(row, column, digest) && saysNothing(itemAt(bytes, 0), encoding),
  )
}

function mergeSlot(output: Output, alias: RowPlace, user: RowPlace): void {
  const isDoubted = isInDoubt(output, alias)
  if (isNewer(alias, user, output.column)) takeNewer(output, alias, user)
  if (isDoubted) tellAgain(output, user)
}

function takeNewer(output: Output, alias: RowPlace, user: RowPlace): void {
  const { column } = output
  const value = valueOf(alias, output)
  const { slots } = user.open.rows
  if (value !== undefined) {
    user.open.propose(user.row, column, value.bytes)
    slots.writeDigest(user.row, column, value.digest)
  }
  slots.renew(user.row, column, alias.open.rows.slots.time(alias.row, column))
}

function isInDoubt({ column }: Output, { open: { pending }, row }: RowPlace): boolean {
  const entry = pending.find(row, column)
  return entry >= 0 && pending.isOpen(entry) && pending.isInDoubt(entry)
}

/**
 * The user may have got what was the alias's without an answer: what the slot ends with is sent,
 * where it is known.
 */
function tellAgain(output: Output, { open, row }: RowPlace): void {
  const { pending, rows } = open
  const entry = pending.find(row, output.column)
  if (entry >= 0) return pending.doubt(entry)
  const told = rows.storedTexts.get(row, output.column)
  const known = told === undefined ? KNOWN : [...KNOWN, valueText(told)]
  const held = known.find(({ digest }) => rows.slots.holds(row, output.column, digest))
  if (held !== undefined) pending.doubt(open.propose(row, output.column, held.bytes))
}

/** Events already delivered to the alias stay its own; those still to send go to the user. */
function mergeEvents({ column }: Output, alias: RowPlace, user: RowPlace): void {
  const entry = alias.open.pending.find(alias.row, column)
  if (entry >= 0) moveEvents(alias, user, { column, entry })
  if (isNewer(alias, user, column))
    user.open.rows.slots.write(user.row, column, alias.open.rows.slots.held(alias.row, column))
}

function moveEvents(
  alias: RowPlace,
  user: RowPlace,
  { column, entry }: { readonly column: number; readonly entry: number },
): void {
  const from = alias.open.pending
  const to = user.open.pending
  const target = user.open.eventEntryFor(user.row, column)
  const { time } = to.before(target)
  for (const event of from.eventsOf(entry)) {
    if (event.time > time) to.addEvent(target, event, from.eventBytes(event.candidate))
  }
  from.turn(entry, 'withdraw')
}

function mergeOperands(program: RunProgram, alias: RowPlace, user: RowPlace): void {
  for (const key of program.fold.keys.flat()) {
    joinPresence(key, alias, user)
    for (const { column, leaves } of key.operands) {
      if (!isNewer(alias, user, column)) continue
      copyColumn(alias, user, column)
      for (const leaf of leaves) copyLeaf(leaf, alias, user)
    }
  }
}

/** Lifetime counts add up; of daily counts the user's are kept where it has any. */
function mergeCounts(program: RunProgram, alias: RowPlace, user: RowPlace): void {
  const { counts } = user.open.rows
  for (const { column, daily } of program.fold.counters) {
    if (!daily) counts.add(user.row, column, alias.open.rows.counts.total(alias.row, column))
    else if (!counts.hasDays(user.row, column)) copyColumn(alias, user, column)
  }
}

/** Leaves an empty row, which must be written as that. */
function clearRow({ open: { rows, pending }, row }: RowPlace): void {
  rows.clearColumns(row)
  for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry))
    pending.turn(entry, 'withdraw')
  pending.forgetRow(row)
  pending.notes.dirty(row)
}
