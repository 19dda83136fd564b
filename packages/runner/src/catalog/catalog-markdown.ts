import { escapeCell } from '../output/formats/markdown.ts'
import { formatCount } from '../output/text/numbers.ts'
import type { Catalog, CatalogEntry, CatalogSync } from './catalog.ts'
import { graphOf } from './graph.ts'

/** A catalogue as Markdown: for each sync its lineage, which GitHub and GitLab draw, and a table. */
export function renderCatalogMarkdown(catalog: Catalog): string {
  const where = catalog.environment === null ? '' : ` · ${escapeCell(catalog.environment)}`
  return [`# What goes where${where}`, ...catalog.syncs.map((sync) => syncText(sync, catalog)), '']
    .join('\n\n')
    .trimEnd()
    .concat('\n')
}

function syncText(sync: CatalogSync, { period }: Catalog): string {
  const { name, owner, description, source, enabled, path, entries } = sync
  const about = [
    `\`${path}\``,
    `source ${escapeCell(source)}`,
    ...(owner === null ? [] : [`owner ${escapeCell(owner)}`]),
    ...(enabled ? [] : ['disabled']),
  ].join(' · ')
  const points = period === null ? [] : [`data points in ${period.days} days`]
  const head = ['mapping', 'type', 'in Braze', 'timing', ...points, 'last change']
  const align = head.map((each) => (each.startsWith('data points') ? '---:' : '---'))
  const rows = entries.map((entry) => [
    `${escapeCell(entry.key)} (${entry.kind})`,
    entry.type ?? '·',
    targetsText(entry),
    entry.real_time ? 'real time' : `scheduled: ${escapeCell(entry.timing)}`,
    ...(period === null ? [] : [formatCount(entry.data_points ?? 0)]),
    changeText(entry),
  ])
  const table = [head, align, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  return [
    `## ${escapeCell(name)}`,
    ...(description === null ? [] : [escapeCell(description)]),
    about,
    drawn(sync),
    table,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function targetsText({
  attribute,
  events,
  cohort,
  subscription_group: group,
}: CatalogEntry): string {
  const targets = [
    ...(attribute === null ? [] : [`attribute ${escapeCell(attribute)}`]),
    ...events.map((event) => `event ${escapeCell(event)}`),
    ...(cohort === null ? [] : [`cohort ${escapeCell(cohort)}`]),
    ...(group === null ? [] : [`subscription group ${escapeCell(group)}`]),
  ]
  return targets.length === 0 ? 'nothing; filters read it' : targets.join('<br>')
}

function changeText({ last_change: change }: CatalogEntry): string {
  if (change === null) return '·'
  return change.commit === null
    ? 'not committed'
    : `${change.at.slice(0, 10)} \`${change.commit.slice(0, 8)}\``
}

/** The lineage for Mermaid. @see https://mermaid.js.org/syntax/flowchart.html */
function drawn(sync: CatalogSync): string {
  const { nodes, edges } = graphOf(sync)
  if (edges.length === 0) return ''
  const names = new Map(nodes.map(({ id }, at) => [id, `n${at}`]))
  const lines = [
    ...nodes.map(
      ({ id, kind, name }) => `  ${names.get(id)}["${mermaidText(`${kind}: ${name}`)}"]`,
    ),
    ...edges.map(({ from, to }) => `  ${names.get(from)} --> ${names.get(to)}`),
  ]
  return ['```mermaid', 'flowchart LR', ...lines, '```'].join('\n')
}

/** Text in quotes: what would end it, or be read as markup or a fence, is named by its number. */
function mermaidText(text: string): string {
  return text.replaceAll(/["#;<>&`\\\n\r]/g, (letter) => `#${letter.charCodeAt(0)};`)
}
