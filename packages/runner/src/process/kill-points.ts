/**
 * Named instants at which the crash suite kills the process, through
 * `ENGAGE_SYNC_KILL_AT=<name>[:<n>]`.
 *
 * The process kills itself with SIGKILL at the n-th passage (the first by default): nothing is
 * flushed, no handler runs, as if the machine had lost the process there. Without the variable a
 * passage costs one comparison.
 */
export const KILL_POINTS = [
  'before-mark',
  'after-mark',
  'during-send',
  'after-send',
  'before-commit',
  'in-commit',
  'commit-sent',
  'after-commit',
  'in-recovery',
  'after-recovery',
  'in-round',
  'after-round',
  'before-snapshot',
  'after-snapshot',
  'before-cohorts',
  'before-position',
  'after-position',
  'in-detach',
  'late-answer',
  'before-window-commit',
  'after-window-commit',
  'in-handover',
  'before-purge',
  'in-purge',
  'after-purge',
] as const

/** Instants of the server: around the moment that what it received becomes durable. */
export const SERVER_KILL_POINTS = ['before-append', 'in-append', 'before-ack'] as const

/** Instants of one of several workers: its share of the users, or of Braze's limit, is another than before. */
export const FLEET_KILL_POINTS = ['in-release', 'in-takeover', 'in-rate-block'] as const

/** One of the named instants. */
export type KillPoint =
  | (typeof KILL_POINTS)[number]
  | (typeof SERVER_KILL_POINTS)[number]
  | (typeof FLEET_KILL_POINTS)[number]

let target: string | null = null
let remaining = 0

/** Arms a kill point; called once by the program's entry with the environment's text. */
export function armKillPoint(text: string | undefined): void {
  if (text === undefined || text === '') return
  const [name = '', count] = text.split(':')
  target = name
  remaining = count === undefined ? 1 : Number(count)
}

/** Passes a named instant. */
export function killPoint(name: KillPoint): void {
  if (target === null || target !== name || --remaining > 0) return
  process.kill(process.pid, 'SIGKILL')
}

/** How long after the first byte what was asked for counts as under way, milliseconds. */
const UNDER_WAY_MS = 3

/** Passes an instant a moment from now, while what was asked for is under way. */
export function killPointSoon(name: KillPoint): void {
  if (target === name) setTimeout(() => killPoint(name), UNDER_WAY_MS)
}
