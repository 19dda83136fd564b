import { join } from 'node:path'
import { expect, it } from 'vitest'
import { oneAtATime } from '../../src/adapters/one-at-a-time.ts'
import { makeProject } from '../project.ts'

it('does one thing after another, also after one that failed', async () => {
  const file = join(makeProject({}).root, 'moving.lock')
  const { signal } = new AbortController()
  const told: string[] = []
  const work = (name: string) => async () => {
    told.push(`${name} begins`)
    await new Promise((resolve) => setTimeout(resolve, 20))
    told.push(`${name} ends`)
    if (name === 'one') throw new Error('failed')
  }

  const both = await Promise.allSettled([
    oneAtATime(file, work('one'), signal),
    oneAtATime(file, work('two'), signal),
  ])

  expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(told).toEqual(['one begins', 'one ends', 'two begins', 'two ends'])
})

it('says which file it cannot make', async () => {
  const file = join(makeProject({}).root, 'nowhere/moving.lock')
  const { signal } = new AbortController()

  await expect(oneAtATime(file, async () => 'done', signal)).rejects.toMatchObject({
    code: 'STATE_READ_ONLY',
    message: expect.stringContaining(file) as string,
  })
})
