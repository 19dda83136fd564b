import { closest, itemAt } from '@engage-sync/contract'
import type { SchemaNode } from '../../schema/node.ts'
import { jsonTypeOf } from '../../values/json-type.ts'
import type { ConfigCode } from '../document/codes.ts'
import type { ConfigDocument, Finding } from '../document/document.ts'
import { kindOf, quote, shownKey } from '../secrets/quote.ts'
import type { ShapeError } from './shape-error.ts'
import { nearestKey, unknownKeyHint } from './unknown-key.ts'
import type { ShapeValidator } from './validate.ts'
import { expectedBy, flowYaml, joinOr } from './words.ts'

/** What the explanations need to know beside the error. */
interface Context {
  readonly document: ConfigDocument
  readonly validator: ShapeValidator
}

/** Reports one schema error at its place, in words. */
export function explainShape(context: Context, error: ShapeError): void {
  const { document } = context
  if (error.keyword === 'additionalProperties') return explainUnknownKey(context, error)
  if (error.keyword === 'anyOf') return explainUnion(context, error)
  if (error.keyword === 'required')
    return explainMissing(document, error, { keys: [String(error.params.missingProperty)] })
  const [code, finding] = explainValue(context, error)
  document.report(code, document.rangeOf(error.path), finding)
}

const lastKey = (error: ShapeError) => error.path.findLast((step) => Number.isNaN(Number(step)))
const insideOf = (error: ShapeError) => (lastKey(error) === undefined ? '' : ` in ${label(error)}`)
const label = (error: ShapeError) =>
  lastKey(error) === undefined ? 'the file' : `"${shownKey(String(lastKey(error)))}"`

function explainUnknownKey({ document, validator }: Context, error: ShapeError): void {
  const key = String(error.params.additionalProperty)
  const taken = new Set(Object.keys(error.data as object))
  const known = Object.keys(error.schema.properties ?? {}).filter((name) => !taken.has(name))
  const hint = unknownKeyHint(key, known, {
    path: error.path,
    schema: error.schema,
    resolve: (schema) => validator.resolve(schema),
  })
  document.report('CONFIG_UNKNOWN_KEY', document.rangeOf([...error.path, key], 'key'), {
    message: `unknown key "${shownKey(key)}"${insideOf(error)}`,
    ...(hint !== undefined && { hint }),
  })
}

function explainMissing(
  document: ConfigDocument,
  error: ShapeError,
  { keys, known = keys }: { readonly keys: readonly string[]; readonly known?: readonly string[] },
): void {
  if (keys.some((key) => document.isDamaged([...error.path, key]))) return
  const properties = error.schema.properties ?? {}
  const misspelt = Object.keys(error.data as object).find(
    (key) =>
      !Object.hasOwn(properties, key) && !known.includes(key) && nearestKey(key, known) !== null,
  )
  if (misspelt !== undefined) {
    document.report('CONFIG_UNKNOWN_KEY', document.rangeOf([...error.path, misspelt], 'key'), {
      message: `unknown key "${shownKey(misspelt)}"${insideOf(error)}`,
      hint: `Did you mean "${nearestKey(misspelt, known)}"?`,
    })
    return
  }
  const range =
    error.path.length === 0
      ? document.toRange({ start: 0, end: 0 })
      : document.rangeOf(error.path, 'key')
  document.report('CONFIG_MISSING_KEY', range, {
    message: `${label(error)} needs ${joinOr(keys.map((key) => `"${key}"`))}`,
    hint: missingHint(keys, properties[itemAt(keys, 0)], error.schema),
  })
}

function missingHint(
  keys: readonly string[],
  property: SchemaNode | undefined,
  schema: SchemaNode,
): string {
  if (keys.length > 1) return exampleHint(schema) ?? `Write one of ${keys.join(', ')}.`
  const example = property?.examples?.[0]
  const add =
    example === undefined
      ? `Add \`${keys[0]}:\`.`
      : `Add e.g. \`${keys[0]}: ${flowYaml(example)}\`.`
  return property?.description === undefined ? add : `${add} ${property.description}`
}

function explainUnion(context: Context, error: ShapeError): void {
  const branches = branchesOf(error.schema, context.validator)
  const objects = branches.filter((branch) => branch.type === 'object')
  const starters = objects.map((branch) => branch.required?.[0]).filter((key) => key !== undefined)
  if (jsonTypeOf(error.data) === 'object' && starters.length > 1) {
    const known = [
      ...starters,
      ...objects.flatMap((branch) => Object.keys(branch.properties ?? {})),
    ]
    return explainMissing(context.document, error, { keys: starters, known })
  }
  const [code, finding] = explainValue(context, error)
  context.document.report(code, context.document.rangeOf(error.path), finding)
}

function branchesOf(schema: SchemaNode, validator: ShapeValidator): readonly SchemaNode[] {
  const resolved = validator.resolve(schema)
  return resolved.anyOf
    ? resolved.anyOf.flatMap((branch) => branchesOf(branch, validator))
    : [resolved]
}

type Explained = readonly [ConfigCode, Finding]

function explainValue({ validator, document }: Context, error: ShapeError): Explained {
  const { schema, data, keyword, params } = error
  const got = quote(data, error.path)
  const name = label(error)
  const resolve = (node: SchemaNode) => validator.resolve(node)
  if (keyword === 'type' || keyword === 'anyOf')
    return explainType(error, resolve, document.sourceOf(error.path))
  if (keyword === 'enum' || keyword === 'const')
    return explainChoice(error, (schema.enum ?? [schema.const]).map(String))
  const hint = exampleHint(schema) ?? schema.description
  const meant = keyword === 'pattern' ? withUnit(data, schema) : undefined
  if (meant !== undefined)
    return ['CONFIG_VALUE', { message: `${name} cannot be ${got}`, hint: `Write \`${meant}\`.` }]
  if (keyword === 'pattern')
    return [
      'CONFIG_VALUE',
      { message: `${name} cannot be ${got}`, ...(hint !== undefined && { hint }) },
    ]
  const limit = Number(params.limit)
  const atLeast = `needs at least ${limit} ${limit === 1 ? 'entry' : 'entries'}`
  const wording: Readonly<Record<string, string>> = {
    minLength: limit === 1 ? 'cannot be empty' : `needs at least ${limit} characters, got ${got}`,
    minItems: atLeast,
    minProperties: atLeast,
    maxItems: `takes at most ${limit} entries, got ${Array.isArray(data) ? data.length : 0}`,
    minimum: `must be ${limit} or more, got ${got}`,
    maximum: `must be ${limit} or less, got ${got}`,
    exclusiveMinimum: `must be above ${limit}, got ${got}`,
  }
  const message = `${name} ${wording[keyword] ?? `does not take ${got}`}`
  return [
    'CONFIG_VALUE',
    {
      message,
      ...((schema.description ?? hint) !== undefined && { hint: schema.description ?? hint }),
    },
  ]
}

function explainType(
  error: ShapeError,
  resolve: (node: SchemaNode) => SchemaNode,
  source: string,
): Explained {
  const { data, schema } = error
  const message = `${label(error)} expects ${expectedBy(schema, resolve)}, got ${kindOf(data)}`
  const hint = typeHint({ data, source }, schema, resolve) ?? lastHint(error)
  return ['CONFIG_TYPE', { message, ...(hint !== undefined && { hint }) }]
}

/** Where nothing is known of what was meant. */
function lastHint({ data, path }: ShapeError): string | undefined {
  if (path.length > 0) return 'docs/config.md has its form.'
  return typeof data === 'object' ? undefined : 'A file begins with `version: 1`.'
}

/** A value, and its text in the file: 0150 is read as 150. */
interface Written {
  readonly data: unknown
  readonly source: string
}

function typeHint(
  { data, source }: Written,
  schema: SchemaNode,
  resolve: (node: SchemaNode) => SchemaNode,
): string | undefined {
  const branches = (schema.anyOf ?? [schema]).map(resolve)
  if (jsonTypeOf(data) === 'null') return 'Remove the key, or give it a value.'
  const meant = branches.map((branch) => withUnit(data, branch)).find((text) => text !== undefined)
  if (meant !== undefined) return `Write \`${meant}\`.`
  if (
    typeof data !== 'object' &&
    typeof data !== 'string' &&
    branches.some((branch) => isText(source, branch))
  )
    return `Put it in quotes: '${source}'.`
  if (typeof data === 'string' && branches.some((branch) => isWrittenOut(data, branch)))
    return 'Write it without quotes.'
  if (typeof data === 'string' && branches.some(({ type }) => type === 'boolean'))
    return 'Write `true` or `false`; YAML 1.2 has no yes and no.'
  const example = [schema, ...branches].map(exampleHint).find((found) => found !== undefined)
  const [choice] = branches.flatMap((branch) => branch.enum ?? [branch.const ?? []].flat())
  return (
    example ??
    schema.description ??
    (typeof choice === 'string' ? `Write \`${choice}\`, for example.` : undefined)
  )
}

/** Whether a text is what the schema takes. */
function isText(text: string, { type, pattern }: SchemaNode): boolean {
  return type === 'string' && (pattern === undefined || new RegExp(pattern, 'u').test(text))
}

/** Whether a text, without its quotes, would be what the schema takes. */
function isWrittenOut(text: string, { type, const: constant }: SchemaNode): boolean {
  if (constant !== undefined) return String(constant) === text
  if (type === 'boolean') return text === 'true' || text === 'false'
  return (
    (type === 'number' || type === 'integer') && text.trim() !== '' && Number.isFinite(Number(text))
  )
}

function explainChoice(error: ShapeError, choices: readonly string[]): Explained {
  const { data, path, schema } = error
  const near = closest(
    String(data),
    choices.filter((choice) => mayMean(String(data), choice)),
  )
  const message = `${label(error)} expects ${joinOr(choices.length > 8 ? [...choices.slice(0, 8), '…'] : choices)}, got ${quote(data, path)}`
  const isText =
    typeof data === 'string' &&
    schema.enum?.some((choice) => typeof choice !== 'string' && String(choice) === data)
  if (isText === true) return ['CONFIG_VALUE', { message, hint: 'Write it without quotes.' }]
  const hint = near === null ? schema.description : `Did you mean "${near}"?`
  return ['CONFIG_VALUE', { message, ...(hint !== undefined && { hint }) }]
}

/** Of names with a number, `us-3` may be `US-03`; `US-09`, `iad-03` and `fra-01` are others. */
function mayMean(text: string, choice: string): boolean {
  const numberIn = (name: string) => /\d+/.exec(name)?.[0]
  const letters = (name: string) => name.replaceAll(/[^a-z]/gi, '').length
  const number = numberIn(choice)
  if (number === undefined) return true
  return Number(numberIn(text)) === Number(number) && letters(text) === letters(choice)
}

/**
 * What a text of a certain form may lack: `20` is `20%` where a share is expected, `5` is `5s`
 * where a time is.
 */
const UNITS = ['%', 's']

function withUnit(data: unknown, { pattern }: SchemaNode): string | undefined {
  const number = String(data).trim()
  if (pattern === undefined || !/^\d+(?:\.\d+)?$/.test(number)) return undefined
  const form = new RegExp(pattern, 'u')
  return UNITS.map((unit) => `${number}${unit}`).find((text) => form.test(text))
}

function exampleHint({ examples = [] }: SchemaNode): string | undefined {
  return examples.length === 0
    ? undefined
    : `E.g. ${examples.map((example) => `\`${flowYaml(example)}\``).join(', ')}.`
}
