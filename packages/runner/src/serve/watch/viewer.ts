import type { ServerResponse } from 'node:http'

/** What somebody looks at. */
export interface ViewerWishes {
  /** Records of this user alone; null for all, of which some are taken. */
  readonly user: string | null
  /** May see values, and asks for them. */
  readonly showValues: boolean
  /** The last change it saw; 0 for none. */
  readonly lastSeq: number
}

/** How much may wait to be taken by a viewer before it is dropped, bytes. */
const MOST_BEHIND_BYTES = 1024 * 1024
const HEARTBEAT_MS = 15_000

/**
 * Somebody who looks: a stream of server-sent events.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class Viewer {
  readonly wishes: ViewerWishes
  readonly #response: ServerResponse
  readonly #heart: NodeJS.Timeout

  constructor(response: ServerResponse, wishes: ViewerWishes) {
    this.wishes = wishes
    this.#response = response
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // Proxies that hold answers back until they are whole.
      'x-accel-buffering': 'no',
    })
    response.write('retry: 1000\n\n')
    this.#heart = setInterval(() => this.#write(': alive\n\n'), HEARTBEAT_MS)
    response.once('close', () => clearInterval(this.#heart))
  }

  /** Sends what it is told of. @param seq - what the viewer resumes at; null for what is not resumed */
  tell(event: string, data: unknown, seq: number | null = null): void {
    const id = seq === null ? '' : `id: ${seq}\n`
    this.#write(`${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  /** Calls back when nobody looks any more. */
  onLeave(listener: () => void): void {
    this.#response.once('close', listener)
  }

  end(): void {
    clearInterval(this.#heart)
    this.#response.end()
  }

  /** One who does not keep up holds memory: it is dropped, and may come again. */
  #write(text: string): void {
    if (this.#response.writableLength > MOST_BEHIND_BYTES) this.#response.destroy()
    else this.#response.write(text)
  }
}
