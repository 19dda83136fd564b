/**
 * Named instants at which the crash suite kills the process, through `ENGAGE_SYNC_KILL_AT=<name>[:<n>]`.
 *
 * The process kills itself with SIGKILL at the n-th passage (the first by default): nothing is flushed, no handler
 * runs, as if the machine had lost the process there. Without the variable a passage costs one comparison.
 */
export type KillPoint =
  | 'before-mark'
  | 'after-mark'
  | 'after-send'
  | 'before-commit'
  | 'after-commit'
  | 'in-recovery'
  | 'before-snapshot'
  | 'after-snapshot'
  | 'before-cohorts'
  | 'before-position'

let target: string | null = null
let remaining = 0

/** Arms a kill point; called once by the program's entry with the environment's text. */
export function armKillPoint(text: string | undefined): void {
  if (text === undefined || text === '') return
  const [name, count] = text.split(':')
  target = name
  remaining = count === undefined ? 1 : Number(count)
}

/** Passes a named instant. */
export function killPoint(name: KillPoint): void {
  if (target === null || target !== name || --remaining > 0) return
  process.kill(process.pid, 'SIGKILL')
}
