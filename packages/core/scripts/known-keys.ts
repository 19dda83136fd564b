/** Where Ajv looks up whether a key is known: `schema12.properties`, `schema12.anyOf[0].properties`. */
const LOOKUP = /\b(schema\d+)((?:\.\w+|\[\d+\]|\["[^"]*"\])*)\.properties(?=, key)/g

/**
 * Ajv's code without the copies of the schemas in it.
 *
 * Ajv keeps whole schemas beside its code, to look up known keys and to quote choices in errors. The keys become tables of
 * their own, and the choices stand in the schema an error names; so half of the text, and of the work of loading it, goes.
 *
 * @throws {TypeError} when something else of a schema is used
 */
export function withoutSchemas(code: string): string {
  const schemas = new Map(
    [...code.matchAll(/^const (schema\d+) = (\{.*\});$/gm)].map(([, name, text]) => [
      name,
      JSON.parse(text) as unknown,
    ]),
  )
  const tables = new Map<string, string>()
  const body = code
    .replaceAll(/^const schema\d+ = \{.*\};\n/gm, '')
    .replaceAll(/params:\{allowedValues?: [^}]+\}/g, 'params:{}')
    .replaceAll(LOOKUP, (_, name: string, path: string) =>
      tableFor(Object.keys(memberAt(schemas.get(name), `${path}.properties`)), tables),
    )
  const left = /\bschema\d+\b/.exec(body)
  if (left !== null)
    throw new TypeError(`The generated code uses ${left[0]} for more than its keys`)
  return `${[...tables].map(([keys, name]) => `const ${name} = ${keys};\n`).join('')}${body}`
}

function tableFor(keys: readonly string[], tables: Map<string, string>): string {
  const text = JSON.stringify(Object.fromEntries(keys.map((key) => [key, 0])))
  const name = tables.get(text) ?? `keys${tables.size}`
  tables.set(text, name)
  return name
}

function memberAt(schema: unknown, path: string): object {
  const steps = [...path.matchAll(/\.(\w+)|\[(\d+)\]|\["([^"]*)"\]/g)].map(
    ([, name, index, quoted]) => name ?? index ?? quoted,
  )
  return steps.reduce(
    (member, step) => (member as Readonly<Record<string, unknown>>)[step],
    schema,
  ) as object
}
