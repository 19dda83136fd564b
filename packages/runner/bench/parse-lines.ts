/* P, the measure of everything else: one thread that reads a file and parses every line. Argument: the file. */
import { openSync, readSync } from 'node:fs'

const NEWLINE = 0x0a
const CHUNK_BYTES = 1_048_576

const file = openSync(process.argv[2], 'r')
const buffer = Buffer.allocUnsafe(CHUNK_BYTES * 2)
let held = 0
let lines = 0
for (;;) {
  const read = readSync(file, buffer, held, CHUNK_BYTES, null)
  if (read === 0) break
  const bytes = buffer.subarray(0, held + read)
  let start = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, start)) {
    JSON.parse(bytes.toString('utf8', start, at))
    lines++
    start = at + 1
  }
  bytes.copyWithin(0, start)
  held = bytes.length - start
}
process.stdout.write(`${lines}\n`)
