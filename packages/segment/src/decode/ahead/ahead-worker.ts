import { parentPort, workerData } from 'node:worker_threads'
import { createRowDecoder } from '../hot/index.ts'
import { buffersOf } from './ahead-messages.ts'
import type { AheadOptions, Decoded, ToDecode } from './ahead-messages.ts'
import { RowPacker } from './row-packer.ts'

/** The entry of the decoding thread: null once it is ready, then one answer per chunk, in order. */
if (parentPort === null) throw new Error('this is the entry of a thread')
const port = parentPort
const decoder = createRowDecoder((workerData as AheadOptions).plan)
const packer = new RowPacker()

port.on('message', ({ bytes, spans, count, room }: ToDecode) => {
  packer.start(count, room)
  for (let record = 0; record < count; record++)
    packer.add(record, decoder.decode(bytes, spans[record * 2], spans[record * 2 + 1]), bytes)
  const answer: Decoded = { bytes, spans, rows: packer.take() }
  port.postMessage(answer, buffersOf(answer))
})

// From here on chunks are welcome.
port.postMessage(null)
