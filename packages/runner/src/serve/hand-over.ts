import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { isSameSecret, tokenOf } from './desk/index.ts'
import { refusal, send } from './front/index.ts'
import type { Exchange } from './front/index.ts'

/** Where another command asks for the environment. */
export const HAND_OVER_PATH = '/hand-over'
/** What it is told once it has it. */
export const HANDED_OVER = 'handed over\n'

/**
 * Lends the environment to other commands: for as long as one of them keeps its request open, so
 * that one that dies lends it back.
 */
export class HandOver {
  /** Whoever runs on this machine as the same user may ask with it. */
  readonly secret = randomBytes(32).toString('base64url')
  readonly #borrowers = new Set<ServerResponse>()
  readonly #onWanted: () => void
  #isGiven = false
  #backAgain = Promise.withResolvers<void>()

  /** @param onWanted - called when somebody asks, and nobody else has it */
  constructor(onWanted: () => void) {
    this.#onWanted = onWanted
  }

  get isWanted(): boolean {
    return this.#borrowers.size > 0
  }

  /** Answers who asks. @param adminToken - that may ask, too; null for none */
  ask({ request, response }: Exchange, adminToken: string | null): void {
    if (request.method !== 'POST') return send(response, refusal(405, POST, { allow: 'POST' }))
    const token = tokenOf(request)
    const may = [this.secret, ...(adminToken === null ? [] : [adminToken])]
    if (!may.some((each) => isSameSecret(token, each))) return send(response, refusal(401, TOKEN))
    this.#borrowers.add(response)
    response.once('close', () => this.#leave(response))
    response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' })
    response.flushHeaders()
    if (this.#isGiven) response.write(HANDED_OVER)
    else if (this.#borrowers.size === 1) this.#onWanted()
  }

  /** The lease is given back: who asked may work. Resolves once all of them have ended. */
  async lend(signal: AbortSignal): Promise<void> {
    this.#isGiven = true
    this.#backAgain = Promise.withResolvers()
    for (const response of this.#borrowers) response.write(HANDED_OVER)
    if (!this.isWanted) this.#backAgain.resolve()
    const stop = () => this.#backAgain.resolve()
    signal.addEventListener('abort', stop, { once: true })
    await this.#backAgain.promise
    signal.removeEventListener('abort', stop)
    this.#isGiven = false
  }

  get isGiven(): boolean {
    return this.#isGiven
  }

  /** Nobody borrows any more. */
  close(): void {
    for (const response of this.#borrowers) response.destroy()
  }

  #leave(response: ServerResponse): void {
    this.#borrowers.delete(response)
    if (this.#isGiven && !this.isWanted) this.#backAgain.resolve()
  }
}

const POST = { code: 'SERVE_METHOD', message: 'Expected POST.' }
const TOKEN = { code: 'SERVE_TOKEN', message: 'Expected the admin token.' }
