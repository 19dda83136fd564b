import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeOut } from '../../../src/workspace/files/write-out.ts'
import { tempDirectory } from '../../temp-directory.ts'
import { makeProject, traitLine } from '../../project.ts'
import { runCommand } from '../../run-command.ts'

const PAGE = '<!doctype html>\n<title>new</title>'

describe('writeOut', () => {
  it.each([
    ['an earlier page', '<!doctype html>\n<title>old</title>'],
    ['an empty file', ''],
  ])('overwrites %s', async (_, before) => {
    const cwd = tempDirectory({ 'out.html': before })

    await writeOut({ name: 'out.html', cwd }, PAGE)

    expect(readFileSync(join(cwd, 'out.html'), 'utf8')).toBe(PAGE)
  })

  it.each(['version: 1\nenvironments: {}\n', '{"name":"package"}', '<'.repeat(12)])(
    'leaves what is something else: %j',
    async (before) => {
      const cwd = tempDirectory({ 'configs/shoppers.yaml': before })
      symlinkSync('configs/shoppers.yaml', join(cwd, 'link'))

      for (const name of ['configs/shoppers.yaml', 'link'])
        await expect(writeOut({ name, cwd }, PAGE)).rejects.toMatchObject({
          code: 'USAGE_OUT_FILE',
        })
      expect(readFileSync(join(cwd, 'link'), 'utf8')).toBe(before)
    },
  )

  it('writes to what is no file', async () => {
    await writeOut({ name: '/dev/null', cwd: '/' }, PAGE)
  })
})

it('a plan is for its owner alone, and takes the place of an earlier one', async () => {
  const { root } = makeProject({ 'data/a.ndjson': traitLine('ada', 'lifetime_value', 1) })
  const plan = () => runCommand(['plan', '--out', 'plan.json'], { cwd: root })
  const mode = () => statSync(join(root, 'plan.json')).mode & 0o777
  expect([(await plan()).code, mode()]).toEqual([0, 0o600])
  chmodSync(join(root, 'plan.json'), 0o644)

  expect([(await plan()).code, mode()]).toEqual([0, 0o600])
  writeFileSync(join(root, 'plan.json'), '# notes\n')
  expect(await plan()).toMatchObject({ code: 2, err: expect.stringContaining('USAGE_OUT_FILE') })
})
