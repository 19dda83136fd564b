import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { generateEvents } from './generate.ts'
import type { GenerateOptions } from './generate.ts'

const BLOCK_CHARACTERS = 1_000_000

/**
 * Writes generated events to a file: NDJSON, as gzip when the name ends in `.gz`.
 *
 * Streams, so a file of any size needs the memory of a small one. The directory is made when it is
 * missing.
 */
export async function writeEvents(path: string, options: GenerateOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const file = createWriteStream(path)
  const target: Writable = path.endsWith('.gz') ? createGzip() : file
  if (target !== file) target.pipe(file)
  let block = ''
  for (const line of generateEvents(options)) {
    block += `${line}\n`
    if (block.length < BLOCK_CHARACTERS) continue
    if (!target.write(block)) await once(target, 'drain')
    block = ''
  }
  target.end(block)
  await finished(file)
}
