import { counted, markup, NOTHING, pageText, pill, table, tiles } from '../output/html/index.ts'
import type { Column, Markup, Part } from '../output/html/index.ts'
import { countOf, formatCount } from '../output/text/numbers.ts'
import type { Catalog, CatalogEntry, CatalogSync } from './catalog.ts'
import { graphOf } from './graph.ts'
import { lineage, LINEAGE_STYLE } from './lineage.ts'

/** A catalogue as one HTML page: each sync drawn and as a table, then every name in Braze with what fills it. */
export function renderCatalogPage(catalog: Catalog): string {
  const { environment, syncs } = catalog
  return pageText({
    title: `engage-sync · catalogue${environment === null ? '' : ` · ${environment}`}`,
    style: LINEAGE_STYLE,
    body: [
      head(catalog),
      catalogTiles(catalog),
      syncs.map((sync) => syncPart(sync, catalog)),
      inBraze(catalog),
    ],
    foot: 'Made by engage-sync from the configuration, its history in git and that of its runs. Holds names, no values and no ids of users.',
  })
}

function head({ environment, syncs }: Catalog): Markup {
  const entries = syncs.flatMap((sync) => sync.entries)
  const owners = new Set(syncs.flatMap(({ owner }) => (owner === null ? [] : [owner])))
  const where = environment === null ? '' : ` · ${environment}`
  const facts = [
    countOf(syncs.length, 'sync'),
    owners.size === 0 ? 'nobody named as owner' : `owned by ${[...owners].join(', ')}`,
  ]
  return markup`<p class="eyebrow"><b>engage-sync</b> catalogue${where}</p>
<section class="band plain" aria-label="What this is"><h1>What goes where: ${countOf(entries.length, 'mapping')} into ${countOf(namesInBraze(syncs).length, 'name')} in Braze</h1><p class="soft">${facts.join(' · ')}</p></section>`
}

function catalogTiles({ syncs, period }: Catalog): Markup {
  const entries = syncs.flatMap((sync) => sync.entries)
  const slow = entries.filter((entry) => !entry.real_time).length
  const names = namesInBraze(syncs)
  const kinds = (kind: BrazeName['kind']) => names.filter((name) => name.kind === kind).length
  const points = entries.reduce((sum, entry) => sum + (entry.data_points ?? 0), 0)
  return tiles([
    {
      name: 'From Segment',
      value: formatCount(entries.filter(({ kind }) => kind !== 'segment').length),
      note: 'traits, audiences and what comes with them',
    },
    {
      name: 'Segments',
      value: formatCount(entries.filter(({ kind }) => kind === 'segment').length),
      note: `${slow === 0 ? 'all' : formatCount(entries.length - slow)} of ${formatCount(entries.length)} mappings in real time`,
    },
    {
      name: 'In Braze',
      value: formatCount(names.length),
      note: (['attribute', 'event', 'cohort'] as const)
        .map((kind) => countOf(kinds(kind), kind))
        .join(', '),
    },
    {
      name: 'Data points',
      value: period === null ? '–' : formatCount(points),
      note:
        period === null
          ? 'no history of runs was read'
          : `in ${period.days} days, ${countOf(period.runs, 'run')}`,
    },
  ])
}

function syncPart(sync: CatalogSync, { period }: Catalog): Markup {
  const { name, owner, description, tags, source, enabled, entries, path } = sync
  const about = [path, `from source ${source}`, ...(owner === null ? [] : [`owner ${owner}`])].join(
    ' · ',
  )
  const labels = [
    ...(enabled ? [] : [pill('disabled', 'warn')]),
    ...tags.map((tag) => pill(tag, 'quiet')),
  ]
  const points: Column = { head: 'Data points', kind: 'number' }
  const columns: readonly Column[] = [
    { head: 'In Segment, or segment' },
    { head: 'In Braze' },
    { head: 'Timing' },
    ...(period === null ? [] : [points]),
    { head: 'Last change' },
  ]
  const rows = entries.map((entry) => [
    sourceCell(entry),
    targets(entry),
    timing(entry),
    ...(period === null ? [] : [counted(entry.data_points ?? 0)]),
    lastChange(entry),
  ])
  return markup`<h2 id="${name}">${name} ${labels.map((label) => markup`${label} `)}</h2>${
    description === null ? NOTHING : markup`<p>${description}</p>`
  }<p class="soft small">${about}</p>${lineage(graphOf(sync), name)}${table(`Mappings of ${name}`, columns, rows)}`
}

function sourceCell({ kind, key, type, description, members, backfill }: CatalogEntry): Part {
  const facts = [
    ...(type === null ? [] : [type]),
    ...(backfill ? ['backfill'] : []),
    ...(members === null ? [] : [countOf(members, 'member')]),
  ]
  const about = description === null ? NOTHING : markup`<br>${description}`
  const said =
    facts.length === 0 ? NOTHING : markup`<br><span class="soft">${facts.join(' · ')}</span>`
  return markup`<span class="strong">${key}</span> ${pill(kind, 'quiet')}${about}${said}`
}

function targets({ attribute, events, cohort, subscription_group: group }: CatalogEntry): Part {
  const lines = [
    ...(attribute === null ? [] : [['attribute', attribute] as const]),
    ...events.map((event) => ['event', event] as const),
    ...(cohort === null ? [] : [['cohort', cohort] as const]),
    ...(group === null ? [] : [['subscription group', group] as const]),
  ]
  if (lines.length === 0) return markup`<span class="soft">nothing; filters read it</span>`
  return markup`${lines.map(([kind, name], at) => markup`${at === 0 ? NOTHING : markup`<br>`}<span class="whole"><span class="soft">${kind}</span> ${name}</span>`)}`
}

function timing({ real_time: isRealTime, timing: reason }: CatalogEntry): Part {
  return isRealTime
    ? pill('real time', 'good')
    : markup`${pill('scheduled', 'warn')}<br><span class="soft">${reason}</span>`
}

function lastChange({ last_change: change }: CatalogEntry): Part {
  if (change === null) return markup`<span class="soft">not known</span>`
  if (change.commit === null) return 'not committed'
  return markup`${change.at.slice(0, 10)}<br><code class="soft">${change.commit.slice(0, 8)}</code>`
}

interface BrazeName {
  readonly kind: 'attribute' | 'event' | 'cohort' | 'subscription group'
  readonly name: string
  readonly filledBy: readonly string[]
}

/** Every name that is filled in Braze, with the mappings that do. */
function namesInBraze(syncs: readonly CatalogSync[]): readonly BrazeName[] {
  const found = new Map<string, { kind: BrazeName['kind']; name: string; filledBy: string[] }>()
  const add = (kind: BrazeName['kind'], name: string | null, mapping: string): void => {
    if (name === null) return
    const known = found.get(`${kind} ${name}`)
    if (known === undefined) found.set(`${kind} ${name}`, { kind, name, filledBy: [mapping] })
    else known.filledBy.push(mapping)
  }
  for (const { mapping, attribute, events, cohort, subscription_group: group } of syncs.flatMap(
    ({ entries }) => entries,
  )) {
    add('attribute', attribute, mapping)
    for (const event of events) add('event', event, mapping)
    add('cohort', cohort, mapping)
    add('subscription group', group, mapping)
  }
  return [...found.values()]
}

const KINDS: readonly BrazeName['kind'][] = ['attribute', 'event', 'cohort', 'subscription group']

function inBraze({ syncs }: Catalog): Markup {
  const names = namesInBraze(syncs).toSorted(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : 1),
  )
  if (names.length === 0) return NOTHING
  const rows = names.map(({ kind, name, filledBy }) => [
    markup`<span class="strong">${name}</span>`,
    kind,
    filledBy.join(', '),
  ])
  const columns: readonly Column[] = [{ head: 'Name' }, { head: 'Kind' }, { head: 'Filled by' }]
  return markup`<h2>By name in Braze</h2>${table('By name in Braze', columns, rows)}`
}
