import type { EventLog } from '@engage-sync/contract'

const NEWLINE = 0x0a

/**
 * Appends a stream of NDJSON to a spool, line by line, for as long as it goes on.
 *
 * Shape: resolves when the stream ended; its last line counts with or without an end. What came in
 * pieces is held until its line is whole.
 *
 * @throws what the stream or the spool throws, and the reason of an abort
 */
export async function feedSpool(
  spool: Pick<EventLog, 'append'>,
  input: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  let begun: Uint8Array[] = []
  for await (const bytes of input) {
    signal.throwIfAborted()
    const end = bytes.lastIndexOf(NEWLINE) + 1
    if (end > 0) {
      await spool.append(Buffer.concat([...begun, bytes.subarray(0, end)]))
      begun = []
    }
    if (end < bytes.length) begun.push(Buffer.from(bytes.subarray(end)))
  }
  if (begun.length > 0) await spool.append(Buffer.concat(begun))
}
