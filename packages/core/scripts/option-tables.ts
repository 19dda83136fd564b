import { STANDARD_ATTRIBUTES } from '../src/braze/standard-attributes.ts'
import { flowYaml } from '../src/config/shape/words.ts'
import type { SchemaNode } from '../src/schema/node.ts'
import { markdownTable } from './markdown-table.ts'
import { publishedSchema } from './schema-texts.ts'

/** A kind of file, and where its options begin in the docs. */
const ROOTS = ['project', 'sync', 'cases'] as const

/**
 * The options of every mapping with known keys, as Markdown tables.
 *
 * Shape: by place (`sync.traits.*`, `source`, `filter`) in the order of the schema; what is written alike in several places
 * stands under the first. `standard` is the table of standard attributes.
 */
export function optionTables(): ReadonlyMap<string, string> {
  const tables = new Map<string, string>()
  const seen = new Set<string>()
  for (const kind of ROOTS)
    visit(publishedSchema(kind), { root: publishedSchema(kind), place: kind, tables, seen })
  return tables.set('standard', standardTable())
}

interface Visit {
  readonly root: SchemaNode
  readonly place: string
  readonly tables: Map<string, string>
  readonly seen: Set<string>
}

function visit(node: SchemaNode, at: Visit): void {
  const text = JSON.stringify(node)
  if (at.seen.has(text)) return
  at.seen.add(text)
  const reference = node.$ref?.replace('#/$defs/', '')
  if (reference !== undefined)
    return visit(at.root.$defs?.[reference] ?? {}, { ...at, place: reference })
  const objects = (node.anyOf ?? []).filter(({ type }) => type === 'object')
  for (const branch of node.anyOf ?? [])
    visit(branch, objects.length > 1 ? { ...at, place: `${at.place}.${variantName(branch)}` } : at)
  if (node.items !== undefined) visit(node.items, { ...at, place: `${at.place}[]` })
  if (node.additionalProperties) visit(node.additionalProperties, { ...at, place: `${at.place}.*` })
  if (node.properties === undefined) return
  addTable(node, at)
  for (const [name, property] of Object.entries(node.properties))
    visit(property, { ...at, place: `${at.place}.${name}` })
}

function addTable(node: SchemaNode, { tables, place, root }: Visit): void {
  const table = optionTable(node, root)
  if (![...tables.values()].includes(table)) tables.set(place, table)
}

/** Alternatives go by the first key they need. */
function variantName(branch: SchemaNode): string {
  return branch.required?.[0] ?? 'short'
}

function optionTable({ properties = {}, required = [] }: SchemaNode, root: SchemaNode): string {
  const rows = Object.entries(properties).map(([name, schema]) => [
    `\`${name}\``,
    takes(schema),
    required.includes(name) ? 'required' : defaultOf(schema),
    schema.description ?? resolve(schema, root).description ?? '',
    exampleOf(schema, root),
  ])
  return markdownTable([['option', 'takes', 'default', 'meaning', 'example'], ...rows])
}

function resolve(schema: SchemaNode, root: SchemaNode): SchemaNode {
  return schema.$ref === undefined
    ? schema
    : (root.$defs?.[schema.$ref.replace('#/$defs/', '')] ?? {})
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: '`true` / `false`',
  array: 'list',
  object: 'mapping',
  null: '`null`',
}

function takes(
  schema: SchemaNode & { minimum?: number; maximum?: number; exclusiveMinimum?: number },
): string {
  if (schema.$ref !== undefined) return schema.$ref.replace('#/$defs/', '')
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ')
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(takes))].join(' or ')
  const name = TYPE_NAMES[schema.type ?? ''] ?? 'any value'
  const { minimum, exclusiveMinimum, maximum } = schema
  if (exclusiveMinimum !== undefined) return `${name} over ${exclusiveMinimum}, up to ${maximum}`
  if (minimum === undefined) return name
  return maximum === undefined ? `${name} from ${minimum}` : `${name} from ${minimum} to ${maximum}`
}

function defaultOf({ default: value }: SchemaNode): string {
  return value === undefined ? '–' : `\`${flowYaml(value)}\``
}

function exampleOf(schema: SchemaNode, root: SchemaNode): string {
  const examples = [schema, resolve(schema, root), ...(schema.anyOf ?? [])].flatMap(
    (node) => node.examples ?? [],
  )
  return examples.length === 0 ? '' : `\`${flowYaml(examples[0])}\``
}

function standardTable(): string {
  const rows = [...STANDARD_ATTRIBUTES.values()].map(({ name, type, takes: form }) => [
    `\`${name}\``,
    type,
    form,
  ])
  return markdownTable([['attribute', 'type', 'takes'], ...rows])
}
