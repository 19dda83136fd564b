import type { Type as TypeBox } from 'typebox'

type Schema = Readonly<Record<string, unknown>>
type Options = Schema | undefined

const optional = new WeakSet<Schema>()

const make =
  (keywords: Schema) =>
  (options?: Options): Schema => ({ ...keywords, ...options })

function markOptional(schema: Schema): Schema {
  const marked = { ...schema }
  optional.add(marked)
  return marked
}

function makeObject(properties: Readonly<Record<string, Schema>>, options?: Options): Schema {
  const required = Object.keys(properties).filter((name) => !optional.has(properties[name]))
  return { type: 'object', ...(required.length === 0 ? {} : { required }), properties, ...options }
}

const builders = {
  String: make({ type: 'string' }),
  Number: make({ type: 'number' }),
  Integer: make({ type: 'integer' }),
  Boolean: make({ type: 'boolean' }),
  Null: make({ type: 'null' }),
  Unknown: make({}),
  Unsafe: (schema: Schema): Schema => ({ ...schema }),
  Literal: (value: unknown, options?: Options): Schema => ({ type: typeof value, const: value, ...options }),
  Array: (items: Schema, options?: Options): Schema => ({ type: 'array', items, ...options }),
  Union: (anyOf: readonly Schema[], options?: Options): Schema => ({ anyOf, ...options }),
  Object: makeObject,
  Optional: markOptional,
}

/**
 * The few schema builders this project uses, with TypeBox's types.
 *
 * Shape: plain JSON Schema out, the same that TypeBox builds; a test holds both side by side. TypeBox itself is not
 * loaded when a command runs: it takes longer than reading and checking a whole configuration.
 */
export const Type = builders as unknown as Pick<typeof TypeBox, keyof typeof builders>
