import type { NormalisedNotify } from '@engage-sync/core'
import { tell } from '../notify/index.ts'
import type { Alert } from '../notify/index.ts'
import type { Io } from '../process/io.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { PARTS, readiness } from './desk/index.ts'
import type { Condition } from './desk/index.ts'

/** How long a part of a server may not be ready before anybody is told, milliseconds. */
const GRACE_MS = 60_000

/** Parts that are not ready as a matter of course, by the code of their reason. */
const ORDINARY: ReadonlySet<string> = new Set([
  'SERVE_ENDING',
  'SERVE_NOT_RUNNING',
  'SERVE_HANDED_OVER',
])

/** Something about a server that somebody wants to be told. */
interface Trouble {
  /** The same as long as it lasts. */
  readonly key: string
  readonly event: 'failed' | 'frozen'
  readonly text: string
  readonly error: Alert['error']
  readonly graceMs: number
}

/** Tells those of `notify:` of a server that does not get on, of mappings it freezes, and when all is well again. */
export class ServerAlerts {
  readonly #io: Io
  /** When each trouble began, milliseconds since the epoch. */
  #since = new Map<string, number>()
  /** By target: when each of its troubles was told last. */
  readonly #told = new Map<string, Map<string, number>>()

  constructor(io: Io) {
    this.#io = io
  }

  /** Looks at a server, and tells what is to be told. Returns without waiting for those who are told. */
  look(condition: Condition, { environment, secrets }: OpenEnvironment): Promise<unknown> {
    const now = this.#io.now()
    const troubles = condition.isDraining ? [] : troublesOf(condition)
    this.#since = new Map(troubles.map(({ key }) => [key, this.#since.get(key) ?? now]))
    const due = troubles.filter(
      ({ key, graceMs }) => now - (this.#since.get(key) ?? now) >= graceMs,
    )
    if (condition.isDraining) return Promise.resolve()
    const told = environment.notify.flatMap((target, at) => {
      const alert = this.#alertFor(target, { due, now, name: `${at} ${target.url}` })
      return alert === null ? [] : [{ target, alert: { ...alert, environment: environment.name } }]
    })
    return told.length === 0 ? Promise.resolve() : tell(this.#io, secrets, told)
  }

  #alertFor(
    { on, againMs }: NormalisedNotify,
    { due, now, name }: { readonly due: readonly Trouble[]; now: number; name: string },
  ): Omit<Alert, 'environment'> | null {
    const told = this.#told.get(name) ?? new Map<string, number>()
    this.#told.set(name, told)
    const own = due.filter(({ event }) => on.includes(event))
    const fresh = own.filter(({ key }) => now - (told.get(key) ?? -Infinity) >= againMs)
    for (const { key } of fresh) told.set(key, now)
    const [first] = fresh
    if (first !== undefined) {
      const event = fresh.some((each) => each.event === 'failed') ? 'failed' : 'frozen'
      return { event, run: null, texts: fresh.map(({ text }) => text), error: first.error }
    }
    if (told.size === 0 || own.length > 0) return null
    told.clear()
    if (!on.includes('recovered')) return null
    return { event: 'recovered', run: null, texts: ['The server gets on again.'], error: null }
  }
}

function troublesOf(condition: Condition): readonly Trouble[] {
  const parts = readiness(condition)
  const failing = PARTS.flatMap((name): readonly Trouble[] => {
    const { ok, reason } = parts[name]
    if (ok || reason === null || ORDINARY.has(reason.code)) return []
    const error = { ...reason, place: null }
    const text = `The server does not get on: ${name} is not ready.`
    return [{ key: `${name} ${reason.code}`, event: 'failed', text, error, graceMs: GRACE_MS }]
  })
  const frozen = condition.status.frozen.map(({ mapping, guard, held, allow }): Trouble => {
    const text = `${mapping} is frozen: max_${guard} holds ${held} changes of it. If that is meant: engage-sync allow ${allow}`
    return { key: `frozen ${mapping}`, event: 'frozen', text, error: null, graceMs: 0 }
  })
  return [...failing, ...frozen]
}
