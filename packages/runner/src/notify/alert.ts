import type { Cause, NormalisedNotify } from '@engage-sync/core'
import { endedWell } from './ended.ts'
import type { Ended } from './ended.ts'
import { troublesOf } from './troubles.ts'
import type { Trouble } from './troubles.ts'

/** What somebody is told. No values, no ids of users, no secrets. */
export interface Alert {
  readonly event: 'failed' | 'stopped' | 'recovered' | 'frozen' | 'limit' | 'silence' | 'test'
  readonly environment: string
  /** What it is about; null of what is about no run. */
  readonly run: Ended | null
  /** A sentence or more, the first the most important. */
  readonly texts: readonly string[]
  readonly error: Cause | null
}

/**
 * What a target is told after a run; null for nothing.
 *
 * A trouble is told when it is new, and again each time it lasted for `again`; that all is well, once.
 *
 * @param runs - ended ones, the latest first: the first is the run that just ended
 */
export function alertAfter(
  target: NormalisedNotify,
  runs: readonly Ended[],
  environment: string,
): Alert | null {
  const told = runs.filter((_, at) => saysSomething(target, runs.slice(at)))
  const [run] = told
  if (run === undefined || run !== runs[0]) return null
  const troubles = troublesOf(target, told)
  const before = troublesOf(target, told.slice(1))
  if (troubles.some((trouble) => isTold(trouble, told, target)))
    return troubleAlert(troubles, run, environment)
  const isOver = troubles.length === 0 && before.length > 0 && endedWell(run)
  if (!isOver || !target.on.includes('recovered')) return null
  const [last] = told.slice(1)
  const number = last?.number ?? null
  const was = number === null ? 'Before' : `Run ${number}`
  const texts = ['It is well again.', `${was}: ${before.map(({ text }) => text).join(' ')}`]
  return { event: 'recovered', environment, run, texts, error: null }
}

/**
 * Whether the first of these ends says how things are.
 *
 * One that was interrupted does not; nor one that found another at work, unless the one before it
 * did, too; nor letters that were sent again without trouble, unless they were before.
 */
function saysSomething(target: NormalisedNotify, [run, before]: readonly Ended[]): boolean {
  if (run === undefined || run.status === 'interrupted' || run.status === 'running') return false
  if (isHeld(run)) return before !== undefined && isHeld(before)
  if (!isRetry(run) || !endedWell(run)) return true
  return troublesOf(target, [run]).length > 0 || (before !== undefined && isRetry(before))
}

function isHeld({ error }: Ended): boolean {
  return error?.code === 'STATE_LEASE_HELD'
}

function isRetry({ report }: Ended): boolean {
  return report?.kind === 'retry'
}

function troubleAlert(troubles: readonly Trouble[], run: Ended, environment: string): Alert {
  const kinds = troubles.map(({ kind }) => kind)
  const event = kinds.includes('failed')
    ? 'failed'
    : kinds.includes('stopped')
      ? 'stopped'
      : kinds.every((kind) => kind === 'silence')
        ? 'silence'
        : 'limit'
  return { event, environment, run, texts: troubles.map(({ text }) => text), error: run.error }
}

/** Whether a trouble is new, or lasts for so long that it is told again. */
function isTold({ key }: Trouble, runs: readonly Ended[], target: NormalisedNotify): boolean {
  const [run] = runs
  if (run === undefined) return false
  let since = run.endedMs
  let before: number | null = null
  for (let at = 1; at < runs.length; at++) {
    const earlier = runs.slice(at)
    const [one] = earlier
    if (one === undefined || !troublesOf(target, earlier).some((trouble) => trouble.key === key))
      break
    before ??= one.endedMs
    since = one.endedMs
  }
  if (before === null) return true
  if (target.againMs === 0) return true
  const times = (ms: number) => Math.floor((ms - since) / target.againMs)
  return times(run.endedMs) > times(before)
}
