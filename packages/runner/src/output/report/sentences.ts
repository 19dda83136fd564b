import type { Report } from '@engage-sync/core'
import { countOf, formatCount, formatSeconds } from '../text/numbers.ts'

/**
 * What a run did beside its counts, a sentence a line: users it forgot, and what became of requests
 * without an answer.
 */
export function reportSentences(
  report: Pick<Report, 'forgotten' | 'recovered' | 'rounds'>,
): readonly string[] {
  return [...forgottenSentences(report), ...unansweredSentences(report)]
}

function forgottenSentences({ forgotten }: Pick<Report, 'forgotten'>): readonly string[] {
  if (forgotten === undefined) return []
  const { users, deleted } = forgotten
  const inBraze = deleted === 0 ? 'Braze was not asked' : `${formatCount(deleted)} deleted in Braze`
  return [`Forgotten, as Segment asked: ${countOf(users, 'user')}, ${inBraze}.`]
}

function unansweredSentences({
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
