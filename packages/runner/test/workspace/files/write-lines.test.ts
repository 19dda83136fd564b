import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeLines } from '../../../src/workspace/files/write-lines.ts'
import { tempDirectory } from '../../temp-directory.ts'

async function* lines(count: number, failure: Error | null): AsyncGenerator<string> {
  for (let line = 1; line <= count; line++) yield `${line}\n`
  if (failure !== null) throw failure
}

it('writes lines into a new file', async () => {
  const cwd = tempDirectory({})

  expect(await writeLines({ cwd }, 'out', lines(3, null))).toEqual({ lines: 3, bytes: 6 })

  expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe('1\n2\n3\n')
  await expect(writeLines({ cwd }, 'out', lines(1, null))).rejects.toMatchObject({
    code: 'USAGE_OUT_FILE',
  })
  expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe('1\n2\n3\n')
})

it('leaves no file that is not whole', async () => {
  const cwd = tempDirectory({})
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })

  await expect(writeLines({ cwd }, 'out', lines(2, full))).rejects.toBe(full)

  expect(existsSync(join(cwd, 'out'))).toBe(false)
})
