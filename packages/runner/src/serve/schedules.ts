import { nextOfCron, readCron } from '@engage-sync/core'
import type { Cron, Source, SourceConfig } from '@engage-sync/core'
import { isStream } from './inlets.ts'

/** Looked at as often, milliseconds: clocks jump, and machines sleep. */
const LOOK_MS = 1000

/** When the sources that do not go on are read again: by their names. */
export type Schedules = ReadonlyMap<string, Cron>

/** The schedules of an environment's sources; those that are followed have none. */
export function schedulesOf(
  configs: ReadonlyMap<string, SourceConfig>,
  sources: ReadonlyMap<string, Source>,
): Schedules {
  const found = new Map<string, Cron>()
  for (const [name, config] of configs) {
    const source = sources.get(name)
    if (source === undefined || isStream(source) || !('schedule' in config)) continue
    const cron = readCron(config.schedule ?? '')
    if (typeof cron !== 'string') found.set(name, cron)
  }
  return found
}

/** Whether a source was to be read since it was. */
export function isMissed(
  cron: Cron,
  { readMs, nowMs }: { readonly readMs: number; readonly nowMs: number },
): boolean {
  return (nextOfCron(cron, readMs) ?? Infinity) <= nowMs
}

/** Calls back when sources are due; one that was due while nobody waited is due at once. */
export class Timetable {
  readonly #now: () => number
  readonly #onDue: () => void
  readonly #due = new Set<string>()
  #schedules: Schedules = new Map()
  /** When each was looked at last, milliseconds since the epoch. */
  #lookedMs: number
  #timer: NodeJS.Timeout | undefined

  constructor(now: () => number, onDue: () => void) {
    this.#now = now
    this.#onDue = onDue
    this.#lookedMs = now()
  }

  /** Follows these schedules from now on; what is due already stays due. */
  follow(schedules: Schedules): void {
    this.#schedules = schedules
    this.stop()
    if (schedules.size > 0) this.#timer = setInterval(() => this.look(), LOOK_MS)
  }

  /** Looks what became due since it looked last. */
  look(): void {
    const now = this.#now()
    const before = this.#due.size
    for (const [name, cron] of this.#schedules)
      if ((nextOfCron(cron, this.#lookedMs) ?? Infinity) <= now) this.#due.add(name)
    this.#lookedMs = now
    if (this.#due.size > before) this.#onDue()
  }

  /** The sources that are due, which are not any more. */
  take(): ReadonlySet<string> {
    const due = new Set(this.#due)
    this.#due.clear()
    return due
  }

  get isDue(): boolean {
    return this.#due.size > 0
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
