import { chunkOf, DIRTY, HashIndex, hashOut, hashText, PENDING_EVENT, TOUCHED } from '@engage-sync/core'
import type { DeadLetter, FoldProgram, OpenPartition, Output, RawChunk } from '@engage-sync/core'
import type { PassShard } from '../partitions/pass-shard.ts'
import type { RefusedValue } from '../dead-letters/refused-value.ts'
import { recordOf } from './retried-letters.ts'
import type { RetriedLetters, RetriedChange } from './retried-letters.ts'
import type { Session } from '../session.ts'
import { rowOf } from '../deferred/load.ts'

/** Letters looked at between two looks at the memory budget; records of a chunk. */
const AT_ONCE = 500

/**
 * Makes what the destination refused of a group's users pending again as it was, unless a newer value came since.
 *
 * False when the rows do not fit the budget.
 */
export async function restoreRefused(session: Session, retry: RetriedLetters, { group, withinBudget }: Pass): Promise<boolean> {
  let looked = 0
  for await (const letter of retry.letters()) {
    if (++looked % AT_ONCE === 0) {
      session.options.signal.throwIfAborted()
      if (!withinBudget()) return false
    }
    if (letter.stage === 'destination') await restore(session, retry, { letter, group })
  }
  return withinBudget()
}

interface Pass {
  readonly group: PassShard
  readonly withinBudget: () => boolean
}

async function restore(
  session: Session,
  retry: RetriedLetters,
  { letter, group }: { letter: DeadLetter; group: PassShard },
): Promise<void> {
  const { id, subject, payload } = letter
  if (subject === null || !session.partitions.isHere(subject.partition, subject.user, group)) return
  const output = session.prepared.program.outputs[Number(subject.slot)]
  if (output === undefined) return
  const open = await session.partitions.open(subject.partition)
  const row = rowOf(open, subject.user)
  if (row < 0) return
  const refused = payload as unknown as RefusedValue
  const change = (output.kind === 'event' ? restoreEvent : restoreValue)(open, row, { output, refused })
  if (change !== null) retry.note(open, change, id!)
}

/** The records of letters, each once, that a source's program is to fold again: newer values win by themselves. */
export async function* retriedRecords(
  retry: RetriedLetters,
  { source, program }: { readonly source: string; readonly program: FoldProgram },
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  const names = new Set(program.syncs.map(({ name }) => name))
  const known = new HashIndex()
  let texts: string[] = []
  let firstRecord = 1
  const chunk = () => ({ ...chunkOf(texts), origin: { name: 'dead letters', firstRecord } })
  for await (const { stage, sync, payload } of retry.letters()) {
    if (stage === 'destination' || (sync !== '*' && !names.has(sync))) continue
    const { text, source: from } = recordOf(payload)
    if (from !== null && from !== source) continue
    if (text === '' || isKnown(known, text)) continue
    texts.push(text)
    if (texts.length < AT_ONCE) continue
    signal.throwIfAborted()
    yield chunk()
    firstRecord += texts.length
    texts = []
  }
  if (texts.length > 0) yield chunk()
}

function isKnown(known: HashIndex, text: string): boolean {
  hashText(text)
  const count = known.count
  return known.findOrAdd(hashOut[0], hashOut[1]) < count
}

function restoreValue(
  open: OpenPartition,
  row: number,
  { output, refused }: { output: Output; refused: RefusedValue },
): RetriedChange | null {
  const { rows, pending } = open
  const at = row * rows.layout.stride + output.offset
  if (rows.times[(at + 2) >> 1] > refused.time) return null
  const place = row * rows.layout.columns.length + output.column
  rows.refused.delete(place)
  open.refusedDirty.push(place)
  let entry = pending.find(row, output.column)
  if (entry < 0) entry = pending.add(row, output.column, { low: rows.words[at], high: rows.words[at + 1], time: rows.times[(at + 2) >> 1] })
  const bytes = hashText(refused.value)
  rows.words[at] = hashOut[0]
  rows.words[at + 1] = hashOut[1]
  rows.times[(at + 2) >> 1] = refused.time
  pending.value[entry] = pending.arena.add(bytes, 0, bytes.length)
  pending.length[entry] = bytes.length
  pending.touched[row] |= TOUCHED | DIRTY
  return { entry, candidate: -1 }
}

/** A digest no value has, so that the event counts as a change whatever was delivered since. */
const SOMETHING_ELSE = { low: 0, high: 1 }

function restoreEvent(open: OpenPartition, row: number, { output, refused }: { output: Output; refused: RefusedValue }): RetriedChange {
  const { pending, rows } = open
  const timeAt = (row * rows.layout.stride + output.offset + 2) >> 1
  let entry = pending.find(row, output.column)
  if (entry < 0) {
    entry = pending.add(row, output.column, { ...SOMETHING_ELSE, time: rows.times[timeAt] })
    pending.flags[entry] = PENDING_EVENT
  }
  const { candidates } = pending
  const bytes = hashText(refused.value)
  const candidate = candidates.add(pending.value[entry])
  candidates.time[candidate] = refused.time
  candidates.low[candidate] = hashOut[0]
  candidates.high[candidate] = hashOut[1]
  candidates.history[candidate] = 0
  candidates.value[candidate] = pending.arena.add(bytes, 0, bytes.length)
  candidates.length[candidate] = bytes.length
  pending.value[entry] = candidate
  pending.touched[row] |= TOUCHED | DIRTY
  return { entry, candidate }
}
