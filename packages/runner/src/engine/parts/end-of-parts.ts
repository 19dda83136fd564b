import type { Cause, GuardStop, Report } from '@engage-sync/core'
import { causeOf, INTERRUPTED } from '../../process/cause.ts'
import type { PartAnswer } from '../../state/values/part-values.ts'
import { droppedOf, withFacts } from '../finish.ts'
import { causeOfStops } from '../guards/index.ts'
import type { EngineOptions, PartEnd, PartPlan } from '../request/index.ts'
import { joinReports } from './join-reports.ts'
import { errorOf, PartLostError } from './part-errors.ts'

/** How the parts of a run ended, taken together. */
export interface EndedParts {
  readonly isWhole: boolean
  readonly failure: Error | null
  /** The report of the run. @param own - of whoever led it */
  readonly report: (own: Report, facts: ReportFacts) => Promise<Report>
}

interface ReportFacts {
  readonly stops: readonly GuardStop[]
  /** Members at the run's start. */
  readonly members: ReadonlyMap<string, number>
}

/** What each told last, by number; those are missing that told nothing. */
type Answers = ReadonlyMap<number, PartAnswer>

/** An end as it is told. */
type ToldEnd = Omit<PartEnd, 'failure'> & { readonly failure: Cause | null }

/** Whether each of so many parts is ready for the sources to go on. */
export function mayGoOn(answers: Answers, of: number): boolean {
  const ends = [...answers.values()].flatMap((answer) => endOf(answer) ?? [])
  return ends.length === of && ends.every(({ goesOn }) => goesOn)
}

/** @param facts - `unclosed`: a part that did not commit all it had, though it was to; null for none */
export function endOfParts(
  answers: Answers,
  { summary }: PartPlan,
  options: EngineOptions & { readonly of: number; readonly unclosed: number | null },
): EndedParts {
  const { signal, of, unclosed } = options
  const numbers = Array.from({ length: of }, (_, at) => at + 1)
  const ends = numbers.flatMap((number) => endOf(answers.get(number)) ?? [])
  const lost = unclosed ?? numbers.find((number) => !isOver(answers.get(number))) ?? null
  const failure = failureOf(answers, { ends, lost, of })
  const isWhole =
    ends.length === of && failure === null && !signal.aborted && ends.every((end) => end.isWhole)
  return {
    isWhole,
    failure,
    report: async (own, { stops, members }) => {
      const joined = joinReports([own, ...ends.map(({ report }) => report)], members)
      const { requests } = joined.braze
      const { only_existing: onlyExisting } = summary.users
      const dropped = await droppedOf(options, { requests, onlyExisting })
      const end = causeOfEnd({ stops, failure, isWhole }, options, joined)
      return withFacts({ ...joined, ...end, guards: stops }, options, dropped)
    },
  }
}

function endOf(answer: PartAnswer | undefined): ToldEnd | null {
  if (answer?.step !== 'ended' && answer?.step !== 'closed') return null
  return answer.told as unknown as ToldEnd
}

function isOver(answer: PartAnswer | undefined): boolean {
  return answer !== undefined && ['ended', 'closed', 'failed'].includes(answer.step)
}

/** What ended the run early: a part that failed by itself before those that were asked to end then. */
function failureOf(
  answers: Answers,
  {
    ends,
    lost,
    of,
  }: { readonly ends: readonly ToldEnd[]; readonly lost: number | null; readonly of: number },
): Error | null {
  const failed = [...answers.values()].filter(({ step }) => step === 'failed')
  const causes = [
    ...ends.flatMap(({ failure }) => failure ?? []),
    ...failed.map(({ told }) => told as unknown as Cause),
  ]
  const cause = causes.find(({ code }) => code !== INTERRUPTED.code)
  if (cause !== undefined) return errorOf(cause)
  if (lost !== null) return new PartLostError(lost, of)
  return causes[0] === undefined ? null : errorOf(causes[0])
}

/** How it ended, and the one cause every output tells. */
function causeOfEnd(
  end: Pick<EndedParts, 'failure' | 'isWhole'> & {
    readonly stops: readonly GuardStop[]
  },
  { signal }: Pick<EngineOptions, 'signal'>,
  { records, braze }: Report,
): Pick<Report, 'status' | 'error'> {
  const { stops, failure, isWhole } = end
  if (stops.length > 0) return { status: 'stopped', error: causeOfStops(stops) }
  if (signal.aborted) return { status: 'interrupted', error: INTERRUPTED }
  if (failure !== null) return { status: 'failed', error: causeOf(failure) }
  const isPartial = !isWhole || records.rejected > 0 || braze.rejected > 0
  return { status: isPartial ? 'partial' : 'done', error: null }
}
