import { expect, it } from 'vitest'
import * as index from '../../src/index.ts'
import * as language from '../../src/language/index.ts'

it('has nothing but what the index has, and the very same', () => {
  const whole: Readonly<Record<string, unknown>> = index

  const differing = Object.entries(language).filter(([name, value]) => whole[name] !== value)

  expect(Object.keys(language)).toContain('loadConfig')
  expect(differing.map(([name]) => name)).toEqual([])
})
