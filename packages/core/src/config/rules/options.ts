import type { NormalisedAudience, NormalisedSegment, NormalisedTrait } from '../../model/mapping.ts'
import type { ConfigPath } from '../../model/source-range.ts'
import { mappingsOfSync, SECTIONS } from './mappings.ts'
import type { PlacedMapping } from './mappings.ts'
import type { Rule } from './rule.ts'

const OUTPUTS = ['attribute', 'event', 'cohort', 'subscription_group'] as const

/** A mapping writes something, or says that it does not. */
export const checkOutputs: Rule = ({ syncs }) => {
  for (const { document, path, mapping, written, section } of syncs.flatMap(mappingsOfSync)) {
    if (document.isDamaged(path)) continue
    const output = OUTPUTS.find((option) => written[option] !== undefined)
    if (!mapping.send && output !== undefined) {
      document.report('MAPPING_NOT_SENT', document.rangeOf([...path, output], 'key'), {
        message: `\`send: false\` and \`${output}\` contradict each other`,
        hint: `Remove one of them.`,
      })
    }
    if (!mapping.send || mapping.attribute !== null || hasOtherOutput(mapping)) continue
    document.report('MAPPING_EMPTY', document.rangeOf(path, 'key'), {
      message:
        section === 'segments'
          ? 'this segment becomes nothing in Braze'
          : 'this mapping writes nothing',
      hint:
        section === 'segments'
          ? 'Add `cohort:` or `attribute:`.'
          : 'Add `attribute:` or `event:`, or `send: false` if filters alone need it.',
    })
  }
}

function hasOtherOutput(mapping: PlacedMapping['mapping']): boolean {
  const { event } = mapping
  if (event !== null && ('name' in event || event.entered !== null || event.exited !== null))
    return true
  return 'cohort' in mapping && (mapping.cohort !== null || mapping.subscriptionGroup !== null)
}

/** A sync maps something. */
export const checkSyncEmpty: Rule = ({ syncs }) => {
  for (const { document, sync, config } of syncs) {
    if (
      document.isPartial ||
      SECTIONS.some((section) => sync[section].size > 0) ||
      sync.retire.length > 0
    )
      continue
    const present = SECTIONS.find((section) => config[section] !== undefined)
    document.report(
      'SYNC_EMPTY',
      present === undefined
        ? document.toRange({ start: 0, end: 0 })
        : document.rangeOf([present], 'key'),
      {
        message: 'this sync maps nothing',
        hint: 'Add e.g. `traits: { lifetime_value: ltv }`.',
      },
    )
  }
}

/** Options that change nothing are most likely meant for something else. */
export const checkUnusedOptions: Rule = ({ syncs }) => {
  for (const loaded of syncs) {
    for (const placed of mappingsOfSync(loaded)) {
      const unused =
        'onNull' in placed.mapping
          ? unusedOfTrait(placed.mapping)
          : unusedOfMembership(placed.mapping)
      for (const [option, message] of unused) {
        if (placed.written[option] !== undefined)
          reportUnused(placed, [...placed.path, option], message)
      }
    }
    checkDefaults(loaded)
    checkAlias(loaded)
  }
}

type Unused = readonly (readonly [option: string, message: string])[]

function reportUnused(
  { document }: Pick<PlacedMapping, 'document'>,
  path: ConfigPath,
  message: string,
): void {
  document.report('OPTION_UNUSED', document.rangeOf(path, 'key'), {
    message: `"${path.at(-1)}" has no effect: ${message}`,
    hint: 'Remove it.',
  })
}

function unusedOfTrait(trait: NormalisedTrait): Unused {
  const { attribute, type, send, idField, array } = trait
  if (!send)
    return ['on_null', 'array', 'id', 'merge', 'backfill'].map((option) => [
      option,
      'nothing is sent',
    ])
  if (attribute === null)
    return ['on_null', 'array', 'id', 'merge'].map((option) => [option, 'there is no attribute'])
  const isList = type === null || type === 'array'
  const isNested = attribute.path.length > 0
  const whole = 'Braze changes single items of whole attributes only, not of members of an object'
  const found: [string, string][] = []
  if (!isList)
    found.push(['array', `the value is of type ${type}`], ['id', `the value is of type ${type}`])
  else if (isNested)
    found.push(['id', whole], ...(array === 'update' ? [['array', whole] as [string, string]] : []))
  else if (idField !== null) found.push(['array', '`id` says already how the list is sent'])
  if (type !== null && type !== 'object') found.push(['merge', `the value is of type ${type}`])
  return found
}

function unusedOfMembership({ attribute, send }: NormalisedAudience | NormalisedSegment): Unused {
  if (!send) return ['on_exit', 'backfill'].map((option) => [option, 'nothing is sent'])
  if (attribute === null) return [['on_exit', 'there is no attribute']]
  return attribute.element === null
    ? []
    : [['on_exit', 'leaving takes the element out of the array']]
}

/** Which sections a default speaks to. */
const DEFAULTS_FOR = {
  on_null: ['traits', 'enrichment'],
  array: ['traits', 'enrichment'],
  merge: ['traits', 'enrichment'],
  on_exit: ['audiences', 'segments'],
} as const

function checkDefaults({ document, sync, config }: Parameters<typeof mappingsOfSync>[0]): void {
  for (const option of Object.keys(config.defaults ?? {}) as (keyof typeof DEFAULTS_FOR)[]) {
    const sections = DEFAULTS_FOR[option]
    if (sections.some((section) => sync[section].size > 0 || document.isDamaged([section])))
      continue
    reportUnused(
      { document },
      ['defaults', option],
      `there is nothing under ${sections.map((section) => `\`${section}\``).join(' or ')}`,
    )
  }
}

function checkAlias({ document, sync }: Parameters<typeof mappingsOfSync>[0]): void {
  const { alias, externalId } = sync.identity
  if (alias === null || alias.from !== externalId.from) return
  reportUnused(
    { document },
    ['identity', 'alias'],
    `a user without \`${alias.from}\` has none for an alias either`,
  )
}
