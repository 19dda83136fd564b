import type { Diagnostic } from '@engage-sync/core'
import type { CiJob } from '../../process/ci-job.ts'
import type { ConfigurationView } from '../../plan/configuration-view.ts'
import { countOf } from '../text/numbers.ts'
import type { Colours } from '../text/colours.ts'
import { safeLine } from '../text/safe-text.ts'
import { byHandLines } from './by-hand-lines.ts'
import { changeLines } from './change-lines.ts'
import { manualPart } from './comment/alerts.ts'
import { changePart } from './comment/change-table.ts'
import { excerptParts } from './comment/failure.ts'
import { ofJob, shortRef } from './comment/foot.ts'
import { code } from './comment/inline.ts'
import { layOut } from './comment/layout.ts'

/** What a configuration changes, for a terminal: what each mapping was and is, and what is left to do by hand. */
export function renderConfiguration(view: ConfigurationView, colours: Colours): string {
  const { ref, by_hand: steps } = view
  const lines = changeLines({ ...view, cohorts: { created: [] } }, colours)
  const head = colours.bold(`Changes since ${safeLine(ref)}`)
  const rest = lines.length === 0 ? ['  none of what is sent to Braze'] : lines.slice(1)
  const blocks = [[head, ...rest], byHandLines(steps, colours)]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

/** A configuration that was checked, and compared where that could be done. */
export interface CheckedChange {
  /** Null where there are errors: nothing is compared then. */
  readonly comparison: ConfigurationView | null
  /** Mistakes, with their lines. */
  readonly diagnostics: readonly Diagnostic[]
  readonly job: CiJob
}

/**
 * The same as Markdown, for the summary of a job: a verdict, mistakes with their lines, what changes before and after,
 * and what is left to do by hand.
 */
export function renderConfigurationMarkdown(checked: CheckedChange): string {
  const { comparison, diagnostics, job } = checked
  const head = [`### ${verdictOf(checked)}`, comparedText(checked)]
  const parts = [
    ...excerptParts(diagnostics),
    ...(comparison === null
      ? []
      : [
          changePart({ ...comparison, mappings: [] }, { isCounted: false }),
          manualPart(comparison),
        ]),
  ]
  const end = ofJob(job).join(' · ')
  const foot = end === '' ? '' : `<sub>${end}</sub>`
  return layOut({ head, parts, foot, whole: 'validate --base REF --format json' })
}

function verdictOf({ comparison, diagnostics }: CheckedChange): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const warnings = diagnostics.length - errors
  if (errors > 0) return `🛑 engage-sync — ${countOf(errors, 'error')} in the configuration`
  const changes = comparison === null ? 'no errors in the configuration' : changesText(comparison)
  return warnings === 0
    ? `✅ engage-sync — ${changes}`
    : `⚠️ engage-sync — ${changes}, ${countOf(warnings, 'warning')}`
}

function changesText({ changes, sync_changes: ofSyncs }: ConfigurationView): string {
  const count = changes.length + ofSyncs.length
  return count === 0
    ? 'no change of configuration'
    : countOf(count, 'change of configuration', 'changes of configuration')
}

function comparedText({ comparison, diagnostics }: CheckedChange): string {
  if (comparison !== null)
    return `The configuration alone, compared with ${code(shortRef(comparison.ref))}: nobody was counted, and nothing was read but files.`
  return diagnostics.some(({ severity }) => severity === 'error')
    ? 'What it changes is told once that is corrected.'
    : 'What it changes is told with `--base REF`.'
}
