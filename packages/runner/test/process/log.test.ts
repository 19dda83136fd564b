import { expect, it } from 'vitest'
import { withLog } from '../../src/process/log.ts'
import { fakeIo } from '../fake-io.ts'

const WRITTEN = [
  [['serve'], []],
  [['serve', '--quiet'], ['--quiet']],
  [
    ['serve', '--log-format', 'json'],
    ['--log-format', 'json'],
  ],
  [
    ['run', '--log-format=json', '--quiet'],
    ['--quiet', '--log-format', 'json'],
  ],
] as const

it.each(WRITTEN)('what is run beside %j writes its errors alike', (argv, more) => {
  const lines: (readonly string[])[] = []
  const another = (line: readonly string[]) => {
    lines.push(line)
    return { pid: 1, ended: Promise.resolve(0), stop: () => undefined, hangUp: () => undefined }
  }

  withLog({ ...fakeIo(), another }, argv).another?.(['serve', '--role', 'worker'])

  expect(lines).toEqual([['serve', '--role', 'worker', ...more]])
})
