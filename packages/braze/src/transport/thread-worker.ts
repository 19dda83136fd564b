import { parentPort, workerData } from 'node:worker_threads'
import { createHttpTransport } from './http-transport.ts'
import type { FromWorker, ToWorker, WorkerOptions } from './thread-messages.ts'
import { TransportError } from './transport.ts'

/**
 * The entry of the delivery thread: makes the exchanges it is told to, and tells how they ended.
 */
if (parentPort === null) throw new Error('this is the entry of a thread')
const port = parentPort
const transport = createHttpTransport(workerData as WorkerOptions)
const running = new Map<number, AbortController>()
let ended: FromWorker[] = []

/**
 * Answers of one turn of the event loop travel together: waking the main thread costs more than
 * copying.
 */
function tell(end: FromWorker): void {
  if (ended.length === 0) setImmediate(flush)
  ended.push(end)
}

function flush(): void {
  const ends = ended
  ended = []
  port.postMessage(
    ends,
    ends.flatMap((end) => ('answer' in end ? [end.answer.body.buffer as ArrayBuffer] : [])),
  )
}

async function send({
  id,
  type: _type,
  ...request
}: Extract<ToWorker, { type: 'send' }>): Promise<void> {
  const stop = new AbortController()
  running.set(id, stop)
  try {
    const { status, headers, body } = await transport.send({ ...request, signal: stop.signal })
    // Small bodies share their buffer with others, and only a whole buffer can be handed over.
    tell({ id, answer: { status, headers: { ...headers }, body: Uint8Array.from(body) } })
  } catch (error) {
    const { kind, code } =
      error instanceof TransportError ? error : new TransportError('unknown', 'UNKNOWN')
    tell({ id, failure: { kind, code } })
  } finally {
    running.delete(id)
  }
}

port.on('message', (messages: readonly ToWorker[]) => {
  for (const message of messages) {
    if (message.type === 'abort') running.get(message.id)?.abort()
    else void send(message)
  }
})

// From here on a request may reach Braze.
port.postMessage([])
