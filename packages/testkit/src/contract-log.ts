import type { EventLog, SourcePosition } from '@engage-sync/core'
import { recordsOf } from './source-contract.ts'

/** An empty log for a contract test. */
export interface ContractLog {
  /** Whether several processes may append to it at once. */
  readonly isShared: boolean
  /** What a look hints at, though all is well. Default: nothing. */
  readonly hint?: RegExp
  /** One more handle on the same log, as another process would have it. */
  open(): Promise<EventLog>
  /** The port of 127.0.0.1 it is reached by, and a handle by another one. Default: by no network. */
  readonly network?: { readonly port: number; open(port: number): Promise<EventLog> }
  /** Ends what the log stands on; the handles are closed before. */
  close(): Promise<void>
}

/** Makes an empty log. */
export type MakeLog = () => Promise<ContractLog>

const forever = new AbortController().signal

/** A log with one handle, and more on asking; all are closed at the end. */
export async function open(makeLog: MakeLog) {
  const log = await makeLog()
  const handles: EventLog[] = []
  const another = async () => {
    const handle = await log.open()
    handles.push(handle)
    return handle
  }
  return {
    isShared: log.isShared,
    events: await another(),
    another,
    [Symbol.asyncDispose]: async () => {
      for (const handle of handles) await handle.close()
      await log.close()
    },
  }
}

/** Handles that append to the same log: three, or the one that may. */
export async function writersOf({
  events,
  isShared,
  another,
}: Awaited<ReturnType<typeof open>>): Promise<readonly EventLog[]> {
  return isShared ? [events, await another(), await another()] : [events]
}

/** Numbers as records, from the first to the last: they are JSON texts, too. */
export function numbers(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => String(from + at))
}

/** The same as lines. */
export function lines(from: number, to: number): Buffer {
  return Buffer.from(`${numbers(from, to).join('\n')}\n`)
}

/** All that stands behind a position now. */
export async function readAll(
  log: EventLog,
  from: SourcePosition | null = null,
): Promise<string[]> {
  const records: string[] = []
  for await (const chunk of log.read(from, forever)) records.push(...recordsOf(chunk))
  return records
}

/** The position of what was appended last, as it is stored. */
export async function endOf(log: EventLog): Promise<SourcePosition> {
  let end: SourcePosition = null
  for await (const { position } of log.read(null, forever)) end = position
  return JSON.parse(JSON.stringify(end)) as SourcePosition
}

/** Follows until so many records came, and a moment longer: one too many would come, too. */
export async function follow(
  log: EventLog,
  count: number,
  stop: AbortController,
): Promise<string[]> {
  const records: string[] = []
  for await (const chunk of log.follow(null, stop.signal)) {
    records.push(...recordsOf(chunk))
    if (records.length >= count) setTimeout(() => stop.abort(), 100)
  }
  return records
}
