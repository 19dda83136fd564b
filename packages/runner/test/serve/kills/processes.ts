import { expect, onTestFinished, vi } from 'vitest'
import { serveProcess } from '../serving.ts'
import type { ServingProcess } from '../serving.ts'

/** Enough for a machine that is busy. */
export const EACH = { timeout: 60_000, interval: 50 }

/** How one of several processes is begun, and perhaps ended. */
export interface ProcessOptions {
  readonly argv?: readonly string[]
  /** A named instant, `name:n`, at which it is killed; once. */
  readonly killAt?: string | undefined
  /** Beside that of all. */
  readonly env?: Readonly<Record<string, string>>
  /** Its project. Default: that of all. */
  readonly root?: string
  /** It is not started again. */
  readonly isLast?: boolean
}

/** The processes of a server: each is started again when it dies, as a supervisor does. */
export class Processes {
  readonly #root: string
  readonly #env: Readonly<Record<string, string>>
  readonly #running = new Map<string, ServingProcess>()
  /** Those that died, and are being started again. */
  readonly #restarting = new Map<string, Promise<ServingProcess>>()
  readonly #keepers: Promise<void>[] = []
  #isEnding = false
  /** Names of those that were killed, in order. */
  readonly deaths: string[] = []
  /** What went wrong beside that. */
  readonly troubles: string[] = []

  constructor(root: string, env: Readonly<Record<string, string>>) {
    this.#root = root
    this.#env = env
    onTestFinished(() => void (this.#isEnding = true))
  }

  async start(name: string, options: ProcessOptions = {}): Promise<void> {
    const { argv = [], killAt, root = this.#root } = options
    const env = { ...this.#env, ...options.env }
    const begin = async (killed?: string) => {
      const more: Record<string, string> =
        killed === undefined ? {} : { ENGAGE_SYNC_KILL_AT: killed }
      return await serveProcess(root, { argv, env: { ...env, ...more } })
    }
    this.#running.set(name, await begin(killAt))
    this.#keepers.push(this.#keep(name, options.isLast === true ? null : begin))
  }

  /** Null while it is dead. */
  get(name: string): ServingProcess | null {
    return this.#running.get(name) ?? null
  }

  /** How many partitions each of them owns; 0 for one that is dead. */
  async shares(...names: readonly string[]): Promise<readonly number[]> {
    const own = async (name: string) =>
      Number(/^engage_sync_owned_partitions (\d+)$/m.exec(await this.#figures(name))?.[1] ?? 0)
    return await Promise.all(names.map(own))
  }

  /** Waits until each of several that live has its share of the 64 partitions. */
  async shareOut(...names: readonly string[]): Promise<void> {
    await vi.waitFor(async () => {
      const alive = names.filter((name) => this.get(name) !== null)
      const least = Math.floor(64 / alive.length)
      const shares = await this.shares(...alive)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(64)
      expect(Math.min(...shares)).toBe(least)
    }, EACH)
  }

  /** Whether one goes from window to window: what comes now is no first run's any more. */
  async isFollowing(name: string): Promise<boolean> {
    return (await this.#figures(name)).includes('engage_sync_state{state="running"} 1\n')
  }

  /** What everybody says, for whoever looks for why a test failed. */
  told(): string {
    const running = [...this.#running].map(([name, { err }]) => `${name}: ${err()}`)
    return [`killed: ${this.deaths.join()}`, ...this.troubles, ...running].join('\n')
  }

  /** Asks all to end. Gives the exit codes; null for one that was killed. */
  async stop(): Promise<readonly (number | null)[]> {
    await Promise.all(this.#restarting.values())
    this.#isEnding = true
    const ending = [...this.#running.values()]
    for (const { child } of ending) child.kill('SIGTERM')
    const ends = await Promise.all(ending.map(({ ended }) => ended))
    await Promise.all(this.#keepers)
    return ends.map(({ code }) => code)
  }

  async #figures(name: string): Promise<string> {
    const asked = this.get(name)?.get('/metrics')
    return (await asked?.then((answer) => answer.text()).catch(() => '')) ?? ''
  }

  async #keep(name: string, begin: (() => Promise<ServingProcess>) | null): Promise<void> {
    for (;;) {
      const process = this.#running.get(name)
      const { code, signal } = await process!.ended
      if (this.#isEnding) return
      if (signal === 'SIGKILL') this.deaths.push(name)
      else this.troubles.push(`${name} ended with ${code ?? signal}: ${process!.err()}`)
      this.#running.delete(name)
      if (begin === null) return
      const again = begin()
      this.#restarting.set(name, again)
      this.#running.set(name, await again)
      this.#restarting.delete(name)
    }
  }
}
