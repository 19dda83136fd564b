import { brazeRecipe } from '@engage-sync/core'
import type { BrazeRecipe, NormalisedSync } from '@engage-sync/core'
import type { Io } from '../process/io.ts'
import { coloursFor } from '../output/text/colours.ts'
import type { Colours } from '../output/text/colours.ts'
import { becomes, renderOverviews } from '../output/syncs/overview.ts'
import { renderJson } from '../output/formats/json.ts'
import { escapeCell } from '../output/formats/markdown.ts'
import { safeLine } from '../output/text/safe-text.ts'
import { describeSync } from '../output/syncs/sync-overview.ts'
import type { SyncOverview } from '../output/syncs/sync-overview.ts'
import { compileContext } from '../workspace/configuration/compile-context.ts'
import type { ReadConfig } from '../workspace/configuration/config-files.ts'

/** How the explanation of a sync can be written. */
export const SYNC_FORMATS = ['human', 'markdown', 'json'] as const
/** One of them. */
export type SyncFormat = (typeof SYNC_FORMATS)[number]

/** What to explain. */
export interface SyncExplanation {
  readonly config: ReadConfig
  readonly sync: NormalisedSync
  readonly format: SyncFormat
  /** Whether the recipes for Braze's dashboard are wanted. */
  readonly braze: boolean
}

/**
 * Writes a sync at a glance, and how to build each of its segments by hand in Braze's dashboard.
 */
export function explainSync(io: Io, { config, sync, format, braze }: SyncExplanation): void {
  const overview = describeSync(sync, compileContext(config.project?.environment ?? null))
  const recipes = braze ? recipesOf(sync) : []
  if (format === 'json') io.stdout.write(renderJson({ version: 1, sync: overview, recipes }))
  else if (format === 'markdown') io.stdout.write(renderMarkdown(overview, recipes))
  else io.stdout.write(renderHuman(overview, recipes, coloursFor(io.stdout, io.env)))
}

interface Recipe extends BrazeRecipe {
  readonly key: string
}

function recipesOf(sync: NormalisedSync): readonly Recipe[] {
  return [...sync.segments.values()].map((segment) => ({
    key: segment.key,
    ...brazeRecipe(segment, sync),
  }))
}

function renderHuman(overview: SyncOverview, recipes: readonly Recipe[], colours: Colours): string {
  const blocks = recipes.map(({ key, lines }) => {
    const [intro, ...filters] = lines.map(safeLine)
    return [
      colours.bold(`segment ${safeLine(key)}`),
      `  ${intro}`,
      ...filters.map((line) => (line === '' ? '' : `  ${line}`)),
      '',
    ].join('\n')
  })
  return [renderOverviews([overview], colours), ...blocks].join('\n')
}

/**
 * Fits a page of a wiki, or a comment: a table of the mappings, then each recipe as it is indented.
 */
function renderMarkdown(
  { name, description, mappings }: SyncOverview,
  recipes: readonly Recipe[],
): string {
  const rows = mappings.map((unit) =>
    [unit.kind, unit.key, unit.timing.mode, becomes(unit)].map(escapeCell),
  )
  const table = [['', 'key', 'timing', 'in Braze'], ['---', '---', '---', '---'], ...rows].map(
    (cells) => `| ${cells.join(' | ')} |`,
  )
  const blocks = recipes.map(({ key, lines }) =>
    [`### ${escapeCell(key)}`, '', lines[0], '', '```text', ...lines.slice(1), '```'].join('\n'),
  )
  const head = [
    `## ${escapeCell(name)}`,
    ...(description === null ? [] : ['', escapeCell(description)]),
    '',
    ...table,
  ].join('\n')
  return `${[head, ...blocks].join('\n\n')}\n`
}
