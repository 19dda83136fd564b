import type { Cause } from '@engage-sync/core'
import type { Io, LogEntry } from '../process/io.ts'
import type { SourceTally } from './front/index.ts'
import { PARTS, readiness } from './desk/index.ts'
import type { Condition } from './desk/index.ts'

/** How often the server is looked at for changes, and told of requests that were refused, milliseconds. */
const LOOK_MS = 500
const REFUSED_EVERY_MS = 60_000

/** What is looked at. */
export interface Watched {
  readonly condition: Condition
  readonly tallies: ReadonlyMap<string, SourceTally>
}

/** Tells of a server what changes: one line each on standard error. */
export class Teller {
  readonly #io: Io
  readonly #told = new Map<string, string>()
  readonly #refused = new Map<string, number>()
  #refusedAt = -Infinity
  #timer: NodeJS.Timeout | undefined

  constructor(io: Io) {
    this.#io = io
  }

  /** Looks from now on, until it is stopped. */
  watch(look: () => Watched): void {
    this.#timer = setInterval(() => this.#look(look()), LOOK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Something happened. */
  say(message: string, facts: LogEntry = { level: 'info' }): void {
    const { log, stderr, quiet } = this.#io
    if (log !== undefined) log({ ...facts, message })
    else if (quiet !== true || facts.level === 'error')
      stderr.write(`${facts.level === 'info' ? '' : `${facts.level} `}${message}\n`)
  }

  /** Why something is not as it should be. */
  warn(what: string, { code, message, hint }: Pick<Cause, 'code' | 'message' | 'hint'>): void {
    const next = hint === null || this.#io.log !== undefined ? '' : ` ${hint}`
    this.say(`${code}  ${what}${message}.${next}`, {
      level: 'warning',
      code,
      ...(hint !== null && { hint }),
    })
  }

  #look({ condition, tallies }: Watched): void {
    this.#change('', condition.status.state, () => this.say(`${condition.status.state}`))
    const parts = readiness(condition)
    for (const name of PARTS) {
      const { ok, reason } = parts[name]
      if (name === 'windows' && reason?.code === 'SERVE_NOT_RUNNING') continue
      this.#change(name, reason === null ? '' : `${reason.code} ${reason.message}`, (before) => {
        if (reason !== null) this.warn(ok ? '' : `${name} not ready: `, reason)
        else if (before !== undefined) this.say(`${name} is ready again`)
      })
    }
    this.#tellRefused(tallies)
  }

  #change(name: string, now: string, tell: (before: string | undefined) => void): void {
    const before = this.#told.get(name)
    if (before === now || (before === undefined && now === '')) return
    this.#told.set(name, now)
    tell(before)
  }

  #tellRefused(tallies: ReadonlyMap<string, SourceTally>): void {
    if (performance.now() - this.#refusedAt < REFUSED_EVERY_MS) return
    for (const { refused } of tallies.values()) {
      for (const [what, count] of refused) {
        const before = this.#refused.get(what) ?? 0
        if (count === before) continue
        this.#refused.set(what, count)
        this.#refusedAt = performance.now()
        const [source, code = ''] = what.split(' ')
        const requests = `${count - before} ${count - before === 1 ? 'request' : 'requests'}`
        this.say(`${code}  ${requests} to source ${source} refused`, { level: 'warning', code })
      }
    }
  }
}
