import type { SchemaNode } from '../../schema/node.ts'
import { typeName } from '../secrets/quote.ts'

/** Names what a schema takes: `a text or a mapping`. */
export function expectedBy(
  schema: SchemaNode,
  resolve: (schema: SchemaNode) => SchemaNode,
): string {
  const names = new Set(namesOf(schema, resolve))
  return joinOr([...names])
}

function namesOf(
  schema: SchemaNode,
  resolve: (schema: SchemaNode) => SchemaNode,
): readonly string[] {
  const known = resolve(schema)
  if (known.anyOf) return known.anyOf.flatMap((branch) => namesOf(branch, resolve))
  if (known.enum) return known.enum.map(String)
  if (known.const !== undefined) return [String(known.const)]
  return [typeName(known.type) ?? 'a value']
}

/** `a`, `a or b`, `a, b or c`. */
export function joinOr(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

/** A value as one would write it in one line of YAML. */
export function flowYaml(value: unknown): string {
  if (typeof value === 'string') return isPlain(value) ? value : `'${value.replaceAll("'", "''")}'`
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  return `{ ${Object.entries(value)
    .map(([key, member]) => `${key}: ${flowYaml(member)}`)
    .join(', ')} }`
}

/** Whether a text can stand without quotes and stays a text. */
function isPlain(text: string): boolean {
  return (
    /^[\w./](?:[\w ./%*-]*[\w./%*])?$/u.test(text) &&
    Number.isNaN(Number(text)) &&
    !/^(?:true|false|null)$/iu.test(text)
  )
}
