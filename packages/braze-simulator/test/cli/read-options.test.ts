import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { helpText } from '../../src/cli/flags.ts'
import { readCommandLine } from '../../src/cli/read-options.ts'
import { SETTING_NAMES, splitName } from '../../src/options/settings.ts'

describe('readCommandLine', () => {
  it('reads every kind of flag', () => {
    const line =
      '--port 8080 --host 0.0.0.0 --seed 7 --lean --exit-with-stdin --api-key one --api-key two:users.track,users.delete ' +
      '--partner acme:key:secret --partner other:key:secret:disabled --object-limit perArray75 --apply-shuffle true ' +
      '--blocked-users a,b --track-limit 0 --rule-off dateStrings --fault {"kind":"status","status":500}'
    const command = readCommandLine(line.split(' '))

    expect(command).toEqual({
      kind: 'start',
      exitWithStdin: true,
      options: {
        port: 8080,
        host: '0.0.0.0',
        seed: 7,
        lean: true,
        apiKeys: [{ key: 'one' }, { key: 'two', permissions: ['users.track', 'users.delete'] }],
        partners: [
          { name: 'acme', partnerApiKey: 'key', clientSecret: 'secret', isEnabled: true },
          { name: 'other', partnerApiKey: 'key', clientSecret: 'secret', isEnabled: false },
        ],
        settings: {
          objectLimit: 'perArray75',
          applyShuffle: true,
          blockedUsers: ['a', 'b'],
          trackLimit: 0,
        },
        rules: { dateStrings: false },
        faults: [{ kind: 'status', status: 500 }],
      },
    })
  })

  it.each([
    '[{"external_id":"a"},{"external_id":"b"}]',
    '{"external_id":"a"}\n\n{"external_id":"b"}\n',
  ])('reads users from %j', (text) => {
    const path = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'users')
    writeFileSync(path, text)

    expect(readCommandLine(['--seed-users', path])).toMatchObject({
      options: { users: [{ external_id: 'a' }, { external_id: 'b' }] },
    })
  })

  it.each([
    ['--port', '70000', '--port must be'],
    ['--port', '-1', 'port'],
    ['--seed', 'x', '--seed must be'],
    ['--api-key', ':users.track', '--api-key must be'],
    ['--partner', 'a:b', '--partner must be'],
    ['--object-limit', 'all', '--object-limit must be one of combined75'],
    ['--apply-shuffle', 'yes', '--apply-shuffle must be true or false'],
    ['--fault', '{', '--fault holds no JSON'],
    ['--fault', '{"kind":"fire"}', '--fault: kind must be'],
    ['--rule-off', 'gravity', '--rule-off gravity is no rule'],
    ['--seed-users', '/nowhere/at-all', 'cannot read'],
    ['--unknown', '1', "Unknown option '--unknown'"],
  ])('refuses %s %s', (flag, value, message) => {
    expect(() => readCommandLine([flag, value])).toThrow(
      expect.objectContaining({
        code: 'SIMULATOR_OPTION',
        message: expect.stringContaining(message),
      }),
    )
  })

  it('names every switch in its help', () => {
    const text = helpText()
    for (const name of SETTING_NAMES) expect(text).toContain(`--${splitName(name, '-')}`)
  })
})
