import { closest } from '@engage-sync/contract'
import type { ConfigPath } from '../../model/source-range.ts'
import type { SchemaNode } from '../../schema/node.ts'
import { shownKey } from '../secrets/quote.ts'

interface Where {
  readonly path: ConfigPath
  readonly schema: SchemaNode
  readonly resolve: (schema: SchemaNode) => SchemaNode
}

/** Hints for words people bring from elsewhere: section, key, what to do instead. */
const ELSEWHERE: readonly (readonly [section: string, key: string, hint: string])[] = [
  [
    'traits',
    'cohort',
    'A trait has no members. Write a segment: `segments: { name: { when: { trait: …, … }, cohort: … } }`.',
  ],
  ['traits', 'on_exit', 'Traits have values, not exits: `on_null` says what a null does.'],
  ['traits', 'subscription_group', 'A trait has no members. Write a segment over it.'],
  ['audiences', 'on_null', 'Audiences are entered and left: `on_exit` says what leaving does.'],
  ['audiences', 'type', 'An audience is always true or false.'],
  [
    'audiences',
    'when',
    'An audience is computed by Engage. A filter of your own belongs under `segments:`.',
  ],
  ['segments', 'filter', 'Did you mean "when"?'],
  ['segments', 'where', 'Did you mean "when"?'],
]

/** What filters are called elsewhere, some of it near to a word that means something else. */
const FILTER_WORDS: Readonly<Record<string, string>> = {
  and: 'all',
  or: 'any',
  eq: 'equals',
  is: 'equals',
  ne: 'not_equals',
  neq: 'not_equals',
  gt: 'more_than',
  greater_than: 'more_than',
  lt: 'less_than',
  regex: 'matches',
  includes: 'contains',
}

/** The key of some that another most likely stands for, or null. */
export function nearestKey(key: string, known: readonly string[]): string | null {
  const meant = Object.hasOwn(FILTER_WORDS, key) ? FILTER_WORDS[key] : undefined
  return meant !== undefined && known.includes(meant) ? meant : closest(key, known)
}

/**
 * Finds what to do about an unknown key.
 *
 * In order: a lost space, a word known from elsewhere, the nearest key that is still free, the
 * section where the key would be valid, the list of keys.
 */
export function unknownKeyHint(
  key: string,
  free: readonly string[],
  where: Where,
): string | undefined {
  const beforeColon = key.includes(':') ? key.slice(0, key.indexOf(':')) : null
  if (beforeColon !== null && Object.hasOwn(where.schema.properties ?? {}, beforeColon))
    return `Put a space behind the colon: \`${beforeColon}: …\`.`
  const section = String(where.path[0] ?? '').replace('enrichment', 'traits')
  const elsewhere = ELSEWHERE.find(
    ([inside, word]) => inside === section && word === key && where.path.length === 2,
  )
  if (elsewhere !== undefined) return elsewhere[2]
  const near = nearestKey(key, free)
  if (near !== null) return `Did you mean "${near}"?`
  const inside = free.find((name) =>
    hasKey(where.resolve(where.schema.properties?.[name] ?? {}), key, where),
  )
  if (inside !== undefined) return `"${shownKey(key)}" belongs under "${inside}".`
  return free.length > 0 && free.length <= 20 ? `Known here: ${free.join(', ')}.` : undefined
}

function hasKey(schema: SchemaNode, key: string, where: Where): boolean {
  const branches = schema.anyOf ?? [schema]
  return branches.some((branch) => Object.hasOwn(where.resolve(branch).properties ?? {}, key))
}
