import { closeSync, openSync, readSync } from 'node:fs'

const CHUNK_BYTES = 1024 * 1024

/** A line, and the bytes of the file up to its end. */
export interface Line {
  readonly text: string
  readonly end: number
}

/**
 * Whole lines of a file, in order, without their line feeds. What follows the last line feed is not
 * a line.
 */
export function* readLines(path: string): Generator<Line> {
  const descriptor = openSync(path, 'r')
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    let rest: Buffer[] = []
    let offset = 0
    for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk)) {
      let start = 0
      for (let end = chunk.indexOf(10); end >= 0 && end < read; end = chunk.indexOf(10, start)) {
        yield {
          text: Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8'),
          end: offset + end + 1,
        }
        rest = []
        start = end + 1
      }
      if (start < read) rest.push(Buffer.from(chunk.subarray(start, read)))
      offset += read
    }
  } finally {
    closeSync(descriptor)
  }
}
