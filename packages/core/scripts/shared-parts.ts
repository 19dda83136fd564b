import type { SchemaNode } from '../src/schema/node.ts'

/** A schema whose repeated parts stand once, and where each of them stands in the published schema. */
export interface SharedSchema {
  readonly schema: SchemaNode
  /** `#/$defs/shared0` → the pointer to the first of its places; the definitions there were before stand for themselves. */
  readonly places: ReadonlyMap<string, string>
}

/** Parts below this length cost more as a function than where they stand. */
const LEAST_LENGTH = 160
/** What says nothing about values. */
const ANNOTATIONS = new Set(['$schema', 'title', 'description', 'default', 'examples'])
/** Members whose own keys are names, not keywords. */
const TABLES = new Set(['properties', '$defs'])

/**
 * The schema as a validator needs it: without what is for people, each larger part that stands in several places once.
 *
 * Ajv writes a part out wherever it stands; as definitions they become functions, and the validators a third of their size.
 */
export function shareParts(published: SchemaNode): SharedSchema {
  const places = new Map<string, string[]>()
  visit(published, '#', (node, pointer) => {
    const text = JSON.stringify(node)
    places.set(text, [...(places.get(text) ?? []), pointer])
  })
  const repeated = [...places].filter(
    ([text, found]) =>
      found.length > 1 && JSON.stringify(bare(JSON.parse(text))).length >= LEAST_LENGTH,
  )
  const names = new Map(repeated.map(([text], index) => [text, `shared${index}`]))
  const share = (node: SchemaNode, isWhole: boolean): unknown => {
    const name = isWhole ? undefined : names.get(JSON.stringify(node))
    return name === undefined
      ? bare(node, (part) => share(part, false))
      : { $ref: `#/$defs/${name}` }
  }
  const shared = Object.fromEntries(
    repeated.map(([text], index) => [
      `shared${index}`,
      share(JSON.parse(text) as SchemaNode, true),
    ]),
  )
  const whole = share(published, true) as SchemaNode
  const own = Object.keys(published.$defs ?? {}).map(
    (name) => [`#/$defs/${name}`, `#/$defs/${name}`] as const,
  )
  return {
    schema: { ...whole, $defs: { ...whole.$defs, ...shared } as SchemaNode['$defs'] },
    places: new Map([
      ...own,
      ...repeated.map(([, [first]], index) => [`#/$defs/shared${index}`, first] as const),
    ]),
  }
}

/** Visits every schema in a schema. */
function visit(
  node: unknown,
  pointer: string,
  each: (node: SchemaNode, pointer: string) => void,
): void {
  if (typeof node !== 'object' || node === null) return
  if (!Array.isArray(node)) each(node as SchemaNode, pointer)
  for (const [keyword, member] of Object.entries(node)) {
    if (ANNOTATIONS.has(keyword)) continue
    if (!TABLES.has(keyword)) visit(member, `${pointer}/${keyword}`, each)
    else
      for (const [name, part] of Object.entries(member as object))
        visit(part, `${pointer}/${keyword}/${name}`, each)
  }
}

/** A schema without annotations; the schemas in it are handed to `inner`. */
function bare(node: unknown, inner: (node: SchemaNode) => unknown = bare): unknown {
  if (Array.isArray(node)) return node.map((item) => (isSchema(item) ? inner(item) : item))
  if (!isSchema(node)) return node
  return Object.fromEntries(
    Object.entries(node)
      .filter(([keyword]) => !ANNOTATIONS.has(keyword))
      .map(([keyword, member]) => [
        keyword,
        TABLES.has(keyword) ? mapTable(member as object, inner) : bareMember(member, inner),
      ]),
  )
}

const isSchema = (value: unknown): value is SchemaNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const mapTable = (table: object, inner: (node: SchemaNode) => unknown) =>
  Object.fromEntries(Object.entries(table).map(([name, part]) => [name, inner(part as SchemaNode)]))
const bareMember = (member: unknown, inner: (node: SchemaNode) => unknown) =>
  isSchema(member) ? inner(member) : bare(member, inner)
