import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { VALUE_CODES } from '../../src/braze/codes.ts'

const SOURCES = new URL('../../src/', import.meta.url)

it('lists every code that a value can be refused with, and no other', () => {
  const sources = ['values', 'braze', 'mapping'].flatMap((room) =>
    readdirSync(new URL(room, SOURCES)).map((name) => `${room}/${name}`),
  )
  const used = sources.flatMap(
    (name) =>
      (name.endsWith('/codes.ts') ? '' : readFileSync(new URL(name, SOURCES), 'utf8')).match(
        /(?<=')(?:CAST|LIMIT|NESTED|STANDARD)_[A-Z_]+(?=')/gu,
      ) ?? [],
  )

  expect([...new Set(used)].toSorted()).toEqual(Object.keys(VALUE_CODES).toSorted())
})
