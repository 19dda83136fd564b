import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createRowDecoder } from '@engage-sync/segment'
import type { CompiledSync } from '@engage-sync/core'
import { knownTexts } from '../src/debug/hide.ts'
import { NO_RECORDS } from '../src/engine/stream/index.ts'
import type { Stream, WindowReport } from '../src/engine/stream/index.ts'
import { pageState, WindowCounts } from '../src/serve/desk/index.ts'
import { Viewer, Watch } from '../src/serve/watch/index.ts'

/** What reads events and does nothing with them: the reader's cost is a browser's, not the server's. */
const READ = 'for await (const _ of (await fetch(process.argv[1])).body);'

/** Those who look at a stream as at `/debug`, each a process of its own. */
export class Viewers {
  readonly watch = new Watch(Date.now)
  readonly #windows = new WindowCounts()
  readonly #server = createServer((_, response) => {
    this.watch.add(new Viewer(response, { user: null, showValues: false, lastSeq: 0 }))
  })
  #children: ChildProcess[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(syncs: readonly CompiledSync[]) {
    const ids = syncs.flatMap(({ mappings }) => mappings.map(({ id }) => id))
    this.watch.configure({
      syncs,
      mappings: new Map(ids.map((id) => [id, { place: null, becomes: id }])),
      createDecoder: createRowDecoder,
      known: knownTexts(syncs),
    })
  }

  windowEnded(window: WindowReport): void {
    this.#windows.add(window)
    this.watch.windowEnded(window, { counts: NO_RECORDS, frozen: new Set() })
  }

  /** So many look from now on, and are told how the stream stands each second. */
  async come(count: number, stream: Stream): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as AddressInfo
    const args = ['--input-type=module', '-e', READ, `http://127.0.0.1:${port}`]
    this.#children = Array.from({ length: count }, () => spawn(process.execPath, args))
    while (this.watch.viewers < count) await pause(20)
    this.#timer = setInterval(() => this.watch.tell('state', this.#stateOf(stream)), 1000)
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer)
    for (const child of this.#children) child.kill()
    this.watch.close()
    this.#server.close()
    this.#server.closeAllConnections()
    if (this.#server.listening) await once(this.#server, 'close')
  }

  #stateOf(stream: Stream): unknown {
    const condition = {
      status: stream.status(),
      closed: new Map(),
      braze: null,
      isDraining: false,
      isHandedOver: false,
      refusedConfiguration: null,
    }
    const { watch } = this
    const rest = { environment: 'local', logs: new Map(), watch, silences: [], here: null }
    return pageState({ condition, windows: this.#windows, ...rest })
  }
}
