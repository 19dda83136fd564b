import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NormalisedEnvironment } from '@engage-sync/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { STATE_FORMAT } from '../../../src/state/format/migrations.ts'
import { unfinishedImport } from '../../../src/state/values/values.ts'
import { openState, placeOfState } from '../../../src/workspace/state/open-state.ts'
import { environmentDirectory } from '../../../src/workspace/environment/directory.ts'
import { anEnvironment } from '../../state/an-environment.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'engage-sync-open-state-'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

const production = anEnvironment({
  name: 'production',
  endpoint: 'https://rest.iad-03.braze.com',
  apiKey: 'key-one',
})
const withKey = (apiKey: string, endpoint = production.braze.endpoint): NormalisedEnvironment => ({
  ...production,
  braze: { ...production.braze, apiKey, endpoint },
})

/** Makes a state that knows of something its workspace received. */
async function init(environment: NormalisedEnvironment): Promise<void> {
  const store = await openState({ environment, root, create: 'always' })
  const { epoch } = await store.acquireLease('test', 0)
  await store.commit({ epoch, deltas: [{ partition: 1, bytes: Uint8Array.of(1) }] })
  await store.close()
}

describe('openState', () => {
  it('makes the state of local by itself, in a directory of its own', async () => {
    const store = await openState({ environment: anEnvironment({}), root, create: 'if-local' })

    expect(store.info).toMatchObject({
      environment: 'local',
      workspace: 'simulator',
      format: STATE_FORMAT,
    })
    await store.close()
  })

  it('lets nobody else read what it makes, and keeps it out of git', async () => {
    await init(anEnvironment({}))

    expect(statSync(join(root, '.engage-sync')).mode & 0o777).toBe(0o700)
    expect(statSync(environmentDirectory(root, 'local')).mode & 0o777).toBe(0o700)
    expect(statSync(join(environmentDirectory(root, 'local'), 'state.sqlite')).mode & 0o777).toBe(
      0o600,
    )
    expect(readFileSync(join(root, '.engage-sync', '.gitignore'), 'utf8')).toBe('*\n')
  })

  it.each([
    ['outside local', production, 'if-local' as const, 'state init'],
    ['when told never to', anEnvironment({}), 'never' as const, '`engage-sync run` makes it'],
  ])('makes none %s', async (_, environment, create, hint) => {
    await expect(openState({ environment, root, create })).rejects.toMatchObject({
      code: 'STATE_NOT_INITIALISED',
      hint: expect.stringContaining(hint) as unknown,
    })
    expect(() => statSync(environmentDirectory(root, environment.name))).toThrow('ENOENT')
  })

  it('finds again what was made', async () => {
    const first = await openState({ environment: production, root, create: 'always' })
    await first.close()
    const second = await openState({ environment: production, root, create: 'never' })
    await second.close()

    expect(second.info).toEqual(first.info)
  })

  it('never writes the key, only what tells it apart', async () => {
    const store = await openState({ environment: production, root, create: 'always' })
    await store.close()

    expect(store.info.workspace).toMatch(/^https:\/\/rest\.iad-03\.braze\.com#[0-9a-f]{16}$/)
    expect(readFileSync(placeOfState({ environment: production, root })).includes('key-one')).toBe(
      false,
    )
  })

  it.each([
    ['another key', withKey('key-two'), '--new-key'],
    [
      'another endpoint',
      withKey('key-one', 'https://rest.fra-01.braze.eu'),
      'start a state of its own',
    ],
  ])('refuses the state of a workspace with %s', async (_, environment, hint) => {
    await init(production)

    const error = await openState({ environment, root, create: 'never' }).catch(
      (thrown: unknown) => thrown,
    )

    expect(error).toMatchObject({
      code: 'STATE_OTHER_WORKSPACE',
      hint: expect.stringContaining(hint),
    })
  })

  it('takes any workspace for a state that knows of nothing received', async () => {
    await (await openState({ environment: production, root, create: 'always' })).close()
    const other = withKey('key-two', 'https://rest.fra-01.braze.eu')

    const store = await openState({ environment: other, root, create: 'never' })
    await store.close()

    expect(store.info.workspace).toContain('fra-01')
  })

  it('takes a new key of the same endpoint when asked to, for good', async () => {
    await init(production)
    await (
      await openState({ environment: withKey('key-two'), root, create: 'never', rebind: true })
    ).close()

    await (await openState({ environment: withKey('key-two'), root, create: 'never' })).close()
    await expect(
      openState({ environment: production, root, create: 'never' }),
    ).rejects.toMatchObject({ code: 'STATE_OTHER_WORKSPACE' })
  })

  it('takes no other endpoint, even when asked to', async () => {
    await init(production)
    const environment = withKey('key-one', 'https://rest.fra-01.braze.eu')

    await expect(
      openState({ environment, root, create: 'never', rebind: true }),
    ).rejects.toMatchObject({ code: 'STATE_OTHER_WORKSPACE' })
  })

  it('refuses a state whose import did not finish', async () => {
    const store = await openState({ environment: production, root, create: 'always' })
    const lease = await store.acquireLease('test', 1000)
    await store.commit({ epoch: lease.epoch, values: [unfinishedImport.stored(true)] })
    await store.close()

    await expect(
      openState({ environment: production, root, create: 'never' }),
    ).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
  })
})
