import type { Report } from '@engage-sync/core'
import { countOf, formatCount, formatSeconds } from '../text/numbers.ts'

/**
 * What became of requests without an answer, a sentence a line; empty where every request had one.
 */
export function unansweredSentences({
  recovered,
  rounds,
}: Pick<Report, 'recovered' | 'rounds'>): readonly string[] {
  const { repeated, skipped, verified } = recovered
  const events = repeated + skipped + verified
  const decided = [
    `${formatCount(repeated)} sent again`,
    `${formatCount(skipped)} left out`,
    `${formatCount(verified)} found in Braze`,
  ]
  const sentences =
    events === 0 ? [] : [`No answer came for ${countOf(events, 'event')}: ${decided.join(', ')}.`]
  if (rounds === undefined) return sentences
  const { rounds: times, requests, seconds } = rounds
  const spent = `in ${countOf(times, 'round')} and ${formatSeconds(seconds)} of waiting`
  return [...sentences, `This run itself decided ${countOf(requests, 'request')}, ${spent}.`]
}
