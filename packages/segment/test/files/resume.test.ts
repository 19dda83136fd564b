import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { identify } from '../../src/files/identity.ts'
import { resumeFiles } from '../../src/files/resume.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'engage-resume-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

describe('a file that goes while it is looked at', () => {
  it('is one that cannot be read now, whichever look finds that', async () => {
    const file = join(root, 'a.log')
    await writeFile(file, '{"n":1}\n')
    const seen = await identify(file)
    const before = { ...seen, path: 'a.log', offset: 8, records: 1, done: true }
    const ends = new Set<string>()
    for (let round = 0; round < 400; round++) {
      await writeFile(file, '{"n":1}\n{"n":2}\n')
      const looks = resumeFiles(['a.log'], root, [before]).then(
        () => 'read',
        (error: Error) => `${error.name} ${'code' in error ? String(error.code) : ''}`,
      )
      for (let turns = round % 20; turns > 0; turns--) await setImmediate()
      await rename(file, join(root, 'a.1.log'))
      ends.add(await looks)
    }

    ends.delete('read')
    expect([...ends]).toEqual(['SourceError SOURCE_UNREADABLE'])
  })
})
