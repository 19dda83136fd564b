import { schemaOf } from '../src/schema/node.ts'

/** The published schemas by file name, as they stand in `schema/`. */
export function schemaTexts(): ReadonlyMap<string, string> {
  return new Map((['project', 'sync', 'cases'] as const).map((kind) => [`${kind}.json`, `${JSON.stringify(schemaOf(kind), null, 2)}\n`]))
}
