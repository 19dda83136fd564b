import { createHash } from 'node:crypto'
import { SyncError } from '@engage-sync/core'
import type {
  CommitGroup,
  DeadLetter,
  Json,
  MappingRecord,
  Mark,
  RunRecord,
  StateInfo,
  StateStore,
} from '@engage-sync/core'
import { EXPORT_VERSION } from './export-state.ts'
import { isSameEndpoint, newerFormat, otherWorkspace } from '../format/errors.ts'
import { STATE_FORMAT } from '../format/migrations.ts'
import { FORMER_DUE, splitDue } from '../format/split-due.ts'
import { isEnd, isStateInfo, kindOfLine } from './import-shape.ts'
import { SnapshotJoiner } from './snapshot-pieces.ts'
import type { PieceLine } from './snapshot-pieces.ts'
import { unfinishedImport } from '../values/values.ts'

/** A line of an export, by what it holds. */
type Thing =
  | { readonly mapping: MappingRecord }
  | { readonly source: string; readonly of?: number; readonly position: Json }
  | { readonly key: string; readonly value: Json }
  | { readonly run: RunRecord }
  | { readonly mark: Mark }
  | { readonly letter: DeadLetter }
  | { readonly partition: number; readonly snapshot: string }
  | { readonly partition: number; readonly delta: string }

type Group = Omit<CommitGroup, 'epoch'>

/** What one commit takes at most; a snapshot of many users fills it alone. */
const MOST_THINGS = 500
const MOST_CHARACTERS = 8_000_000

/** What a file says of itself before anything is made from it. */
export interface ExportHead {
  readonly info: StateInfo
}

/**
 * Reads the first line of an export, and checks that this version and this workspace may use it.
 *
 * @throws {SyncError} `USAGE_IMPORT_FILE`, `STATE_NEWER`, `STATE_OTHER_WORKSPACE`
 */
export function readHead(
  line: string | undefined,
  expected: { readonly workspace: string; readonly environment: string; readonly newKey: boolean },
): ExportHead {
  const head = parse(line ?? '') as {
    readonly engage_sync_state?: number
    readonly info: StateInfo
  } | null
  if (typeof head?.engage_sync_state !== 'number' || !isStateInfo(head.info as unknown as Json))
    throw unusable('does not begin as an export of a state')
  if (head.engage_sync_state > EXPORT_VERSION)
    throw newerFormat(head.engage_sync_state, EXPORT_VERSION)
  if (head.info.format > STATE_FORMAT) throw newerFormat(head.info.format, STATE_FORMAT)
  const { workspace } = head.info
  const isSame =
    workspace === expected.workspace ||
    (expected.newKey && isSameEndpoint(workspace, expected.workspace))
  if (!isSame) throw otherWorkspace(workspace, expected.workspace, expected.environment)
  return { info: head.info }
}

/**
 * Fills a new state from the lines of an export.
 *
 * Until the last line was read and found right the state is marked as unfinished, and no run uses
 * it.
 *
 * @param lines - all of the file, the head first
 * @param epoch - of the lease the caller holds
 * @throws {SyncError} `USAGE_IMPORT_FILE` when the file was cut short or changed
 */
export async function importLines(
  store: StateStore,
  lines: AsyncIterable<string>,
  epoch: number,
): Promise<{ readonly lines: number }> {
  const hash = createHash('sha256')
  let count = 0
  let batch: Group[] = []
  let length = 0
  const joiner = new SnapshotJoiner()
  await store.commit({ epoch, values: [unfinishedImport.stored(true)] })
  for await (const line of lines) {
    const thing = parse(line)
    if (thing !== null && 'end' in thing) {
      if (!isEnd(thing['end'] as Json)) throw unusable('ends with a line of another form')
      const { lines: expected, sha256 } = thing['end'] as {
        readonly lines: number
        readonly sha256: string
      }
      if (joiner.isOpen) throw unusable('lacks a part of a snapshot')
      if (expected !== count || hash.digest('hex') !== sha256)
        throw unusable('was changed since it was written')
      await commitBatch(store, epoch, batch)
      await store.commit({ epoch, values: [unfinishedImport.cleared] })
      return { lines: count }
    }
    hash.update(`${line}\n`)
    if (count++ === 0) continue
    if (thing === null) throw unusable('holds a line that is no JSON')
    if (kindOfLine(thing) === null) throw unusable('holds a line of an unknown kind')
    const group =
      'piece' in thing ? joined(joiner, thing as PieceLine & typeof thing) : groupOf(thing as Thing)
    if (group !== null) batch.push(group)
    length += line.length
    if (batch.length < MOST_THINGS && length < MOST_CHARACTERS) continue
    await commitBatch(store, epoch, batch)
    batch = []
    length = 0
  }
  throw unusable('ends before its last line')
}

/** One commit for many things; runs go one by one, since a group has room for one. */
async function commitBatch(
  store: StateStore,
  epoch: number,
  batch: readonly Group[],
): Promise<void> {
  for (const { run } of batch) if (run !== undefined) await store.commit({ epoch, run })
  await store.commit({
    epoch,
    snapshots: batch.flatMap(({ snapshots = [] }) => snapshots),
    deltas: batch.flatMap(({ deltas = [] }) => deltas),
    mappings: batch.flatMap(({ mappings = [] }) => mappings),
    positions: batch.flatMap(({ positions = [] }) => positions),
    values: batch.flatMap(({ values = [] }) => values),
    openMarks: batch.flatMap(({ openMarks = [] }) => openMarks),
    deadLetters: batch.flatMap(({ deadLetters = [] }) => deadLetters),
  })
}

/** A snapshot whose last piece came; null before that. */
function joined(joiner: SnapshotJoiner, line: PieceLine): Group | null {
  const snapshot = joiner.take(line)
  if (snapshot === undefined) throw unusable('holds parts of a snapshot out of their order')
  return snapshot && { snapshots: [snapshot] }
}

function groupOf(thing: Thing): Group {
  if ('snapshot' in thing)
    return {
      snapshots: [{ partition: thing.partition, bytes: Buffer.from(thing.snapshot, 'base64') }],
    }
  if ('delta' in thing)
    return { deltas: [{ partition: thing.partition, bytes: Buffer.from(thing.delta, 'base64') }] }
  if ('mapping' in thing) return { mappings: [thing.mapping] }
  if ('source' in thing) {
    const { source, of, position } = thing
    return { positions: [{ source, position, ...(of !== undefined && { partition: of }) }] }
  }
  if ('key' in thing) return { values: valuesOf(thing) }
  if ('run' in thing) return { run: thing.run }
  if ('mark' in thing) return { openMarks: [thing.mark] }
  return { deadLetters: [thing.letter] }
}

/** Due times of states before format 3 stand in one value. */
function valuesOf({ key, value }: { readonly key: string; readonly value: Json }) {
  if (key !== FORMER_DUE) return [{ key, value }]
  return splitDue(JSON.stringify(value)).map((one) => ({
    key: one.key,
    value: JSON.parse(one.value) as Json,
  }))
}

function parse(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : null
  } catch {
    return null
  }
}

function unusable(why: string): SyncError {
  return new SyncError('USAGE_IMPORT_FILE', `The file ${why}`, {
    hint: 'Export the state again. A state this import began is not used: `engage-sync state reset` removes it.',
  })
}
