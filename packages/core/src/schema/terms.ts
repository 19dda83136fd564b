import { Type } from 'typebox'
import type { Static, TSchema, TSchemaOptions } from 'typebox'
import { CONFIG_VERSION, LISTEN_ADDRESS } from './vocabulary.ts'

/** Options of one configuration value: a sentence for hover and docs, its default, and examples. */
export interface Described extends TSchemaOptions {
  readonly description: string
}

/** A mapping with known keys only. */
export function table<const T extends Record<string, TSchema>>(properties: T, options: Described) {
  return Type.Object(properties, { additionalProperties: false, ...options })
}

/** A mapping from free names to one kind of value. */
export function named<const T extends TSchema>(value: T, options: Described) {
  return Type.Unsafe<Record<string, Static<T>>>({
    type: 'object',
    additionalProperties: value,
    ...options,
  })
}

/** One of several texts or constants. */
export function oneOf<const T extends readonly (string | number | boolean)[]>(
  values: T,
  options: Described,
) {
  return Type.Unsafe<T[number]>({ enum: values, ...options })
}

/** A reference to a named definition of the same document. */
export function definition<T>(name: string, options: Partial<Described> = {}) {
  return Type.Unsafe<T>({ $ref: `#/$defs/${name}`, ...options })
}

/** Text that says something. */
export function text(options: Described) {
  return Type.String({ minLength: 1, ...options })
}

/** A length of time, as `500ms`, `5s`, `2m` or `1h`. */
export function duration(options: Described) {
  return Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$', ...options })
}

/** A number of bytes, as `512KB`, `8MB` or `10GB`; powers of ten. */
export function size(options: Described) {
  return Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?(KB|MB|GB|TB)$', ...options })
}

/** Where to listen, as `HOST:PORT`; no host is every one, port 0 any that is free. */
export function listenAddress(options: Described) {
  return Type.String({ pattern: LISTEN_ADDRESS, ...options })
}

/** A share, as `20%`. */
export function percentage(options: Described) {
  return Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?%$', ...options })
}

/** The `version` key every file starts with. */
export const Version = Type.Literal(CONFIG_VERSION, {
  description:
    'Version of the configuration language. This engage-sync speaks version 1; `engage-sync migrate` rewrites older files.',
  examples: [CONFIG_VERSION],
})

/** JSON of any kind, for payloads that are passed through. */
export const AnyJson = Type.Unknown({ description: 'Any JSON value.' })
