import type { Output } from '../plan/outputs.ts'
import type { RunProgram } from '../plan/run-program.ts'
import { MEMBER } from '../plan/evaluate-segment.ts'
import { hashOut } from '../rows/hash.ts'
import { ROW_CREATED } from '../rows/layout.ts'
import type { Layout } from '../rows/layout.ts'
import { hashText } from './fold-cursor.ts'
import { DIRTY, TOUCHED } from './encoded.ts'
import { PENDING_EVENT, PENDING_SILENT } from './pending.ts'
import { SEEN } from './program.ts'
import type { KeyProgram } from './program.ts'
import type { OpenPartition } from './rows.ts'

/** A row in its partition. */
export interface RowPlace {
  readonly open: OpenPartition
  readonly row: number
}

/**
 * Merges an alias's row into the row of the user it turned out to be: per slot the newest wins, and everything the
 * alias's user had that is newer becomes pending under the external id.
 *
 * Values delivered to the alias are known by the text kept for alias rows. Counters add up, verdicts follow their
 * operand, and the alias's row is left empty.
 */
export function promoteRow(program: RunProgram, alias: RowPlace, user: RowPlace): void {
  for (const output of program.outputs) {
    if (output === undefined) continue
    if (output.kind === 'event') promoteEvents(output, alias, user)
    else if (output.isSegment) takeOver(output, alias, user)
    else {
      const held = heldAfterJoining(output, alias, user)
      promoteSlot(output, alias, user)
      if (held !== null) sendDifference(output, user, held)
    }
  }
  promoteOperands(program, alias, user)
  promoteCounts(program, alias, user)
  user.open.pending.ensureRow(user.row)
  user.open.pending.touched[user.row] |= TOUCHED | DIRTY
  clearRow(alias)
}

interface Digest {
  readonly low: number
  readonly high: number
}

/** What Braze got under this row's identifier; both zero for nothing. */
function deliveredOf({ open, row }: RowPlace, output: Output): Digest {
  const { pending, rows } = open
  const entry = pending.find(row, output.column)
  if (entry >= 0) return { low: pending.beforeLow[entry], high: pending.beforeHigh[entry] }
  const at = row * rows.layout.stride + output.offset
  return { low: rows.words[at], high: rows.words[at + 1] }
}

/**
 * What Braze holds of the user once it joined the two, where that is not what the user got from us: empty attributes
 * are filled from the alias, and memberships add up. Null where nothing came over.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_identify/
 */
function heldAfterJoining(output: Output, alias: RowPlace, user: RowPlace): Digest | null {
  if ((alias.open.rows.words[alias.row * alias.open.rows.layout.stride] & ROW_CREATED) === 0) return null
  const come = deliveredOf(alias, output)
  if (come.low === 0 && come.high === 0) return null
  const own = deliveredOf(user, output)
  const isFilled = own.low === 0 && own.high === 0
  const isJoined = output.kind === 'cohort' && isSame(come, MEMBER)
  return isFilled || isJoined ? come : null
}

/** A digest no value has: whatever the slot ends with is sent. */
const SOMETHING_ELSE: Digest = { low: 0, high: 1 }

/** A segment's verdict is found anew, and sent: the two may not have been joined in every respect. */
function takeOver(output: Output, alias: RowPlace, user: RowPlace): void {
  const held = heldAfterJoining(output, alias, user)
  if (held === null) return
  const at = wordOf(user, output.offset)
  user.open.rows.words[at] = held.low
  user.open.rows.words[at + 1] = held.high
  addKnown(output, user, SOMETHING_ELSE)
}

/** The newest value is the user's own and says nothing by itself, yet Braze holds something else: it is sent. */
function sendDifference(output: Output, user: RowPlace, held: Digest): void {
  const { rows, pending } = user.open
  const at = wordOf(user, output.offset)
  if (isSame(held, { low: rows.words[at], high: rows.words[at + 1] })) return
  const entry = pending.find(user.row, output.column)
  if (entry < 0) return addKnown(output, user, held)
  pending.beforeLow[entry] = held.low
  pending.beforeHigh[entry] = held.high
}

/** Makes what a slot holds pending, where its text is known. */
function addKnown(output: Output, user: RowPlace, before: Digest): void {
  const { rows, pending } = user.open
  const at = wordOf(user, output.offset)
  const text = TEXTS.find(({ digest }) => isSame(digest, { low: rows.words[at], high: rows.words[at + 1] }))?.bytes
  if (text === undefined) return
  const found = pending.find(user.row, output.column)
  const entry = found >= 0 ? found : pending.add(user.row, output.column, { ...before, time: rows.times[(at + 2) >> 1] })
  pending.beforeLow[entry] = before.low
  pending.beforeHigh[entry] = before.high
  pending.value[entry] = pending.arena.add(text, 0, text.length)
  pending.length[entry] = text.length
}

function isSame(a: Digest, b: Digest): boolean {
  return a.low === b.low && a.high === b.high
}

/** The values that may be known without ever having been sent. */
const TEXTS = ['null', 'false', 'true'].map((text) => {
  const bytes = hashText(text)
  return { bytes, digest: { low: hashOut[0], high: hashOut[1] } }
})

function wordOf({ open, row }: RowPlace, offset: number): number {
  return row * open.rows.layout.stride + offset
}

function timeOf(place: RowPlace, offset: number): number {
  return place.open.rows.times[(wordOf(place, offset) + 2) >> 1]
}

/** Whether the alias's slot is newer, or as new with the larger digest. */
function isNewer(alias: RowPlace, user: RowPlace, offset: number): boolean {
  const difference = timeOf(alias, offset) - timeOf(user, offset)
  if (difference !== 0) return difference > 0
  const mine = wordOf(alias, offset)
  const theirs = wordOf(user, offset)
  const { words } = alias.open.rows
  const other = user.open.rows.words
  return words[mine + 1] > other[theirs + 1] || (words[mine + 1] === other[theirs + 1] && words[mine] > other[theirs])
}

/** The text of what a slot holds: pending in this run, or kept when it was delivered. */
function textOf({ open, row }: RowPlace, output: Output): string | undefined {
  const { pending, rows } = open
  const entry = pending.find(row, output.column)
  if (entry >= 0 && (pending.flags[entry] & PENDING_SILENT) === 0) return pending.arena.text(pending.value[entry], pending.length[entry])
  return rows.kept.get(row * rows.layout.columns.length + output.column)
}

function promoteSlot(output: Output, alias: RowPlace, user: RowPlace): void {
  if (!isNewer(alias, user, output.offset)) return
  const text = textOf(alias, output)
  const at = wordOf(user, output.offset)
  const { rows, pending } = user.open
  const time = timeOf(alias, output.offset)
  if (text !== undefined) {
    const bytes = hashText(text)
    const low = hashOut[0]
    const high = hashOut[1]
    let entry = pending.find(user.row, output.column)
    if (entry < 0)
      entry = pending.add(user.row, output.column, { low: rows.words[at], high: rows.words[at + 1], time: rows.times[(at + 2) >> 1] })
    pending.value[entry] = pending.arena.add(bytes, 0, bytes.length)
    pending.length[entry] = bytes.length
    pending.flags[entry] &= ~PENDING_SILENT
    rows.words[at] = low
    rows.words[at + 1] = high
  }
  rows.times[(at + 2) >> 1] = time
}

/** Events already delivered to the alias stay its own; those still to send go to the user. */
function promoteEvents(output: Output, alias: RowPlace, user: RowPlace): void {
  const from = alias.open.pending
  const to = user.open.pending
  const entry = from.find(alias.row, output.column)
  const at = wordOf(user, output.offset)
  const { words, times } = user.open.rows
  if (entry >= 0) {
    let target = to.find(user.row, output.column)
    if (target < 0) {
      target = to.add(user.row, output.column, { low: words[at], high: words[at + 1], time: times[(at + 2) >> 1] })
      to.flags[target] = PENDING_EVENT
    }
    for (let candidate = from.value[entry]; candidate >= 0; candidate = from.candidates.next[candidate]) {
      if (from.candidates.time[candidate] > to.beforeTime[target]) moveCandidate(alias, user, { candidate, target })
    }
    from.flags[entry] |= PENDING_SILENT
  }
  if (!isNewer(alias, user, output.offset)) return
  const source = wordOf(alias, output.offset)
  words[at] = alias.open.rows.words[source]
  words[at + 1] = alias.open.rows.words[source + 1]
  times[(at + 2) >> 1] = timeOf(alias, output.offset)
}

function moveCandidate(alias: RowPlace, user: RowPlace, move: { candidate: number; target: number }): void {
  const from = alias.open.pending
  const to = user.open.pending
  const { candidate, target } = move
  const moved = to.candidates.add(to.value[target])
  to.value[target] = moved
  to.candidates.time[moved] = from.candidates.time[candidate]
  to.candidates.low[moved] = from.candidates.low[candidate]
  to.candidates.high[moved] = from.candidates.high[candidate]
  to.candidates.history[moved] = from.candidates.history[candidate]
  const start = from.candidates.value[candidate]
  to.candidates.value[moved] = to.arena.add(from.arena.bytes, start, start + from.candidates.length[candidate])
  to.candidates.length[moved] = from.candidates.length[candidate]
}

/** Who is known by one of the two is known. */
function promoteSeen({ seenOffset }: KeyProgram, alias: RowPlace, user: RowPlace): void {
  const { words } = user.open.rows
  const known = alias.open.rows.words[wordOf(alias, seenOffset)]
  if (known === SEEN || words[wordOf(user, seenOffset)] === 0) words[wordOf(user, seenOffset)] = known
}

function promoteOperands(program: RunProgram, alias: RowPlace, user: RowPlace): void {
  const { layout } = user.open.rows
  for (const key of program.fold.keys.flat()) {
    promoteSeen(key, alias, user)
    for (const operand of key.operands) {
      if (!isNewer(alias, user, operand.offset)) continue
      copyColumn(alias, user, { layout, column: operand.column })
      for (const leaf of operand.leaves) copyLeaf(alias, user, leaf)
    }
  }
}

/** Verdict words are shared by leaves of several operands, so bits are copied one by one. */
function copyLeaf(alias: RowPlace, user: RowPlace, leaf: { readonly offset: number; readonly mask: number }): void {
  const from = wordOf(alias, leaf.offset)
  const to = wordOf(user, leaf.offset)
  if (leaf.mask === 0) {
    user.open.rows.times[to >> 1] = alias.open.rows.times[from >> 1]
    return
  }
  const bit = alias.open.rows.words[from] & leaf.mask
  user.open.rows.words[to] = (user.open.rows.words[to] & ~leaf.mask) | bit
}

function copyColumn(alias: RowPlace, user: RowPlace, { layout, column }: { readonly layout: Layout; readonly column: number }): void {
  const from = wordOf(alias, layout.offsets[column])
  const to = wordOf(user, layout.offsets[column])
  for (let word = 0; word < layout.wordsOf(column); word++) user.open.rows.words[to + word] = alias.open.rows.words[from + word]
}

/** Lifetime counts add up; of daily counts the user's are kept where it has any. */
function promoteCounts(program: RunProgram, alias: RowPlace, user: RowPlace): void {
  const { layout } = user.open.rows
  for (const counter of program.fold.counters) {
    const from = wordOf(alias, counter.offset)
    const to = wordOf(user, counter.offset)
    if (!counter.daily) user.open.rows.words[to] += alias.open.rows.words[from]
    else if (user.open.rows.words[to] === 0) copyColumn(alias, user, { layout, column: counter.column })
  }
}

function clearRow({ open, row }: RowPlace): void {
  const { rows, pending } = open
  const { stride } = rows.layout
  rows.words.fill(0, row * stride + 1, (row + 1) * stride)
  for (const column of rows.layout.columns) rows.kept.delete(row * rows.layout.columns.length + column.number)
  for (let entry = pending.head[row]; entry >= 0; entry = pending.next[entry]) pending.flags[entry] |= PENDING_SILENT
  pending.head[row] = -1
  pending.touched[row] = DIRTY
}
