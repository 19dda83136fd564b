import { brazeRecipe, readMappingId, recipeFilters } from '@engage-sync/core'
import type {
  BrazeRecipe,
  NormalisedAudience,
  NormalisedMapping,
  NormalisedSegment,
  NormalisedSync,
  PropertyRule,
} from '@engage-sync/core'
import { countOf } from '../output/text/numbers.ts'
import { brazeName, mappingsById } from './braze-names.ts'
import type { ConfiguredMapping } from './braze-names.ts'
import type { MappingChange } from './changes.ts'

/** Something in Braze that no API does, so that somebody has to. */
export interface ManualStep {
  /**
   * `partner_key`: cohorts cannot be sent. `filter`: campaigns and segments that look at something that goes, stays
   * as it is, or has another name. `type`: an attribute has another data type. `cohort_name`: a cohort shows up under
   * another name. `segmentable`: properties of an event. `segment`: a segment to build.
   */
  readonly kind: 'partner_key' | 'filter' | 'type' | 'cohort_name' | 'segmentable' | 'segment'
  /** The mapping it follows from; null for the environment. */
  readonly mapping: string | null
  /** What to do, in a sentence or two; names stand in backticks. */
  readonly text: string
  /** How to build the same segment by its conditions; null where there are none. */
  readonly recipe: Pick<BrazeRecipe, 'name' | 'filters' | 'exact' | 'notes' | 'lines'> | null
}

/** What steps follow from. */
export interface ManualFacts {
  /** The riskiest first. */
  readonly changes: readonly MappingChange[]
  readonly renamedCohorts: readonly { readonly from: string; readonly to: string }[]
  /** The syncs of the plan. */
  readonly syncs: readonly NormalisedSync[]
  /** Whether the environment has the keys of a partner, or needs none. */
  readonly sendsCohorts: boolean
}

/** The steps of a plan, in the order of `ManualStep.kind`, then of its changes. Empty where nothing is left to do. */
export function manualSteps(facts: ManualFacts): readonly ManualStep[] {
  const mappings = mappingsById(facts.syncs)
  const { changes } = facts
  return [
    ...partnerKeyStep(facts, mappings),
    ...changes.flatMap((change) => filterSteps(change, { changes, mappings })),
    ...changes.flatMap(typeSteps),
    ...facts.renamedCohorts.map(cohortNameStep),
    ...segmentableSteps(changes, mappings),
    ...recipePropertySteps(facts),
    ...changes.flatMap((change) => segmentSteps(change, facts.syncs)),
  ]
}

const named = (name: string): string => `\`${name.replaceAll('`', "'")}\``
const listed = (names: readonly string[]): string => names.map(named).join(', ')

function partnerKeyStep(
  { sendsCohorts }: ManualFacts,
  mappings: ReadonlyMap<string, ConfiguredMapping>,
): readonly ManualStep[] {
  if (sendsCohorts) return []
  const cohorts = [...mappings.values()].flatMap((mapping) =>
    'cohort' in mapping && mapping.send && mapping.cohort !== null ? [mapping.cohort.name] : [],
  )
  if (cohorts.length === 0) return []
  const what = cohorts.length === 1 ? 'The cohort' : 'The cohorts'
  const text = `${what} ${listed(cohorts)} cannot be sent: this environment has no partner key (\`braze.cohorts\`). Ask Braze for one, or filter by the attribute instead.`
  return [{ kind: 'partner_key', mapping: null, text, recipe: null }]
}

interface Known {
  readonly changes: readonly MappingChange[]
  readonly mappings: ReadonlyMap<string, ConfiguredMapping>
}

/** Campaigns and segments that look at what nothing fills any more. */
function filterSteps(change: MappingChange, { changes, mappings }: Known): readonly ManualStep[] {
  const { kind, mapping, attribute, cohort, events } = change
  const step = (text: string): ManualStep => ({ kind: 'filter', mapping, text, recipe: null })
  if (kind === 'retired' && attribute !== null)
    return [
      step(
        `Campaigns and segments that filter by ${named(attribute)}: stop before the run, which unsets it for everybody.`,
      ),
    ]
  if (kind === 'orphaned') {
    return [
      ...(attribute === null ? [] : [step(orphanedText(attribute, change, changes))]),
      ...(cohort === null
        ? []
        : [
            step(
              `Campaigns and segments that use the cohort ${named(cohort)}: it keeps its last members, and nobody enters or leaves it any more.`,
            ),
          ]),
      ...events.map((name) => step(eventText(name, { mapping, mappings, now: null }))),
    ]
  }
  return change.options.flatMap(({ option, before, after }) => {
    if (!isEventName(option) || before === null || before === after) return []
    return [step(eventText(before, { mapping, mappings, now: after }))]
  })
}

/** An event that a mapping sends no more, or by another name; others may go on sending it. */
function eventText(
  name: string,
  {
    mapping,
    mappings,
    now,
  }: { readonly mapping: string; readonly now: string | null } & Pick<Known, 'mappings'>,
): string {
  const { key } = readMappingId(mapping)
  const others = [...mappings.values()].filter((one) => one.id !== mapping && sends(one, name))
  const [who, rest] =
    others.length === 0
      ? ['', '']
      : [
          ` for ${named(key)}`,
          ` ${countOf(others.length, 'other mapping')} still ${others.length === 1 ? 'sends' : 'send'} it.`,
        ]
  const end = now === null ? 'it is not sent any more' : `it is ${named(now)} now`
  return `Campaigns that ${named(name)} starts${who}: ${end}.${rest}`
}

function sends(mapping: ConfiguredMapping, name: string): boolean {
  if (mapping.event === null || !mapping.send) return false
  return 'name' in mapping.event
    ? mapping.event.name === name
    : mapping.event.entered === name || mapping.event.exited === name
}

function isEventName(option: string): boolean {
  return option === 'event' || option === 'event.entered' || option === 'event.exited'
}

/** An attribute that got another name is orphaned beside its change, which tells the new one. */
function orphanedText(
  attribute: string,
  { mapping, stale_users: stale }: MappingChange,
  changes: readonly MappingChange[],
): string {
  const renamed = changes
    .filter((one) => one.mapping === mapping || one.moved_from === mapping)
    .flatMap(({ options }) => options)
    .map(({ option, before, after }) =>
      option === 'attribute' && before === attribute ? after : null,
    )
    .find((after) => after !== null)
  const until = `${named(attribute)} keeps its last values${stale === null || stale === 0 ? '' : ` for ${countOf(stale, 'user')}`} until \`retire: [{ attribute: ${attribute}, by: unset }]\`.`
  const now =
    renamed === undefined ? 'nothing fills it any more' : `point them at ${named(renamed)}`
  return `Campaigns and segments that filter by ${named(attribute)}: ${now}. ${until}`
}

/** Braze keeps the type of the first value, and drops what does not fit it in silence. */
function typeSteps({ mapping, attribute, options }: MappingChange): readonly ManualStep[] {
  const type = options.find(({ option }) => option === 'type')
  if (attribute === null || type === undefined || type.before === null || type.after === null)
    return []
  const text = `The attribute ${named(attribute)} becomes ${type.after}, and was ${type.before}: change its data type under Data Settings > Custom Attributes before the run, since Braze drops values of another type in silence. Then look at campaigns and segments that filter by it.`
  return [{ kind: 'type', mapping, text, recipe: null }]
}

function cohortNameStep({ from, to }: { readonly from: string; readonly to: string }): ManualStep {
  const text = `The cohort ${named(from)} shows up as ${named(to)}; segments that use it keep working.`
  return { kind: 'cohort_name', mapping: null, text, recipe: null }
}

/** Events that are new: their properties are no filters until somebody says so. */
function segmentableSteps(
  changes: readonly MappingChange[],
  mappings: ReadonlyMap<string, ConfiguredMapping>,
): readonly ManualStep[] {
  const properties = new Map<string, { readonly mapping: string; readonly names: Set<string> }>()
  for (const { mapping: id, options } of changes) {
    const mapping = mappings.get(id)
    const fresh = options.flatMap(({ option, after }) =>
      isEventName(option) && after !== null ? [after] : [],
    )
    if (mapping === undefined) continue
    for (const event of fresh) {
      const known = properties.get(event) ?? { mapping: id, names: new Set() }
      for (const name of propertyNames(mapping)) known.names.add(name)
      properties.set(event, known)
    }
  }
  return [...properties]
    .filter(([, { names }]) => names.size > 0)
    .map(([event, { mapping, names }]) => ({
      kind: 'segmentable',
      mapping,
      text: `To segment by properties of ${named(event)} (${listed([...names])}), make them segmentable under Data Settings > Custom Events.`,
      recipe: null,
    }))
}

function propertyNames(mapping: ConfiguredMapping): readonly string[] {
  const {
    event,
  }: NormalisedMapping & { readonly event: { readonly properties: PropertyRule } | null } = mapping
  if (event === null) return []
  if (event.properties !== null) return [...event.properties.values()]
  const isTrait = mapping.kind === 'trait' || mapping.kind === 'enrichment'
  return [isTrait ? 'trait_key' : 'audience_key', mapping.key]
}

/** Properties that a recipe of this plan counts events by. */
function recipePropertySteps({ changes, syncs }: ManualFacts): readonly ManualStep[] {
  const steps = changes
    .flatMap((change) => segmentSteps(change, syncs))
    .flatMap(({ mapping, recipe }) =>
      recipe === null ? [] : recipeFilters(recipe.filters).map((filter) => ({ mapping, filter })),
    )
    .flatMap(({ mapping, filter: { name, property } }): readonly ManualStep[] =>
      property === null
        ? []
        : [
            {
              kind: 'segmentable',
              mapping,
              text: `The filters below count ${named(name)} by its property ${named(property.name)}: make it segmentable under Data Settings > Custom Events.`,
              recipe: null,
            },
          ],
    )
  return steps.filter(({ text }, index) => steps.findIndex((one) => one.text === text) === index)
}

/** A membership that is new, or a segment that means something else now. */
function segmentSteps(
  change: MappingChange,
  syncs: readonly NormalisedSync[],
): readonly ManualStep[] {
  const { kind, mapping, options } = change
  const isNew = kind === 'added'
  const hasOtherFilter = options.some(
    ({ option }) => option === 'when' || option.startsWith('when.'),
  )
  const found = isNew || hasOtherFilter ? membershipOf(mapping, syncs) : null
  if (found === null || !found.membership.send) return []
  const { membership, recipe } = found
  const name = named(brazeName(membership))
  if (isNew)
    return [
      {
        kind: 'segment',
        mapping,
        text: `Build the segment ${name}, for campaigns to target: ${targetText(membership)}.`,
        recipe,
      },
    ]
  const text = `Segments that somebody built in Braze for ${name} by its conditions: bring their filters in line.`
  return [{ kind: 'segment', mapping, text, recipe }]
}

type Membership = NormalisedAudience | NormalisedSegment

/** The filter that takes the members, as the dashboard has it. */
function targetText({ cohort, attribute, event, subscriptionGroup, key }: Membership): string {
  if (cohort !== null) return `\`Segment Cohorts\` includes ${named(cohort.name)}`
  if (attribute !== null) {
    const name = named([attribute.name, ...attribute.path].join('.'))
    const filter = attribute.path.length === 0 ? 'Custom Attributes' : 'Nested Custom Attributes'
    return attribute.element === null
      ? `\`${filter}\` ${name} is true`
      : `\`${filter}\` ${name} includes any of ${named(attribute.element)}`
  }
  if (subscriptionGroup !== null)
    return `members of the subscription group ${named(subscriptionGroup.id)}`
  return `\`Custom Event\` ${named(event?.entered ?? event?.exited ?? key)}`
}

function membershipOf(
  id: string,
  syncs: readonly NormalisedSync[],
): { readonly membership: Membership; readonly recipe: ManualStep['recipe'] } | null {
  for (const sync of syncs) {
    for (const segment of sync.segments.values())
      if (segment.id === id) return { membership: segment, recipe: brazeRecipe(segment, sync) }
    for (const audience of sync.audiences.values())
      if (audience.id === id) return { membership: audience, recipe: null }
  }
  return null
}
