import { stringify } from 'yaml'
import { isJsonObject } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'

/** Width up to which a value stays on its line. */
const LINE_WIDTH = 110

/** A value as YAML on one line: `{ ltv: 120.5, tags: [a, b] }`. */
export function flowYaml(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(', ')}]`
  if (!isJsonObject(value)) return scalarYaml(value)
  const members = Object.entries(value).map(
    ([key, member]) => `${scalarYaml(key)}: ${flowYaml(member)}`,
  )
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

/** A scalar, quoted where it must be inside a collection on one line. */
function scalarYaml(value: Json): string {
  const text = stringify([value], {
    collectionStyle: 'flow',
    flowCollectionPadding: false,
    lineWidth: 0,
    singleQuote: true,
  })
  return text.slice(1, text.lastIndexOf(']'))
}

/**
 * Members of an object as lines of YAML, each value on the line of its key where it fits, else one
 * level deeper.
 *
 * @param indent - spaces before each key
 */
export function blockYaml(
  members: Readonly<Record<string, Json>>,
  indent: number,
): readonly string[] {
  return Object.entries(members).flatMap(([key, value]) =>
    memberLines(`${' '.repeat(indent)}${scalarYaml(key)}:`, value, indent),
  )
}

function memberLines(head: string, value: Json, indent: number): readonly string[] {
  const flow = flowYaml(value)
  if (head.length + flow.length < LINE_WIDTH || isScalar(value)) return [`${head} ${flow}`]
  const inner = indent + 2
  if (Array.isArray(value))
    return [head, ...value.map((item: Json) => `${' '.repeat(inner)}- ${flowYaml(item)}`)]
  return [head, ...(isJsonObject(value) ? blockYaml(value, inner) : [])]
}

function isScalar(value: Json): boolean {
  return typeof value !== 'object' || value === null
}
