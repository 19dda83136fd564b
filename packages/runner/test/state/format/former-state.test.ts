import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Report } from '@engage-sync/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCommand } from '../../run-command.ts'
import { fingerprintsOf } from './fingerprints.ts'

/** The formats of former versions a fixture keeps, and how a cut-off run of it ends. */
const FORMATS = [1, 2, 3]

/** A directory of former states. */
interface Fixture {
  readonly directory: string
  readonly made: {
    readonly made_at: string
    readonly fingerprints: Readonly<Record<string, string>>
  }
}

function fixtureOf(format: number): Fixture {
  const directory = fileURLToPath(new URL(`../../fixtures/state-format-${format}`, import.meta.url))
  return { directory, made: JSON.parse(readFileSync(join(directory, 'made.json'), 'utf8')) }
}

/**
 * The project of the fixture over one of its states, soon after that was made: nothing is due by
 * then.
 */
function projectOver({ directory, made }: Fixture, state: 'settled' | 'waiting' | 'none') {
  const cwd = mkdtempSync(join(tmpdir(), 'engage-sync-former-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true, maxRetries: 3 }))
  for (const part of ['configs', 'data'])
    cpSync(join(directory, part), join(cwd, part), { recursive: true })
  // The last records came after the settled state was made.
  if (state !== 'waiting')
    for (const source of ['engage', 'club']) rmSync(join(cwd, 'data', source, '4.ndjson'))
  if (state !== 'none') {
    mkdirSync(join(cwd, '.engage-sync/local'), { recursive: true })
    cpSync(join(directory, `${state}.sqlite`), join(cwd, '.engage-sync/local/state.sqlite'))
  }
  const now = () => Date.parse(made.made_at) + 60_000
  const command = (...argv: readonly string[]) => runCommand(argv, { cwd, now })
  return {
    command,
    plan: async () => JSON.parse((await command('plan', '--format', 'json')).out),
    run: async (...argv: readonly string[]) =>
      JSON.parse((await command('run', '--format', 'json', ...argv)).out) as Report,
  }
}

const NOTHING = { requests: 0, attributes: 0, events: 0, cohort_adds: 0, cohort_removals: 0 }
const NOTHING_PLANNED = {
  configuration: { added: [], changed: [], moved: [], orphaned: [], retired: [] },
  records: { read: 0 },
  users: { changed: 0 },
  braze: NOTHING,
  open_marks: 0,
}

describe.each(FORMATS)('a state of format %i', (format) => {
  const fixture = fixtureOf(format)

  it('has nothing to read again and nothing to send again', async () => {
    const { plan, run, command } = projectOver(fixture, 'settled')

    expect(await plan()).toMatchObject(NOTHING_PLANNED)
    const first = await run()
    const again = await run('--reread')

    expect(first).toMatchObject({ records: { read: 0 }, braze: NOTHING })
    expect(again.braze).toMatchObject(NOTHING)
    expect((await command('state', 'check')).code).toBe(0)
  })

  it('is the same when it comes as an export', async () => {
    const { plan, command } = projectOver(fixture, 'none')

    const { code } = await command(
      'state',
      'import',
      join(fixture.directory, 'settled.export.ndjson'),
    )

    expect(code).toBe(0)
    expect(await plan()).toMatchObject(NOTHING_PLANNED)
  })

  it('whose run was cut off is brought to its end, as the former version would have', async () => {
    const { run } = projectOver(fixture, 'waiting')

    const first = await run()
    const again = await run('--reread')

    expect(first).toMatchObject({
      recovered: { repeated: 47, skipped: 0, verified: 0 },
      braze: { attributes: 152, events: 47, cohort_adds: 6, cohort_removals: 4, pending: 0 },
    })
    expect(again.braze).toMatchObject(NOTHING)
  })
})

it.each(FORMATS)('an option at its default is no part of what a mapping means: %i', (format) => {
  const { directory, made } = fixtureOf(format)
  expect(fingerprintsOf(join(directory, 'configs'))).toEqual(made.fingerprints)
})
