import {
  chunkOf,
  digestOf,
  HashIndex,
  SOMETHING_ELSE,
  userKeyOf,
  valueText,
} from '@engage-sync/core'
import type {
  DeadLetter,
  FoldProgram,
  OpenPartition,
  Output,
  RawChunk,
  RunProgram,
} from '@engage-sync/core'
import { decodeRefused, decodeRejected } from '../../state/values/letter-payload.ts'
import type { RefusedValue } from '../../state/values/letter-payload.ts'
import type { Partitions, PassShard } from '../partitions/index.ts'
import type { RetriedLetters, RetriedChange } from './retried-letters.ts'

/** Letters looked at between two looks at the memory budget; records of a chunk. */
const AT_ONCE = 500

/** Where refused values are restored. */
export interface RestorePlace {
  readonly partitions: Partitions
  readonly outputs: RunProgram['outputs']
  readonly shard: PassShard
}

/**
 * Makes what the destination refused of a pass's users pending again as it was, unless a newer
 * value came since.
 *
 * False when the rows do not fit the budget.
 */
export async function restoreRefused(
  retried: RetriedLetters,
  place: RestorePlace,
  { signal, withinBudget }: { readonly signal: AbortSignal; readonly withinBudget: () => boolean },
): Promise<boolean> {
  let looked = 0
  for await (const letter of retried.letters()) {
    if (++looked % AT_ONCE === 0) {
      signal.throwIfAborted()
      if (!withinBudget()) return false
    }
    if (letter.stage === 'destination') await restore(retried, place, letter)
  }
  return withinBudget()
}

async function restore(
  retried: RetriedLetters,
  { partitions, outputs, shard }: RestorePlace,
  letter: DeadLetter,
): Promise<void> {
  const { id, subject, payload } = letter
  if (subject === null || !partitions.isHere(subject.partition, subject.user, shard)) return
  const output = outputs[Number(subject.slot)]
  if (output === undefined) return
  const open = await partitions.open(subject.partition)
  const row = open.rows.findKey(userKeyOf(subject.user))
  if (row < 0) return
  const refused = decodeRefused(payload)
  const change = (output.kind === 'event' ? restoreEvent : restoreValue)(open, row, {
    output,
    refused,
  })
  if (change !== null) retried.note(open, change, id!)
}

/**
 * The records of letters, each once, that a source's program is to fold again: newer values win by
 * themselves.
 */
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
    const { text, source: from } = decodeRejected(payload)
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
  const { low, high } = digestOf(text)
  const count = known.count
  return known.findOrAdd(low, high) < count
}

function restoreValue(
  open: OpenPartition,
  row: number,
  { output: { column }, refused }: { output: Output; refused: RefusedValue },
): RetriedChange | null {
  const { slots } = open.rows
  if (slots.time(row, column) > refused.time) return null
  open.forgetRefused(row, column)
  const { bytes, digest } = valueText(refused.value)
  const entry = open.propose(row, column, bytes)
  slots.write(row, column, { ...digest, time: refused.time })
  lookAt(open, row)
  return { entry, candidate: -1 }
}

/** The event counts as a change whatever was delivered since. */
function restoreEvent(
  open: OpenPartition,
  row: number,
  { output: { column }, refused }: { output: Output; refused: RefusedValue },
): RetriedChange {
  const entry = open.eventEntryFor(row, column, {
    ...SOMETHING_ELSE,
    time: open.rows.slots.time(row, column),
  })
  const { bytes, digest } = valueText(refused.value)
  const candidate = open.pending.addEvent(
    entry,
    { ...digest, time: refused.time, isHistory: false },
    bytes,
  )
  lookAt(open, row)
  return { entry, candidate }
}

function lookAt({ pending }: OpenPartition, row: number): void {
  pending.notes.touch(row)
  pending.notes.dirty(row)
}
