import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const LONG = 'secret-value '.repeat(40)
const DATA =
  traitLine('user-one', 'last_product_viewed_item', LONG) +
  traitLine('user-two', 'last_product_viewed_item', LONG) +
  traitLine('user-three', 'lifetime_value', 'not a number') +
  'not json\n'

async function project() {
  const { root } = makeProject({ 'data/a.ndjson': DATA })
  const run = (line: string) => runCommand(line.split(' '), { cwd: root })
  await run('run')
  return { root, run }
}

interface Letters {
  readonly total: number
  readonly dead_letters: readonly {
    readonly code: string
    readonly sync: string
    readonly user: string | null
    readonly payload?: unknown
  }[]
}

async function letters(
  run: (line: string) => Promise<{ out: string }>,
  flags = '',
): Promise<Letters> {
  return JSON.parse((await run(`dead-letters --format json${flags}`)).out) as Letters
}

describe('dead-letters', () => {
  it('lists what was refused by reason, most first, and shows nobody’s data', async () => {
    const { run } = await project()

    const { code, out } = await run('dead-letters')

    expect(code).toBe(0)
    const { dead_letters: all } = await letters(run)
    for (const reason of new Set(all.map((letter) => letter.code)))
      expect(out).toMatch(new RegExp(`^${reason} · \\d$`, 'm'))
    expect(out.split('\n')[0]).toMatch(/ · 2$/)
    expect(out).toContain('--show-values')
    expect(out).not.toMatch(/secret-value|user-one|user-two|user-three/)
  })

  it('gives data without values, and with them when asked', async () => {
    const { run } = await project()

    const hidden = await letters(run)
    const shown = await letters(run, ' --show-values')

    expect(hidden.total).toBe(4)
    expect(JSON.stringify(hidden)).not.toMatch(/secret-value|user-one/)
    expect(JSON.stringify(shown)).toMatch(/secret-value/)
    expect((await run('dead-letters --show-values')).out).toContain('secret-value')
  })

  it('finds those of a run, a sync, a reason, and as many as asked for', async () => {
    const { run } = await project()
    const { dead_letters: all } = await letters(run)
    const [{ code }] = all

    expect((await letters(run, ' --run 1')).total).toBe(4)
    expect((await letters(run, ' --run 2')).total).toBe(0)
    expect((await letters(run, ' --sync shoppers')).total).toBe(
      all.filter(({ sync }) => sync === 'shoppers').length,
    )
    expect((await letters(run, ` --code ${code}`)).total).toBe(
      all.filter((letter) => letter.code === code).length,
    )
    expect((await letters(run, ' --limit 1')).dead_letters).toHaveLength(1)
    expect((await run('dead-letters --limit 1')).out).toContain('3 more')
    expect((await run('dead-letters --run 2')).out).toBe('No dead letters.\n')
  })

  it('writes them whole into a file for its owner only, and over nothing', async () => {
    const { root, run } = await project()

    const { code, out } = await run('dead-letters --out letters.ndjson')

    const path = join(root, 'letters.ndjson')
    expect([code, out]).toEqual([
      0,
      'Wrote 4 dead letters to letters.ndjson. They hold personal data.\n',
    ])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const lines = readFileSync(path, 'utf8').trim().split('\n')
    expect(
      lines.map((line) => Object.keys(JSON.parse(line) as object).includes('payload')),
    ).toEqual([true, true, true, true])
    expect(await run('dead-letters --out letters.ndjson')).toMatchObject({
      code: 2,
      err: expect.stringContaining('USAGE_OUT_FILE'),
    })
  })
})
