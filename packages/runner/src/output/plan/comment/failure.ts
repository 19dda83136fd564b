import type { Cause, Diagnostic } from '@engage-sync/core'
import type { CiJob } from '../../../process/ci-job.ts'
import { escapeCell } from '../../formats/markdown.ts'
import { countOf, formatCount, formatInstant } from '../../text/numbers.ts'
import { code } from './inline.ts'
import { ofJob } from './foot.ts'
import { layOut } from './layout.ts'
import type { CommentPart } from './layout.ts'
import { marker } from './verdict.ts'

/** A plan that could not be made. */
export interface FailedPlan {
  readonly environment: string
  readonly cause: Cause
  /** Mistakes of the configuration, with their lines. */
  readonly diagnostics: readonly Diagnostic[]
  readonly job: CiJob
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}

/** Mistakes that are shown with their line. */
const MOST_EXCERPTS = 10

/** The comment of a plan that could not be made: it takes the place of an older one, which would look valid. */
export function renderFailedPlan({
  environment,
  cause,
  diagnostics,
  job,
  nowMs,
}: FailedPlan): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const count = errors.length === 0 ? '' : `, ${countOf(errors.length, 'error')}`
  const head = [
    marker(environment),
    `### 🛑 engage-sync · ${escapeCell(environment)} — could not plan: ${escapeCell(cause.code)}${count}`,
    ...(errors.length > 0 ? [] : [causeText(cause)]),
  ]
  const parts = excerptParts(errors)
  const end = [...ofJob(job), `tried ${formatInstant(nowMs)} UTC`].join(' · ')
  return layOut({ head, parts, foot: `<sub>${end}</sub>` })
}

/** Mistakes with their lines, as many as can be read, and how many more there are. */
export function excerptParts(mistakes: readonly Diagnostic[]): readonly CommentPart[] {
  const left = mistakes.length - MOST_EXCERPTS
  const shown = mistakes.slice(0, MOST_EXCERPTS)
  return [
    ...shown.map((each, rank) => ({ rank, render: () => excerpt(each) })),
    {
      rank: 0,
      render: () =>
        left > 0
          ? `_and ${formatCount(left)} more: \`engage-sync validate\` has all of them._`
          : '',
    },
  ]
}

function causeText({ message, hint, place }: Cause): string {
  const lines = ['[!CAUTION]', `${place === null ? '' : `${code(place)}: `}${escapeCell(message)}`]
  const hints = (hint?.split('\n') ?? []).map(escapeCell)
  return [...lines, ...(hints.length === 0 ? [] : ['', ...hints])]
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
}

function excerpt({
  path,
  line,
  column,
  endLine,
  endColumn,
  code: reason,
  message,
  hint,
  excerpt: text,
}: Diagnostic): string {
  const width =
    endLine > line ? 1 : Math.max(1, Math.min(endColumn - column, text.length - column + 1))
  const gutter = `${line} │ `
  const source = text.replaceAll('\t', ' ').replaceAll('```', "'''")
  const block =
    text.trim() === ''
      ? []
      : [
          '```text',
          `${gutter}${source}`,
          `${' '.repeat(gutter.length + column - 1)}${'^'.repeat(width)}`,
          '```',
        ]
  return [
    `**${escapeCell(path)}:${line}:${column}** · ${code(reason)} · ${escapeCell(message)}`,
    ...(hint === undefined ? [] : [`<br>${escapeCell(hint)}`]),
    ...(block.length === 0 ? [] : ['', ...block]),
  ].join('\n')
}
