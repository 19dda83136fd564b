import type { Report } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const BAD = traitLine('u1', 'lifetime_value', 'high') + traitLine('u2', 'lifetime_value', 'low', 1)

const ONE_TRAIT =
  'version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits:\n  lifetime_value: { attribute: ltv, type: number }\n'

describe('values a mapping cannot take', () => {
  it('are named with their count and an example mapping by a run, whatever the format', async () => {
    const { root } = makeProject({ 'configs/shoppers.yaml': ONE_TRAIT, 'data/a.ndjson': BAD })

    const { code, out } = await runCommand(['run', '--format', 'json'], { cwd: root })

    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      values: { rejected: 2 },
      reasons: [
        {
          code: 'CAST_NUMBER',
          count: 2,
          example: expect.stringContaining('shoppers:traits.lifetime_value: '),
        },
      ],
    })
  })

  it('are stale where older than what was delivered, and told where an event wants them', async () => {
    const { root, write } = makeProject({
      'configs/shoppers.yaml':
        'version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits:\n  lifetime_value: { attribute: ltv, type: number, event: Worth }\n',
      'data/a.ndjson':
        traitLine('u1', 'lifetime_value', 7, 5) + traitLine('u1', 'lifetime_value', 'early', 4),
    })
    const run = async () => {
      const { out } = await runCommand(['run', '--format', 'json'], { cwd: root })
      return JSON.parse(out) as Pick<Report, 'records' | 'reasons'>
    }

    const first = await run()
    write('data/b.ndjson', traitLine('u1', 'lifetime_value', 'older', 3))
    const second = await run()

    expect(first).toMatchObject({ records: { changed: 1, rejected: 1 } })
    expect(first.reasons).toMatchObject([{ code: 'CAST_NUMBER', count: 1 }])
    expect(second).toMatchObject({ records: { stale: 1, rejected: 0 }, reasons: [] })
  })

  it.each(['human', 'markdown'])(
    'are no reason for a run to say that Braze holds all of it (%s)',
    async (format) => {
      const { root } = makeProject({ 'configs/shoppers.yaml': ONE_TRAIT, 'data/a.ndjson': BAD })

      const { out } = await runCommand(['run', '--format', format], { cwd: root })

      expect(out).toMatch(/nothing new to send/i)
      expect(out).toMatch(/CAST\\?_NUMBER/)
      expect(out).not.toContain('already holds')
    },
  )

  it.each(['human', 'markdown'])('are told by a plan (%s)', async (format) => {
    const { root } = makeProject({ 'configs/shoppers.yaml': ONE_TRAIT, 'data/a.ndjson': BAD })

    const { out } = await runCommand(['plan', '--format', format], { cwd: root })

    expect(out).toContain('would be rejected')
    expect(out).toMatch(/CAST\\?_NUMBER/)
    expect(out).not.toContain('already holds')
  })

  it('are counted by a plan as data', async () => {
    const { root } = makeProject({ 'configs/shoppers.yaml': ONE_TRAIT, 'data/a.ndjson': BAD })

    const { out } = await runCommand(['plan', '--format', 'json'], { cwd: root })

    expect(JSON.parse(out)).toMatchObject({
      values: { read: 2, rejected: 2 },
      reasons: [{ code: 'CAST_NUMBER', count: 2 }],
    })
  })

  it('are all counted under their reason, also those that were rejected before', async () => {
    const { root } = makeProject({
      'configs/shoppers.yaml': ONE_TRAIT,
      'data/a.ndjson': BAD + traitLine('u1', 'lifetime_value', 'high', 2),
    })
    const first = await runCommand(['run', '--format', 'json'], { cwd: root })

    const again = await runCommand(['run', '--reread', '--format', 'json'], { cwd: root })
    const { out: letters } = await runCommand(['dead-letters', '--format', 'json'], { cwd: root })

    for (const { out } of [first, again])
      expect(JSON.parse(out)).toMatchObject({
        values: { rejected: 3 },
        reasons: [{ code: 'CAST_NUMBER', count: 3 }],
      })
    expect(JSON.parse(letters)).toMatchObject({ total: 2 })
  })

  it('leave it said where nothing was rejected', async () => {
    const { root } = makeProject({ 'data/a.ndjson': traitLine('u1', 'lifetime_value', 12) })
    await runCommand(['run'], { cwd: root })

    const { out } = await runCommand(['run', '--reread'], { cwd: root })

    expect(out).toContain('already holds all of this')
  })

  it('is said by a plan only where what came is what Braze has', async () => {
    const project = makeProject({ 'data/a.ndjson': traitLine('u1', 'lifetime_value', 12, 5) })
    await runCommand(['run'], { cwd: project.root })
    const same = await runCommand(['plan', '--reread'], { cwd: project.root })
    project.write('data/b.ndjson', traitLine('u1', 'lifetime_value', 7))

    const older = await runCommand(['plan'], { cwd: project.root })

    expect(same.out).toContain('Braze already holds all of this')
    expect(older.out).toContain('No changes.')
    expect(older.out).not.toContain('already holds')
  })
})
