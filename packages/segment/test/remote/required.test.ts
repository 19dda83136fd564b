import { expect, it } from 'vitest'
import { createProfileApi, createPublicApi } from '../../src/index.ts'

const NOT_SET = undefined as unknown as string

it.each([
  ['a Profile API without a token', () => createProfileApi({ spaceId: 'spa_1', token: NOT_SET })],
  ['a Profile API with an empty token', () => createProfileApi({ spaceId: 'spa_1', token: '' })],
  ['a Profile API without a space', () => createProfileApi({ spaceId: NOT_SET, token: 't' })],
  ['a Public API without a token', () => createPublicApi({ token: NOT_SET })],
  ['a Public API with a blank token', () => createPublicApi({ token: ' ' })],
])('%s is refused at once', (_, create) => {
  expect(create).toThrow(
    expect.objectContaining({
      code: 'SOURCE_OPTION',
      hint: expect.stringContaining('environment variable'),
    }),
  )
})
