import type { NormalisedNotify } from '@engage-sync/core'
import { countOf, formatCount, formatSeconds, formatShare } from '../output/text/numbers.ts'
import { endedWell } from './ended.ts'
import type { Ended } from './ended.ts'

/** Something about a run that somebody wants to be told. */
export interface Trouble {
  readonly kind: 'failed' | 'stopped' | 'rejected' | 'dead_letters' | 'duration' | 'silence'
  /** The same for the same trouble of a later run. */
  readonly key: string
  /** It in a sentence. */
  readonly text: string
}

/** What decides about troubles: what a target wants to know. */
type Wanted = Pick<NormalisedNotify, 'on' | 'rejected' | 'deadLetters' | 'durationMs' | 'silenceMs'>

/**
 * What somebody wants to be told of the first of these runs.
 *
 * @param runs - ended ones, the latest first
 */
export function troublesOf(wanted: Wanted, runs: readonly Ended[]): readonly Trouble[] {
  const [run, ...earlier] = runs
  if (run === undefined) return []
  return [
    ...endTroubles(wanted, run),
    ...limitTroubles(wanted, run),
    ...(endedWell(run) ? [] : silenceTroubles(wanted, earlier, run.endedMs)),
  ]
}

function endTroubles({ on }: Wanted, { status, error, guards }: Ended): readonly Trouble[] {
  const code = error?.code ?? status
  if (status === 'stopped' && on.includes('stopped'))
    return [
      {
        kind: 'stopped',
        key: `stopped ${guards.length === 0 ? code : guards.map(withoutCounts).join()}`,
        text: 'A guard stopped it before anything was sent.',
      },
    ]
  if (status === 'failed' && on.includes('failed'))
    return [{ kind: 'failed', key: `failed ${code}`, text: 'It failed.' }]
  if (status === 'abandoned' && on.includes('failed'))
    return [
      { kind: 'failed', key: 'failed abandoned', text: 'Its process was ended from outside.' },
    ]
  return []
}

/** The same guard finds a little more or less each time. */
function withoutCounts(message: string): string {
  return message.replaceAll(/\d[\d,.]*/g, '#')
}

function limitTroubles(wanted: Wanted, { report }: Ended): readonly Trouble[] {
  if (report === null) return []
  const { rejected, dead_letters: letters, seconds } = report
  const limit = (kind: Trouble['kind'], isPassed: boolean, text: string): readonly Trouble[] =>
    isPassed ? [{ kind, key: kind, text }] : []
  const share = rejected.of === 0 ? 0 : rejected.count / rejected.of
  return [
    ...limit(
      'rejected',
      wanted.rejected !== null && share > wanted.rejected,
      `${countOf(rejected.count, 'value')} of ${formatCount(rejected.of)} could not be used (${formatShare(rejected.count, rejected.of)}); told above ${formatShare(wanted.rejected ?? 0, 1)}.`,
    ),
    ...limit(
      'dead_letters',
      wanted.deadLetters !== null && letters > wanted.deadLetters,
      `It kept ${countOf(letters, 'dead letter')}; told above ${formatCount(wanted.deadLetters ?? 0)}.`,
    ),
    ...limit(
      'duration',
      wanted.durationMs !== null && seconds * 1000 > wanted.durationMs,
      `It took ${formatSeconds(seconds)}; told above ${formatSeconds((wanted.durationMs ?? 0) / 1000)}.`,
    ),
  ]
}

/**
 * That no run ended well for longer than is to be borne; nothing where none ever did.
 *
 * @param runs - ended ones, the latest first
 */
export function silenceTroubles(
  { silenceMs }: Pick<Wanted, 'silenceMs'>,
  runs: readonly Ended[],
  nowMs: number,
): readonly Trouble[] {
  if (silenceMs === null) return []
  const last = runs.find(endedWell)
  if (last === undefined || nowMs - last.endedMs <= silenceMs) return []
  const since = formatSeconds(Math.round((nowMs - last.endedMs) / 1000))
  const text = `No run ended well for ${since}; the last was run ${last.number}.`
  return [{ kind: 'silence', key: 'silence', text }]
}
