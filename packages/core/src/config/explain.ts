import type { ConfigDocument, Finding } from './document.ts'
import type { ConfigCode } from './codes.ts'
import { closest } from './suggest.ts'
import { unknownKeyHint } from './unknown-key.ts'
import type { SchemaNode, ShapeError, ShapeValidator } from './validate.ts'
import { jsonType } from './validate.ts'
import { expectedBy, joinOr, kindOf, quote } from './words.ts'

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
  if (error.keyword === 'required') return explainMissing(document, error, [String(error.params.missingProperty)])
  const [code, finding] = explainValue(context, error)
  document.report(code, document.rangeOf(error.path), finding)
}

const lastKey = (error: ShapeError) => error.path.findLast((step) => Number.isNaN(Number(step)))
const label = (error: ShapeError) => (lastKey(error) === undefined ? 'the file' : `"${lastKey(error)}"`)

function explainUnknownKey({ document, validator }: Context, error: ShapeError): void {
  const key = String(error.params.additionalProperty)
  const taken = new Set(Object.keys(error.data as object))
  const known = Object.keys(error.schema.properties ?? {}).filter((name) => !taken.has(name))
  const where = lastKey(error) === undefined ? '' : ` in ${label(error)}`
  const hint = unknownKeyHint(key, known, { path: error.path, schema: error.schema, resolve: (schema) => validator.resolve(schema) })
  document.report('CONFIG_UNKNOWN_KEY', document.rangeOf([...error.path, key], 'key'), {
    message: `unknown key "${key}"${where}`,
    ...(hint !== undefined && { hint }),
  })
}

function explainMissing(document: ConfigDocument, error: ShapeError, keys: readonly string[], known: readonly string[] = keys): void {
  const misspelt = Object.keys(error.data as object).find(
    (key) => !(error.schema.properties && key in error.schema.properties) && closest(key, known),
  )
  if (misspelt !== undefined) {
    const hint = `Did you mean "${closest(misspelt, known)}"?`
    document.report('CONFIG_UNKNOWN_KEY', document.rangeOf([...error.path, misspelt], 'key'), {
      message: `unknown key "${misspelt}" in ${label(error)}`,
      hint,
    })
    return
  }
  const example = error.schema.properties?.[keys[0]]?.examples?.[0]
  const range = error.path.length === 0 ? document.toRange({ start: 0, end: 0 }) : document.rangeOf(error.path, 'key')
  document.report('CONFIG_MISSING_KEY', range, {
    message: `${label(error)} needs ${joinOr(keys.map((key) => `"${key}"`))}`,
    ...(example !== undefined && keys.length === 1 && { hint: `Add e.g. \`${keys[0]}: ${JSON.stringify(example)}\`.` }),
  })
}

function explainUnion(context: Context, error: ShapeError): void {
  const branches = branchesOf(error.schema, context.validator)
  const objects = branches.filter((branch) => branch.type === 'object')
  const starters = objects.map((branch) => branch.required?.[0]).filter((key) => key !== undefined)
  if (jsonType(error.data) === 'object' && starters.length > 1) {
    const known = [...starters, ...objects.flatMap((branch) => Object.keys(branch.properties ?? {}))]
    return explainMissing(context.document, error, starters, known)
  }
  const [code, finding] = explainValue(context, error)
  context.document.report(code, context.document.rangeOf(error.path), finding)
}

function branchesOf(schema: SchemaNode, validator: ShapeValidator): readonly SchemaNode[] {
  const resolved = validator.resolve(schema)
  return resolved.anyOf ? resolved.anyOf.flatMap((branch) => branchesOf(branch, validator)) : [resolved]
}

type Explained = readonly [ConfigCode, Finding]

function explainValue({ validator }: Context, error: ShapeError): Explained {
  const { schema, data, keyword, params } = error
  const got = quote(data, error.path)
  const name = label(error)
  if (keyword === 'type' || keyword === 'anyOf')
    return explainType(
      error,
      expectedBy(schema, (node) => validator.resolve(node)),
    )
  if (keyword === 'enum' || keyword === 'const') return explainChoice(error, (schema.enum ?? [schema.const]).map(String))
  if (keyword === 'pattern') return ['CONFIG_VALUE', { message: `${name} cannot be ${got}`, ...examplesHint(schema) }]
  const limit = Number(params.limit)
  const wording: Readonly<Record<string, string>> = {
    minLength: limit === 1 ? 'cannot be empty' : `needs at least ${limit} characters, got ${got}`,
    minItems: `needs at least ${limit} entry`,
    minProperties: `needs at least ${limit} entry`,
    maxItems: `takes at most ${limit} entries, got ${Array.isArray(data) ? data.length : 0}`,
    minimum: `must be ${limit} or more, got ${got}`,
    maximum: `must be ${limit} or less, got ${got}`,
    exclusiveMinimum: `must be above ${limit}, got ${got}`,
  }
  return ['CONFIG_VALUE', { message: `${name} ${wording[keyword] ?? `does not take ${got}`}` }]
}

function explainType(error: ShapeError, expected: string): Explained {
  const message = `${label(error)} expects ${expected}, got ${kindOf(error.data)}`
  if (jsonType(error.data) === 'null') return ['CONFIG_TYPE', { message, hint: 'Remove the key, or give it a value.' }]
  if (typeof error.data !== 'object' && expected === 'a text')
    return ['CONFIG_TYPE', { message, hint: `Put it in quotes: '${error.data}'.` }]
  return ['CONFIG_TYPE', { message, ...examplesHint(error.schema) }]
}

function explainChoice(error: ShapeError, choices: readonly string[]): Explained {
  const near = closest(String(error.data), choices)
  const message = `${label(error)} expects ${joinOr(choices.length > 8 ? [...choices.slice(0, 8), '…'] : choices)}, got ${quote(error.data, error.path)}`
  const isText =
    typeof error.data === 'string' && error.schema.enum?.some((choice) => typeof choice !== 'string' && String(choice) === error.data)
  if (isText === true) return ['CONFIG_VALUE', { message, hint: 'Write it without quotes.' }]
  return ['CONFIG_VALUE', { message, ...(near !== null && { hint: `Did you mean "${near}"?` }) }]
}

function examplesHint(schema: SchemaNode): { hint: string } | Record<string, never> {
  const examples = (schema.examples ?? []).map((example) => (typeof example === 'string' ? example : JSON.stringify(example)))
  return examples.length === 0 ? {} : { hint: `E.g. ${examples.map((example) => `\`${example}\``).join(', ')}.` }
}
