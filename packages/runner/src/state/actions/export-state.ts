import { createHash } from 'node:crypto'
import { PARTITIONS } from '@engage-sync/core'
import type { StateStore } from '@engage-sync/core'
import { eachDeadLetter } from '../reading/dead-letters.ts'
import { purgeDue } from '../values/values.ts'
import { snapshotLines } from './snapshot-pieces.ts'

/** Version of the export's own form; what the lines hold has the state's format. */
export const EXPORT_VERSION = 1

/**
 * A whole state as lines of JSON, for another store to read.
 *
 * Shape: a head, one line a thing, snapshots and deltas in base64 and in order, a long snapshot in
 * pieces of a line each, and a foot with the number of lines before it and their SHA-256, so that a
 * file cut short is known as one. Lines end
 * with `\n`. The caller holds the lease, so that all lines are of the same instant.
 */
export async function* exportLines(store: StateStore, pieceBytes?: number): AsyncGenerator<string> {
  const hash = createHash('sha256')
  let lines = 0
  for await (const thing of thingsOf(store, pieceBytes)) {
    const line = `${JSON.stringify(thing)}\n`
    hash.update(line)
    lines++
    yield line
  }
  yield `${JSON.stringify({ end: { lines, sha256: hash.digest('hex') } })}\n`
}

async function* thingsOf(store: StateStore, pieceBytes?: number): AsyncGenerator<object> {
  yield { engage_sync_state: EXPORT_VERSION, info: store.info }
  for (const mapping of await store.mappings()) yield { mapping }
  for (const [source, position] of await store.positions()) yield { source, position }
  for (const { source, partition, position } of await store.partitionPositions())
    yield { source, of: partition, position }
  for (const [key, value] of await store.values('')) if (key !== purgeDue.key) yield { key, value }
  for (const run of (await store.runs(Number.MAX_SAFE_INTEGER)).toReversed()) yield { run }
  for (const mark of await store.openMarks()) yield { mark }
  for await (const letter of eachDeadLetter(store)) yield { letter }
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { snapshot, deltas } = await store.loadPartition(partition)
    if (snapshot !== null) yield* snapshotLines({ partition, bytes: snapshot }, pieceBytes)
    for (const bytes of deltas) yield { partition, delta: Buffer.from(bytes).toString('base64') }
  }
}
