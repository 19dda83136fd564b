import { chunkOf, DIRTY, Folder, hashOut, hashText, PENDING_EVENT, TOUCHED } from '@engage-sync/core'
import type { DeadLetter, OpenPartition, Output } from '@engage-sync/core'
import type { RefusedValue } from './letters.ts'
import { foldChunk } from './read.ts'
import type { SourceReading } from './read.ts'
import { RecordLetters } from './record-letters.ts'
import type { Session } from './session.ts'
import { rowOf } from './waiting.ts'

/**
 * Makes the dead letters of a retry pending again.
 *
 * What the destination refused is queued as it was, unless a newer value came since; records that could not be read
 * or mapped are folded again, so that newer values win by themselves.
 */
export async function foldRetries(session: Session, add: (letter: DeadLetter) => void): Promise<readonly SourceReading[]> {
  const letters = session.options.retry ?? []
  for (const letter of letters) if (letter.stage === 'destination') await requeue(session, letter)
  return foldRecords(
    session,
    letters.filter(({ stage }) => stage !== 'destination'),
    add,
  )
}

async function requeue(session: Session, { subject, payload }: DeadLetter): Promise<void> {
  if (subject === null) return
  const output = session.prepared.program.outputs[Number(subject.slot)]
  if (output === undefined) return
  const open = await session.partitions.open(subject.partition)
  const row = rowOf(open, subject.user)
  if (row < 0) return
  const refused = payload as unknown as RefusedValue
  if (output.kind === 'event') requeueEvent(open, row, { output, refused })
  else requeueValue(open, row, { output, refused })
}

function requeueValue(open: OpenPartition, row: number, { output, refused }: { output: Output; refused: RefusedValue }): void {
  const { rows, pending } = open
  const at = row * rows.layout.stride + output.offset
  if (rows.times[(at + 2) >> 1] > refused.time) return
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
}

/** A digest no value has, so that the event counts as a change whatever was delivered since. */
const SOMETHING_ELSE = { low: 0, high: 1 }

function requeueEvent(open: OpenPartition, row: number, { output, refused }: { output: Output; refused: RefusedValue }): void {
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
}

async function foldRecords(
  session: Session,
  letters: readonly DeadLetter[],
  add: (letter: DeadLetter) => void,
): Promise<readonly SourceReading[]> {
  const { prepared, rows, partitions, options, letterContext } = session
  const readings: SourceReading[] = []
  for (const [source, program] of prepared.programs) {
    const mine = letters.filter(({ sync }) => sync === '*' || program.syncs.some(({ name }) => name === sync))
    const texts = [...new Set(mine.map(recordOf))].filter((text) => text !== '')
    if (texts.length === 0) continue
    const listener = new RecordLetters(letterContext, true, add)
    const folder = new Folder({ program, rows, decoder: options.createDecoder(program.plan), listener, tellsAgain: true })
    const chunk = chunkOf(texts, 'dead letters')
    listener.chunk = chunk
    await foldChunk(partitions, folder, chunk)
    readings.push({ source, folder, position: null, records: texts.length, decoded: texts.length, goneAt: null })
  }
  return readings
}

function recordOf({ payload }: DeadLetter): string {
  if (typeof payload === 'string') return payload
  const { record } = payload as { readonly record?: unknown }
  return typeof record === 'string' ? record : ''
}
