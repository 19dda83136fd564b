import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventLog, RawChunk, SourcePosition } from '@engage-sync/contract'
import { spoolLag } from './backlog.ts'
import { readFiles } from './spool.ts'
import { filesIn, SpoolWriter } from './spool-writer.ts'

const NEWLINE = Buffer.from('\n')

/** A spool that is given up for another log. */
export interface FormerSpool {
  /** Name of the source in messages. */
  readonly name: string
  readonly directory: string
  /** How far it was worked on; null for not at all. */
  readonly from: SourcePosition | null
}

/**
 * Appends to another log what a spool still holds, and removes its files after; how many records.
 *
 * Shape: what is appended is durable there before it is removed here, so that a process that dies
 * between appends some of it twice. Nobody may append to the spool meanwhile.
 */
export async function moveSpool(
  { name, directory, from }: FormerSpool,
  log: Pick<EventLog, 'append'>,
  signal: AbortSignal,
): Promise<number> {
  const files = await filesIn(directory)
  const { bytes } = await spoolLag({ name, directory }, null)
  if (bytes === 0) return 0
  const chunks = readFiles({ name, directory, isWhole: false }, from, signal)
  const records = await appendChunks(log, chunks)
  // The numbers of files go on, so that no name comes twice.
  const writer = new SpoolWriter(directory, Infinity)
  await writer.renew()
  await writer.close()
  for (const file of files) await rm(join(directory, file), { force: true })
  return records
}

/** Appends what is read of another log; how many records. */
export async function appendChunks(
  log: Pick<EventLog, 'append'>,
  chunks: AsyncIterable<RawChunk>,
): Promise<number> {
  let records = 0
  for await (const { bytes, spans, count } of chunks) {
    if (count === 0) continue
    const lines = Array.from({ length: count }, (_, at) => [
      bytes.subarray(spans[at * 2], spans[at * 2 + 1]),
      NEWLINE,
    ])
    await log.append(Buffer.concat(lines.flat()))
    records += count
  }
  return records
}
