import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { schemaOf } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../run-command.ts'
import { tempDirectory } from '../temp-directory.ts'

describe('schema', () => {
  it.each(['project', 'sync', 'cases'] as const)(
    'prints the schema of a %s file, alone',
    async (kind) => {
      const { code, out, err } = await runCommand(['schema', kind], { cwd: tempDirectory({}) })

      expect([code, err]).toEqual([0, ''])
      expect(JSON.parse(out)).toEqual(schemaOf(kind))
    },
  )

  it('prints that of a sync unless another is named', async () => {
    expect(JSON.parse((await runCommand(['schema'], { cwd: tempDirectory({}) })).out)).toEqual(
      schemaOf('sync'),
    )
  })

  it('writes all of them into a directory', async () => {
    const cwd = tempDirectory({})
    const { code, out } = await runCommand(['schema', '--out', 'editor/schemas'], { cwd })
    const names = readdirSync(join(cwd, 'editor/schemas'))

    expect([code, out, names.toSorted()]).toEqual([
      0,
      '',
      ['cases.json', 'project.json', 'sync.json'],
    ])
    for (const name of names)
      expect(
        () => JSON.parse(readFileSync(join(cwd, 'editor/schemas', name), 'utf8')) as unknown,
      ).not.toThrow()
  })

  it('guesses a mistyped kind', async () => {
    const { code, err } = await runCommand(['schema', 'snyc'], { cwd: tempDirectory({}) })

    expect(code).toBe(2)
    expect(err).toContain('project, sync, cases')
  })
})
