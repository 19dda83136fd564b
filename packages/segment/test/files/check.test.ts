import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFileSource } from '../../src/files/source.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'engage-sync-check-files-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const write = (name: string, text: string) => writeFile(join(root, name), text)
const check = (path: string | readonly string[], signal = new AbortController().signal) =>
  createFileSource({ path, root }).check!(signal)
const origins = (path: string) =>
  createFileSource({ path, root }).origins!(new AbortController().signal)

describe('files', () => {
  it('are counted when each can be opened', async () => {
    await write('a.ndjson', '{}\n')
    await write('b.ndjson', '')

    expect(await check('*.ndjson')).toEqual({ message: '2 files can be read' })
    expect(await check(['a.ndjson', '.'])).toEqual({ message: '2 files can be read' })
  })

  it('are told of when a directory holds others, but for hidden ones, marks and notes', async () => {
    await mkdir(join(root, 'day'))
    for (const name of ['a.ndjson', 'b.csv', 'day/c.ndjson.zst', '_SUCCESS', '.d', 'README.md'])
      await write(name, '{}\n')

    expect(await check('.')).toMatchObject({
      message: '1 file can be read. Passed over by name: 2 files (b.csv, day/c.ndjson.zst).',
      hint: expect.stringContaining('glob') as string,
    })
    expect(await check(['.', '*.csv', '**/*.zst'])).toEqual({ message: '3 files can be read' })
    await expect(check('day')).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      hint: expect.stringContaining('day/c.ndjson.zst') as string,
    })
  })

  it('are worth a look when there is nothing in them', async () => {
    await write('a.ndjson', '')

    expect(await check('*.ndjson')).toMatchObject({
      message: '1 file, and nothing in it',
      hint: expect.any(String) as string,
    })
  })

  it('are missed place by place', async () => {
    await write('a.ndjson', '{}\n')

    await expect(check(['none/*.ndjson', 'a.ndjson', 'b.ndjson'])).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: 'No event file matches none/*.ndjson, b.ndjson',
    })
  })

  it('cannot be read behind a link that leads nowhere, or to a directory', async () => {
    await write('a.ndjson', '{}\n')
    await symlink(join(root, 'gone'), join(root, 'link.ndjson'))

    await expect(check('*.ndjson')).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: 'Cannot read link.ndjson (ENOENT)',
    })

    await mkdir(join(root, 'gone'))
    await expect(check('*.ndjson')).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: 'Cannot read link.ndjson (EISDIR)',
    })
  })

  it.runIf(process.platform !== 'win32')('that are pipes are left to the run', async () => {
    await promisify(execFile)('mkfifo', [join(root, 'pipe.ndjson')])

    expect(await check('pipe.ndjson')).toEqual({ message: '1 file can be read' })
    expect(await origins('pipe.ndjson')).toEqual([])
  })

  it('tell the spaces of their records, folder by folder', async () => {
    await mkdir(join(root, 'web'))
    await write('web/a.ndjson', '{"type":"track"}\n')
    await write(
      'b.ndjson',
      `${JSON.stringify({ context: { personas: { space_id: 'spa_1' } } })}\n{"type":`,
    )

    const found = await origins('.')

    expect(found).toHaveLength(2)
    expect(found).toContainEqual({
      folder: '.',
      files: 1,
      spaces: ['spa_1'],
      looked: 1,
      unmarked: 0,
    })
    expect(found).toContainEqual({ folder: 'web', files: 1, spaces: [], looked: 1, unmarked: 1 })
  })
})
