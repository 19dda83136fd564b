import { Worker } from 'node:worker_threads'
import type { FromWorker, ToWorker } from './thread-messages.ts'
import { TransportError } from './transport.ts'
import type { Transport, TransportAnswer, TransportOptions, TransportRequest } from './transport.ts'

/** From source the worker is TypeScript, which Node strips; from the package it is JavaScript. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './thread-worker.ts' : './thread-worker.js',
  import.meta.url,
)

/** The code of a request whose thread never ran: nothing of it left. */
export const NEVER_RAN = 'ERR_WORKER_NEVER_RAN'

/**
 * The transport over Node's own client on a thread of its own, so that the thread that folds and
 * packs spends little on HTTP.
 *
 * Shape: as `createGotTransport`. The thread starts with the first request, keeps the process alive
 * only while requests are in flight, and is started anew after it died; what was in flight then
 * ends as `unknown`.
 *
 * @param entry - the thread's program; default our own
 */
export function createThreadTransport(options: TransportOptions, entry: URL = WORKER): Transport {
  let thread: Thread | null = null
  return {
    send(request) {
      if (thread === null || thread.isOver) thread = new Thread(options, entry)
      return thread.send(request)
    },
    async close() {
      await thread?.close()
      thread = null
    },
  }
}

interface Pending {
  readonly resolve: (answer: TransportAnswer) => void
  readonly reject: (error: TransportError) => void
  readonly forget: () => void
}

/**
 * The thread's garbage is short-lived: more room for it makes nothing faster, and would be kept.
 */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 12 }

class Thread {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  #outbox: ToWorker[] = []
  #nextId = 0
  /** It told something: its program runs. */
  #isReady = false
  isOver = false

  constructor(options: TransportOptions, entry: URL) {
    // The flags of this process (a test runner's, a loader's) are not meant for the worker.
    this.#worker = new Worker(entry, {
      workerData: options,
      execArgv: [],
      name: 'braze-delivery',
      resourceLimits: RESOURCE_LIMITS,
    })
    this.#worker.unref()
    this.#worker.on('message', (ends: readonly FromWorker[]) => {
      this.#isReady = true
      for (const end of ends) this.#end(end)
    })
    this.#worker.on('messageerror', () => this.#over('ERR_WORKER_MESSAGE'))
    this.#worker.on('error', (error: { readonly code?: string }) =>
      this.#over(error.code ?? 'ERR_WORKER'),
    )
    this.#worker.on('exit', () => this.#over('ERR_WORKER_EXIT'))
  }

  send({ signal, ...request }: TransportRequest): Promise<TransportAnswer> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(new TransportError('aborted', 'ABORTED'))
      const id = this.#nextId++
      const stop = () => {
        this.#post({ type: 'abort', id })
        this.#end({ id, failure: { kind: 'aborted', code: 'ABORTED' } })
      }
      signal?.addEventListener('abort', stop, { once: true })
      if (this.#pending.size === 0) this.#worker.ref()
      this.#pending.set(id, {
        resolve,
        reject,
        forget: () => signal?.removeEventListener('abort', stop),
      })
      // A copy is handed over: the caller's body stays whole for another try.
      this.#post({
        type: 'send',
        id,
        ...request,
        body: request.body === null ? null : Uint8Array.from(request.body),
      })
    })
  }

  async close(): Promise<void> {
    this.#over('CLOSED')
    await this.#worker.terminate()
  }

  #post(message: ToWorker): void {
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush())
    this.#outbox.push(message)
  }

  #flush(): void {
    const messages = this.#outbox
    this.#outbox = []
    this.#worker.postMessage(
      messages,
      messages.flatMap((message) =>
        message.type === 'send' && message.body !== null
          ? [message.body.buffer as ArrayBuffer]
          : [],
      ),
    )
  }

  #end(end: FromWorker): void {
    const pending = this.#pending.get(end.id)
    if (pending === undefined) return
    this.#pending.delete(end.id)
    if (this.#pending.size === 0) this.#worker.unref()
    pending.forget()
    if ('answer' in end) pending.resolve(end.answer)
    else pending.reject(new TransportError(end.failure.kind, end.failure.code))
  }

  #over(code: string): void {
    this.isOver = true
    const failure = this.#isReady
      ? { kind: 'unknown' as const, code }
      : { kind: 'unsent' as const, code: NEVER_RAN }
    for (const id of this.#pending.keys()) this.#end({ id, failure })
  }
}
