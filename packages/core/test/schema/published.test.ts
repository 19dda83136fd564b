import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { schemaTexts } from '../../scripts/schema-texts.ts'
import { validatorTexts } from '../../scripts/validator-texts.ts'
import { FILE_KINDS } from '../../src/schema/kinds.ts'
import { schemaOf } from '../../src/schema/node.ts'
import type { SchemaNode } from '../../src/schema/node.ts'
import { TRAIT_OPERATORS } from '../../src/schema/vocabulary.ts'

const PUBLISHED = join(import.meta.dirname, '..', '..', 'schema')
const GENERATED = join(import.meta.dirname, '..', '..', 'src', 'schema', 'generated')

const textsIn = (directory: string) =>
  new Map(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]))

interface Option {
  readonly place: string
  readonly schema: SchemaNode
}

/** Every option of a file, wherever it stands. */
function optionsOf(kind: 'project' | 'sync' | 'cases'): readonly Option[] {
  const root = schemaOf(kind)
  const options: Option[] = []
  const visit = (node: SchemaNode, place: string): void => {
    for (const branch of node.anyOf ?? []) visit(branch, place)
    if (node.items !== undefined) visit(node.items, `${place}[]`)
    if (node.additionalProperties) visit(node.additionalProperties, `${place}.*`)
    for (const [name, schema] of Object.entries(node.properties ?? {})) {
      options.push({
        place: `${place}.${name}`,
        schema: { ...root.$defs?.[schema.$ref?.slice('#/$defs/'.length) ?? ''], ...schema },
      })
      visit(schema, `${place}.${name}`)
    }
  }
  visit(root, kind)
  for (const [name, schema] of Object.entries(root.$defs ?? {})) visit(schema, name)
  return options
}

const options = (['project', 'sync', 'cases'] as const).flatMap(optionsOf)

/** Whether a mapping with keys of its own is meant, which explain themselves. */
const isMapping = ({ type, anyOf = [], additionalProperties, properties }: SchemaNode): boolean =>
  type === 'object' ||
  properties !== undefined ||
  additionalProperties !== undefined ||
  anyOf.some(isMapping)

describe('the published schemas', () => {
  it('are those of the source (npm run schema -w packages/core)', () => {
    expect(textsIn(PUBLISHED)).toEqual(schemaTexts())
  })

  it('are what the validators were generated from (npm run schema -w packages/core)', () => {
    expect(textsIn(GENERATED)).toEqual(new Map([...validatorTexts()].toSorted()))
  })

  it.each(FILE_KINDS)('are JSON Schema: %s', (kind) => {
    expect(() => new Ajv({ strictTypes: false }).compile(schemaOf(kind))).not.toThrow()
  })

  it('list the operators of a trait condition in the order of the vocabulary', () => {
    const condition = schemaOf('sync').$defs?.['filter'].anyOf?.find(({ required }) =>
      required?.includes('trait'),
    )

    expect(Object.keys(condition?.properties ?? {})).toEqual(['trait', ...TRAIT_OPERATORS])
  })

  it.each(options)('say what $place is for', ({ schema }) => {
    expect(schema.description).toMatch(/^\S.{8,}[.:`)]$/)
  })

  it.each(options.filter(({ schema }) => !isMapping(schema)))(
    'show a default, the choices or an example of $place',
    ({ schema }) => {
      const shown = [schema, ...(schema.anyOf ?? [])].some(
        (node) =>
          node.default !== undefined ||
          node.examples !== undefined ||
          node.enum !== undefined ||
          node.const !== undefined,
      )

      expect(shown || schema.type === 'boolean').toBe(true)
    },
  )
})
