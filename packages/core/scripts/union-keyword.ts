import { _ } from 'ajv'
import type { Code, CodeKeywordDefinition, KeywordCxt, Name } from 'ajv'
import type { SchemaNode } from '../src/schema/node.ts'

/** A branch of a union, and how to tell that a value means it. */
interface Choice {
  readonly index: number
  readonly isMeant: (data: Name) => Code
}

/**
 * Ajv's `anyOf`, but a value is held against the one branch it means, so that it has the mistakes of that branch alone.
 *
 * A value means a branch by its JSON type; an object by the first key the branch needs, else it means the one branch that
 * needs none. When it means none, the union as a whole is the mistake. What to ask is decided here, when the validators are
 * generated; they hold a chain of conditions.
 */
export function unionKeyword(root: SchemaNode): CodeKeywordDefinition {
  return {
    keyword: 'anyOf',
    schemaType: 'array',
    error: { message: 'means none of the branches' },
    code: (context) =>
      chooseBranch(context, choicesOf(context.schema as readonly SchemaNode[], root)),
  }
}

function chooseBranch(context: KeywordCxt, choices: readonly Choice[]): void {
  const { gen, data } = context
  const isValid = gen.name('valid')
  const [first, ...others] = choices
  const hold = ({ index }: Choice) =>
    context.subschema({ keyword: 'anyOf', schemaProp: index }, isValid)
  gen.if(first.isMeant(data as Name))
  hold(first)
  for (const choice of others) {
    gen.elseIf(choice.isMeant(data as Name))
    hold(choice)
  }
  gen.else()
  context.error()
  gen.endIf()
}

/**
 * The branches in the order they are asked for: those told by a key before the one that any object means.
 *
 * @throws {TypeError} when a value could mean two branches
 */
function choicesOf(branches: readonly SchemaNode[], root: SchemaNode): readonly Choice[] {
  const typed = branches.map((branch, index) => ({
    index,
    types: typesOf(branch, root),
    key: firstKey(branch, root),
  }))
  const isAlone = (types: ReadonlySet<string>) =>
    typed.filter((other) => [...types].some((type) => other.types.has(type))).length === 1
  const choices = typed.map(({ index, types, key }) => ({
    index,
    key: isAlone(types) ? null : key,
    isOpen: !isAlone(types) && key === null,
    isMeant: (data: Name) => hasType(data, types, isAlone(types) ? null : key),
  }))
  const shared = typed.filter(({ types }) => !isAlone(types))
  if (
    choices.filter(({ isOpen }) => isOpen).length > 1 ||
    shared.some(({ types }) => [...types].join() !== 'object')
  )
    throw new TypeError(
      'a value could mean two branches of a union: give one of them a type or a required key of its own',
    )
  return choices.toSorted((a, b) => Number(a.isOpen) - Number(b.isOpen))
}

function hasType(data: Name, types: ReadonlySet<string>, key: string | null): Code {
  const tests = [...types].map((type) => TYPE_TESTS[type](data))
  const [first, ...others] = tests
  const isOfType = others.reduce((test, other) => _`${test} || ${other}`, first)
  return key === null ? _`(${isOfType})` : _`(${isOfType}) && Object.hasOwn(${data}, ${key})`
}

const TYPE_TESTS: Readonly<Record<string, (data: Name) => Code>> = {
  string: (data) => _`typeof ${data} == "string"`,
  number: (data) => _`typeof ${data} == "number"`,
  boolean: (data) => _`typeof ${data} == "boolean"`,
  null: (data) => _`${data} === null`,
  array: (data) => _`Array.isArray(${data})`,
  object: (data) => _`typeof ${data} == "object" && ${data} && !Array.isArray(${data})`,
}

function resolve(node: SchemaNode, root: SchemaNode): SchemaNode {
  return node.$ref === undefined ? node : (root.$defs?.[node.$ref.replace('#/$defs/', '')] ?? node)
}

/** The JSON types that values of a branch have; one that is a whole number says so only when it is chosen. */
function typesOf(node: SchemaNode, root: SchemaNode): ReadonlySet<string> {
  const { type, anyOf, enum: values } = resolve(node, root)
  if (anyOf !== undefined) return new Set(anyOf.flatMap((branch) => [...typesOf(branch, root)]))
  if (values !== undefined) return new Set(values.map((value) => typeof value))
  if (type === undefined) throw new TypeError('a branch of a union takes values of any type')
  return new Set([type === 'integer' ? 'number' : type])
}

function firstKey(node: SchemaNode, root: SchemaNode): string | null {
  return resolve(node, root).required?.[0] ?? null
}
