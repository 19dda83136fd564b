import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startFakePublicApi } from '@engage-sync/segment/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCommand } from '../run-command.ts'
import { configDirectory, PROJECT, tempDirectory, writeFiles } from '../temp-directory.ts'

const FILES = [
  'configs/engage-sync.yaml',
  'configs/shoppers.yaml',
  'configs/shoppers.cases.yaml',
  'data/engage/sample.ndjson',
  '.github/workflows/engage-sync.yml',
  '.gitignore',
]

const SCHEMAS = [
  ['engage-sync.yaml', 'project'],
  ['shoppers.yaml', 'sync'],
  ['shoppers.cases.yaml', 'cases'],
] as const

describe('init', () => {
  it('writes a project that is valid, whose cases hold, and that runs', async () => {
    const cwd = tempDirectory({})
    const { code, out } = await runCommand(['init'], { cwd })
    const validated = await runCommand(['validate', '--strict'], { cwd })
    const tested = await runCommand(['test', '--coverage'], { cwd })
    const ran = await runCommand(['run', '--format', 'json'], { cwd })

    expect([code, validated.code, tested.code, ran.code]).toEqual([0, 0, 0, 0])
    for (const file of FILES) expect(out).toContain(file)
    for (const file of FILES) expect(existsSync(join(cwd, file))).toBe(true)
    expect(tested.out).toContain('3 cases passed')
    expect(JSON.parse(ran.out)).toMatchObject({ status: 'done', records: { rejected: 0 } })
  })

  it('names another directory wherever it matters', async () => {
    const cwd = tempDirectory({})
    await runCommand(['init', '--configs', 'sync/yaml'], { cwd })
    const ran = await runCommand(['run', '--configs', 'sync/yaml', '--format', 'json'], { cwd })
    const workflow = readFileSync(join(cwd, '.github/workflows/engage-sync.yml'), 'utf8')

    expect(JSON.parse(ran.out).records.read).toBeGreaterThan(0)
    expect(workflow).toContain("paths: ['sync/yaml/**']")
    expect(workflow.match(/environment: production, configs: sync\/yaml /g)).toHaveLength(4)
  })

  it.each([
    ['configs', '../'],
    ['sync/yaml', '../../'],
  ])('names the schema of the installed package in every file of %s', async (configs, up) => {
    const cwd = tempDirectory({})
    await runCommand(['init', '--configs', configs], { cwd })
    const schemas = `${up}node_modules/@engage-sync/core/schema`

    for (const [file, schema] of SCHEMAS) {
      const path = join(cwd, configs, file)
      const [first] = readFileSync(path, 'utf8').split('\n', 1)
      const named = `@engage-sync/core/schema/${schema}.json`

      expect(first).toBe(`# yaml-language-server: $schema=${schemas}/${schema}.json`)
      expect(join(dirname(path), schemas)).toBe(join(cwd, 'node_modules/@engage-sync/core/schema'))
      expect(existsSync(fileURLToPath(import.meta.resolve(named)))).toBe(true)
    }
  })

  it.each([
    ['an absolute', (cwd: string) => join(cwd, 'sync'), '../', 'sync'],
    ['a dotted', () => './sync/', '../', 'sync'],
    ['an outer', () => '../outer', '../project/', '../outer'],
  ])('finds the schema from %s directory', async (_, named, up, directory) => {
    const cwd = join(tempDirectory({ 'project/.keep': '' }), 'project')

    const { out } = await runCommand(['init', '--configs', named(cwd)], { cwd })

    const text = readFileSync(join(cwd, directory, 'shoppers.yaml'), 'utf8')
    expect(text).toContain(`$schema=${up}node_modules/@engage-sync/core/schema/sync.json\n`)
    const isInside = directory === 'sync'
    expect(existsSync(join(cwd, '.github'))).toBe(isInside)
    expect(out.includes('sync/shoppers.yaml')).toBe(isInside)
  })

  it.each(FILES.slice(0, 4))('writes nothing where %s is there already', async (path) => {
    const cwd = tempDirectory({ [path]: 'mine' })
    const { code, err } = await runCommand(['init'], { cwd })

    expect(code).toBe(2)
    expect(err).toContain(`error CONFIG_EXISTS  ${path} exists already`)
    expect(readFileSync(join(cwd, path), 'utf8')).toBe('mine')
    expect(FILES.filter((file) => existsSync(join(cwd, file)))).toEqual([path])
  })

  it('leaves a workflow of that name, and what git ignores already', async () => {
    const cwd = tempDirectory({
      '.github/workflows/engage-sync.yml': 'mine',
      '.gitignore': 'dist\n/.engage-sync\n',
    })
    const { code } = await runCommand(['init'], { cwd })

    expect(code).toBe(0)
    expect(readFileSync(join(cwd, '.github/workflows/engage-sync.yml'), 'utf8')).toBe('mine')
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe('dist\n/.engage-sync\n')
  })

  it('adds a line to what git ignores', async () => {
    const cwd = tempDirectory({ '.gitignore': 'dist' })
    await runCommand(['init'], { cwd })

    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe('dist\n.engage-sync/\n')
  })
})

describe('init --from-space', () => {
  const SPACE = {
    audiences: [
      {
        id: 'aud_1',
        key: 'vip',
        name: 'Very important',
        enabled: true,
        computeCadence: { type: 'BATCH' },
      },
    ],
    computedTraits: [
      {
        id: 'tra_1',
        key: 'ltv',
        name: 'Lifetime value',
        enabled: true,
        computeCadence: { type: 'REALTIME' },
      },
    ],
    subscriptions: [
      {
        id: 's',
        name: 'Track',
        actionSlug: 'trackEvent',
        enabled: true,
        trigger: 'type = "track"',
        settings: {},
      },
    ],
  }
  const project = PROJECT.replace(
    'local: {',
    "local: { segment: { space_id: spa_test, public_api_token: '${TOKEN}' },",
  )

  async function startSpace() {
    const fake = await startFakePublicApi()
    onTestFinished(() => fake.stop())
    fake.hold(SPACE)
    return { TOKEN: 'public-token', ENGAGE_SYNC_PUBLIC_API_URL: fake.url }
  }

  it('writes a sync of all that the space computes, which is valid', async () => {
    const cwd = configDirectory({ 'engage-sync.yaml': project })
    const { code } = await runCommand(['init', '--from-space', '--destination', 'dst_test'], {
      cwd,
      env: await startSpace(),
    })
    const text = readFileSync(join(cwd, 'configs/engage.yaml'), 'utf8')

    expect(code).toBe(0)
    expect(text).toMatch(/^# yaml-language-server: \$schema=\S+\/schema\/sync\.json\n/)
    expect(text).toContain('# Very important: in batches')
    expect(text).toContain('event: Trait Computed')
    expect((await runCommand(['validate'], { cwd })).code).toBe(0)
  })

  it.each<
    [
      string,
      readonly string[],
      Readonly<Record<string, string>>,
      Readonly<Record<string, string>>,
      string,
      number,
    ]
  >([
    ['there is no project', [], {}, {}, 'CONFIG_MISSING', 2],
    [
      'the environment has no space',
      [],
      { 'engage-sync.yaml': PROJECT },
      {},
      'CONFIG_NO_PUBLIC_API',
      2,
    ],
    [
      'there is no such environment',
      ['--env', 'staging'],
      { 'engage-sync.yaml': project },
      {},
      'CONFIG_UNKNOWN_ENVIRONMENT',
      2,
    ],
    ['the token is not set', [], { 'engage-sync.yaml': project }, {}, 'SECRET_MISSING', 2],
    [
      'the address is in clear',
      [],
      { 'engage-sync.yaml': project },
      { TOKEN: 'x', ENGAGE_SYNC_PUBLIC_API_URL: 'http://example.com' },
      'CONFIG_PUBLIC_API_URL',
      2,
    ],
    [
      'the name cannot be a file of a sync',
      ['--name', '../x'],
      { 'engage-sync.yaml': project },
      { TOKEN: 'x' },
      'USAGE_NAME',
      2,
    ],
  ])('stops when %s', async (_what, argv, files, env, code, exit) => {
    const cwd = tempDirectory(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`configs/${name}`, text])),
    )
    const { code: ended, err } = await runCommand(['init', '--from-space', ...argv], { cwd, env })

    expect(ended).toBe(exit)
    expect(err).toContain(`error ${code}  `)
  })

  it('says that Segment refuses the token, and writes nothing over what is there', async () => {
    const cwd = configDirectory({ 'engage-sync.yaml': project })
    const env = await startSpace()
    const refused = await runCommand(['init', '--from-space'], {
      cwd,
      env: { ...env, TOKEN: 'wrong-token' },
    })
    writeFiles(cwd, { 'configs/engage.yaml': 'mine' })
    const exists = await runCommand(['init', '--from-space'], { cwd, env })

    expect([refused.code, exists.code]).toEqual([4, 2])
    expect(refused.err).not.toContain('wrong-token')
    expect(readFileSync(join(cwd, 'configs/engage.yaml'), 'utf8')).toBe('mine')
  })
})
