import type { Cause, NormalisedNotify } from '@engage-sync/core'
import { tell } from '../notify/index.ts'
import type { Alert } from '../notify/index.ts'
import { countOf, formatSeconds } from '../output/text/numbers.ts'
import { PARTS, readiness } from './desk/index.ts'
import type { Condition } from './desk/index.ts'
import type { Silence } from './silence/index.ts'
import type { Io } from '../process/io.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { allowCommand } from '../process/allow-command.ts'

/** How long something has to last before anybody is told, milliseconds. */
const LASTS_MS = 60_000
/** Reasons that are no trouble: somebody wants it so. */
const WANTED: ReadonlySet<string> = new Set([
  'SERVE_ENDING',
  'SERVE_HANDED_OVER',
  'SERVE_NOT_RUNNING',
])

/** What is wrong with a server. */
interface Trouble {
  /** The same trouble has the same. */
  readonly key: string
  readonly event: Alert['event']
  readonly text: string
  readonly error: Cause | null
  /** It is every worker's, and another one tells. Default false. */
  readonly isOthers?: boolean
}

/** What alarms look at. */
export interface Alarmed {
  readonly condition: Condition
  /** How quiet each source is. */
  readonly silences: readonly Silence[]
  readonly nowMs: number
}

/**
 * Who is told of what is wrong with a server, and when.
 *
 * A trouble is told when it has lasted for a minute, and again each time it lasted for `again`; that
 * all is well again, once. A frozen membership is told at once.
 */
export class Alarms {
  readonly #environment: string
  /** When each trouble began. */
  readonly #since = new Map<string, number>()
  /** By target, when each trouble was told; a configuration that is read anew names the same ones. */
  readonly #told = new Map<string, Map<string, number>>()

  constructor(environment: string) {
    this.#environment = environment
  }

  /**
   * What each target is to be told now. Of a server that ends, or lent its environment, nothing: a
   * trouble that is not seen then is not over.
   */
  look(
    targets: readonly NormalisedNotify[],
    alarmed: Alarmed,
  ): readonly { readonly target: NormalisedNotify; readonly alert: Alert }[] {
    const { condition, nowMs } = alarmed
    if (condition.isDraining || condition.isHandedOver) return []
    const common = this.#lasting(troublesOf(condition, this.#environment), nowMs)
    return targets.flatMap((target, at) => {
      const troubles = [...common, ...silenceOf(target, alarmed)]
      const told = this.#toldTo(`${at} ${target.url}`)
      const alert = this.#alertFor(target, { troubles, told, nowMs })
      return alert === null ? [] : [{ target, alert }]
    })
  }

  #lasting(troubles: readonly Trouble[], nowMs: number): readonly Trouble[] {
    const keys = new Set(troubles.map(({ key }) => key))
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key)
    for (const key of keys) if (!this.#since.has(key)) this.#since.set(key, nowMs)
    return troubles.filter(
      ({ key, event }) => event === 'frozen' || nowMs - (this.#since.get(key) ?? nowMs) >= LASTS_MS,
    )
  }

  #toldTo(target: string): Map<string, number> {
    const told = this.#told.get(target) ?? new Map<string, number>()
    this.#told.set(target, told)
    return told
  }

  #alertFor(
    target: NormalisedNotify,
    seen: {
      readonly troubles: readonly Trouble[]
      readonly told: Map<string, number>
      readonly nowMs: number
    },
  ): Alert | null {
    const { troubles, told, nowMs } = seen
    const wanted = troubles.filter(({ event }) => isWanted(target, event))
    const due = wanted.filter(({ key, isOthers }) => {
      if (isOthers === true) return false
      const before = told.get(key)
      return before === undefined || (target.againMs > 0 && nowMs - before >= target.againMs)
    })
    const [first] = due
    if (first !== undefined) {
      for (const { key } of due) told.set(key, nowMs)
      const texts = due.map(({ text }) => text)
      return { ...first, environment: this.#environment, run: null, texts }
    }
    if (told.size === 0 || wanted.length > 0) return null
    told.clear()
    if (!target.on.includes('recovered')) return null
    const texts = ['The server is well again.']
    return { event: 'recovered', environment: this.#environment, run: null, texts, error: null }
  }
}

/** Limits are told whatever `on` says. */
function isWanted({ on, silenceMs }: NormalisedNotify, event: Alert['event']): boolean {
  return (event === 'silence' && silenceMs !== null) || on.some((each) => each === event)
}

function troublesOf(condition: Condition, environment: string): readonly Trouble[] {
  const parts = readiness(condition)
  const failing = PARTS.flatMap((name): readonly Trouble[] => {
    const { ok, reason } = parts[name]
    if (ok || reason === null || WANTED.has(reason.code)) return []
    const event = reason.code.startsWith('GUARD_') ? 'stopped' : 'failed'
    const text = `The server is not ready, ${name}: ${reason.message}.`
    return [{ key: `${name} ${reason.code}`, event, text, error: { ...reason, place: null } }]
  })
  const { frozen: memberships, partitions } = condition.status
  // It is frozen for all workers, and whoever has the first partition tells.
  const isOthers = partitions !== undefined && !partitions.includes(0)
  const frozen = memberships.map(({ mapping, guard, held, allow }): Trouble => {
    const holds =
      held === null || held === 0 ? '' : `, with something held of ${countOf(held, 'user')}`
    const text = `${mapping} is frozen by ${guard}${holds}. If that is meant: ${allowCommand([allow], environment)}`
    return { key: `frozen ${allow}`, event: 'frozen', text, error: null, isOthers }
  })
  return [...failing, ...frozen]
}

/** A target that says how long is too long is told by that; the others by what is usual. */
function silenceOf({ silenceMs }: NormalisedNotify, { silences }: Alarmed): readonly Trouble[] {
  return silences.flatMap(({ source, quietMs, isSilent }): readonly Trouble[] => {
    if (silenceMs === null ? !isSilent : quietMs <= silenceMs) return []
    const since = formatSeconds(Math.round(quietMs / 1000))
    const beyond = silenceMs === null ? ', far longer than usual' : ''
    const text = `Nothing came to source ${source} for ${since}${beyond}.`
    return [{ key: `silence ${source}`, event: 'silence', text, error: null }]
  })
}

/** How often it is looked whether somebody is to be told, milliseconds. */
const LOOK_MS = 1000

/** What is looked at; null before a server has a configuration. */
export type AskAlarmed = () => {
  readonly opened: OpenEnvironment
  readonly condition: Condition
  readonly silences: readonly Silence[]
} | null

/** Tells those of `notify:` what is wrong with a server, from now on; the result ends that. */
export function watchAlarms(io: Io, ask: AskAlarmed): () => void {
  let alarms: Alarms | null = null
  const look = () => {
    const asked = ask()
    if (asked === null || asked.opened.environment.notify.length === 0) return
    const { opened, condition, silences } = asked
    alarms ??= new Alarms(opened.environment.name)
    const told = alarms.look(opened.environment.notify, { condition, silences, nowMs: io.now() })
    if (told.length > 0) void tell(io, opened.secrets, told)
  }
  const timer = setInterval(look, LOOK_MS)
  return () => clearInterval(timer)
}
