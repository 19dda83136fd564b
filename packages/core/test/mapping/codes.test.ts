import { readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { VALUE_CODES } from '../../src/mapping/codes.ts'

const folder = new URL('../../src/mapping/', import.meta.url)

it('lists every code that a value can be refused with, and no other', () => {
  const sources = readdirSync(folder).filter((name) => name !== 'codes.ts')
  const used = sources.flatMap(
    (name) => readFileSync(new URL(name, folder), 'utf8').match(/(?<=')(?:CAST|LIMIT|NESTED|STANDARD)_[A-Z_]+(?=')/gu) ?? [],
  )

  expect([...new Set(used)].toSorted()).toEqual(Object.keys(VALUE_CODES).toSorted())
})
