import type { Json, JsonObject } from '@engage-sync/contract'
import type { AttributeType, User } from '../model/index.ts'
import { isObject, isText, own } from '../values/index.ts'
import { attributeTest } from './attribute.ts'
import { FilterError } from './context.ts'
import type { FilterContext } from './context.ts'
import { eventTest } from './event.ts'

type UserTest = (user: User) => boolean

/**
 * Compiles a segment filter.
 *
 * Shape: `{AND: […]}`, `{OR: […]}`, `{custom_attribute: {custom_attribute_name, comparison, value,
 * path?, type?}}`, `{custom_event: {custom_event_name, comparison, value, within_days?}}` or
 * `{cohort: {name, comparison}}` in; a test of a user out.
 *
 * @throws {FilterError} for anything else
 * @see https://www.braze.com/docs/api/objects_filters/connected_audience/
 */
export function compileFilter(filter: Json, context: FilterContext): UserTest {
  const [member, ...others] = isObject(filter) ? Object.entries(filter) : []
  if (member === undefined || others.length > 0)
    throw new FilterError('a filter is an object with one member')
  const [kind, value] = member
  const build = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (build === undefined)
    throw new FilterError(`${kind} is no filter; use one of ${Object.keys(KINDS).join(', ')}`)
  return build(value, context)
}

/** Users a filter takes. @throws {FilterError} when it cannot be evaluated */
export function usersIn(filter: Json, context: FilterContext): readonly User[] {
  return [...context.workspace.directory.users].filter(compileFilter(filter, context))
}

/** Ids of the users a filter takes, sorted: the external id, or the Braze id of anonymous ones. */
export function selectUsers(filter: Json, context: FilterContext): readonly string[] {
  return usersIn(filter, context)
    .map((user) => user.externalId ?? user.brazeId)
    .toSorted()
}

const KINDS: Readonly<Record<string, (value: Json, context: FilterContext) => UserTest>> = {
  AND(value, context) {
    const tests = parts(value, context)
    return (user) => tests.every((test) => test(user))
  },
  OR(value, context) {
    const tests = parts(value, context)
    return (user) => tests.some((test) => test(user))
  },
  custom_attribute(value, context) {
    const filter = member(value, 'custom_attribute_name')
    const name = String(filter.custom_attribute_name)
    const comparison = { comparison: String(filter.comparison), operand: filter.value ?? null }
    if (isText(filter.path))
      return nestedTest(
        { name, path: filter.path, type: readType(filter.type) },
        comparison,
        context,
      )
    const test = attributeTest(context.workspace.types.get(name) ?? null, comparison, context)
    return (user) => test(user.custom.get(name) ?? null)
  },
  custom_event(value, context) {
    const filter = member(value, 'custom_event_name')
    const test = eventTest(filter, context)
    return (user) => test(user.events.get(String(filter.custom_event_name)))
  },
  cohort(value, context) {
    const { name, comparison = 'includes' } = member(value, 'name')
    const ids = [...context.workspace.cohorts.values()]
      .filter((cohort) => cohort.name === name)
      .map(({ id }) => id)
    return (user) => ids.some((id) => user.cohorts.has(id)) === (comparison === 'includes')
  },
}

function parts(value: Json, context: FilterContext): readonly UserTest[] {
  if (!Array.isArray(value)) throw new FilterError('AND and OR take an array of filters')
  return value.map((item) => compileFilter(item, context))
}

function readType(value: Json | undefined): AttributeType | null {
  if (value === undefined) return null
  if (TYPES.has(value)) return value as AttributeType
  throw new FilterError(`type must be one of ${[...TYPES].join(', ')}`)
}

const TYPES: ReadonlySet<Json> = new Set<AttributeType>([
  'string',
  'number',
  'boolean',
  'array',
  'time',
  'object',
  'object_array',
])

function member(value: Json, name: string): JsonObject {
  if (!isObject(value) || !isText(value[name])) throw new FilterError(`${name} must be a text`)
  return value
}

interface Nested {
  readonly name: string
  readonly path: string
  /** Null: that of what is compared with. */
  readonly type: AttributeType | null
}

/** A test along a path such as `address.city` or `pets[].name`; over an array any item may pass. */
function nestedTest(
  { name, path, type }: Nested,
  comparison: { comparison: string; operand: Json },
  context: FilterContext,
): UserTest {
  const steps = path.split('.').filter((step) => step !== '')
  const test = attributeTest(type, comparison, context)
  return (user) => reach(user.custom.get(name) ?? null, steps).some(test)
}

function reach(value: Json, steps: readonly string[]): readonly Json[] {
  let values: readonly Json[] = [value]
  for (const step of steps) {
    const key = step.endsWith('[]') ? step.slice(0, -2) : step
    values = values.map((one) =>
      key === '' ? one : isObject(one) ? (own(one, key) ?? null) : null,
    )
    if (step.endsWith('[]'))
      values = values.flatMap((one) => (Array.isArray(one) ? (one as readonly Json[]) : []))
  }
  return values
}
