import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../run-command.ts'
import {
  commitAll,
  configDirectory,
  PROJECT,
  SHOP,
  tempDirectory,
  writeFiles,
} from '../temp-directory.ts'

interface Found {
  readonly valid: boolean
  readonly errors: number
  readonly warnings: number
  readonly environments: readonly string[]
  readonly diagnostics: readonly {
    readonly path: string
    readonly line: number
    readonly column: number
    readonly code: string
    readonly message: string
  }[]
  readonly syncs: readonly {
    readonly name: string
    readonly mappings: readonly {
      readonly id: string
      readonly timing: { readonly mode: string }
    }[]
  }[]
}

async function find(files: Readonly<Record<string, string | Uint8Array>>, ...argv: string[]) {
  const { code, out, err } = await runCommand(['validate', '--format', 'json', ...argv], {
    cwd: configDirectory(files),
  })
  return { code, err, found: JSON.parse(out) as Found }
}

/** `array` has no effect on a number. */
const UNUSED = `version: 1
source: engage
identity: { external_id: userId }
traits:
  ltv: { attribute: ltv, type: number, array: update }
`

const MISSPELT = `version: 1
source: engage
traits:
  ltv: { atribute: ltv }
`
const WARNED = `version: 1
source: engage
traits:
  ltv: { attribute: 'ltv ' }
`

describe('validate', () => {
  it('says that all is well, and what each mapping becomes', async () => {
    const { code, out, err } = await runCommand(['validate'], {
      cwd: configDirectory({ 'shop.yaml': SHOP }),
    })

    expect([code, err]).toEqual([0, ''])
    expect(out).toBe(`shop  from engage · #shop
  trait     ltv   real time  attribute ltv (number), event Trait Computed
  audience  vip   real time  attribute vip, cohort VIPs
  segment   fans  real time  cohort Fans
  segment   gone  scheduled  attribute gone
      "event "Trait Computed" less_than 1 within 30 days" changes as time passes, without any event.

  real time  changes only when Segment sends something: a run over the new events is enough
  scheduled  changes as time passes too; each run looks again

✓ No mistakes: 1 sync, 2 mappings, 2 segments in local
`)
  })

  it('shows a mistake with its place, its line, a caret below the range, and the next step', async () => {
    const { code, out } = await runCommand(['validate'], {
      cwd: configDirectory({ 'shop.yaml': MISSPELT }),
    })

    expect(code).toBe(2)
    expect(out)
      .toBe(`configs/shop.yaml:4:10  error  CONFIG_UNKNOWN_KEY  unknown key "atribute" in "ltv"
  4 │   ltv: { atribute: ltv }
    │          ^^^^^^^^
    Did you mean "attribute"?

✗ 1 error in 1 of 2 files
`)
  })

  it.each([
    ['unknown key', 'version: 1\nsource: engage\ntrait: {}\n', ['CONFIG_UNKNOWN_KEY', 3, 1]],
    ['missing key', 'version: 1\ntraits: { a: a }\n', ['CONFIG_MISSING_KEY', 1, 1]],
    [
      'duplicate key',
      'version: 1\nsource: engage\ntraits: { a: a, a: b }\n',
      ['YAML_DUPLICATE_KEY', 3, 17],
    ],
    ['tab indentation', 'version: 1\ntraits:\n\ta: a\n', ['YAML_TAB', 3, 1]],
    ['empty file', '', ['YAML_EMPTY', 1, 1]],
    ['comments alone', '# later\n', ['YAML_EMPTY', 1, 1]],
  ] as const)('refuses a file with %s', async (_what, text, [code, line, column]) => {
    const { code: exit, found } = await find({ 'shop.yaml': text })

    expect(exit).toBe(2)
    expect(found.diagnostics[0]).toMatchObject({ path: 'configs/shop.yaml', code, line, column })
  })

  it('refuses an alias bomb without unfolding it', async () => {
    const levels = 'bcdefghij'
      .split('')
      .map(
        (name, index) =>
          `${name}: &${name} [${Array(10).fill(`*${'abcdefghij'[index]}`).join(', ')}]`,
      )
    const { code, found } = await find({
      'shop.yaml': `version: 1\na: &a [x, x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`,
    })

    expect(code).toBe(2)
    expect(found.diagnostics.map((each) => each.code)).toContain('YAML_ALIAS_LIMIT')
  })

  it('reports the mistakes of all files in one go', async () => {
    const { found } = await find({
      'a.yaml': MISSPELT,
      'b.yaml': MISSPELT,
      'c.cases.yaml': 'version: 1\ncases: []\n',
    })

    expect(new Set(found.diagnostics.map(({ path }) => path))).toEqual(
      new Set(['configs/a.yaml', 'configs/b.yaml', 'configs/c.cases.yaml']),
    )
  })

  it('refuses a directory without syncs, and one without a project file', async () => {
    const alone = await find({})
    const { out } = await runCommand(['validate', '--format', 'json'], {
      cwd: tempDirectory({ 'configs/shop.yaml': SHOP }),
    })

    expect([alone.code, alone.found.diagnostics[0]!.code]).toEqual([2, 'CONFIG_NO_SYNCS'])
    expect((JSON.parse(out) as Found).diagnostics.map(({ code }) => code)).toContain(
      'CONFIG_NO_PROJECT',
    )
  })

  it.each([
    ['no directory', () => tempDirectory({}), 'CONFIG_MISSING'],
    ['an empty directory', () => emptyDirectory(), 'CONFIG_MISSING'],
    ['a file in its place', () => tempDirectory({ configs: 'version: 1\n' }), 'CONFIG_MISSING'],
    ['a directory named like a file', () => directoryAsFile(), 'CONFIG_UNREADABLE'],
    [
      'a file that is not UTF-8',
      () => configDirectory({ 'shop.yaml': Uint8Array.of(0x76, 0xff, 0xfe) }),
      'CONFIG_UNREADABLE',
    ],
  ])('says what is wrong with %s, and nothing on standard output', async (_what, make, code) => {
    const {
      code: exit,
      out,
      err,
    } = await runCommand(['validate', '--format', 'json'], { cwd: make() })

    expect([exit, out]).toEqual([2, ''])
    expect(err).toContain(`error ${code}  `)
  })

  it.skipIf(process.getuid?.() === 0)('names a file that may not be read', async () => {
    const cwd = configDirectory({ 'shop.yaml': SHOP })
    chmodSync(join(cwd, 'configs/shop.yaml'), 0)

    const { code, err } = await runCommand(['validate'], { cwd })

    expect(code).toBe(2)
    expect(err).toContain('configs/shop.yaml cannot be read (EACCES)')
  })

  it('looks over hidden files and files of other kinds', async () => {
    const { code } = await find({ 'shop.yaml': SHOP, '.#shop.yaml': 'a: [', 'README.md': '# x' })

    expect(code).toBe(0)
  })

  it('lets warnings pass unless it is strict', async () => {
    const loose = await find({ 'shop.yaml': WARNED })
    const strict = await find({ 'shop.yaml': WARNED }, '--strict')

    expect([loose.code, loose.found.valid, loose.found.warnings]).toEqual([0, true, 1])
    expect([strict.code, strict.found.valid]).toEqual([2, false])
  })

  it('checks every environment unless one is named, and says where a mistake holds', async () => {
    const project = `${PROJECT}  production: { braze: { instance: US-03, api_key: '\${KEY}' }, sources: { other: { events: data } } }\n`
    const files = { 'engage-sync.yaml': project, 'shop.yaml': SHOP }
    const all = await find(files)
    const local = await find(files, '--env', 'local')

    expect([all.code, all.found.environments]).toEqual([2, ['local', 'production']])
    expect(all.found.diagnostics[0]).toMatchObject({
      code: 'SOURCE_UNKNOWN',
      path: 'configs/shop.yaml',
    })
    expect(all.found.diagnostics[0]!.message).toContain('production')
    expect([local.code, local.found.environments]).toEqual([0, ['local']])
  })

  it('tells a mistake that holds everywhere once', async () => {
    const project = `${PROJECT}  other: { braze: { endpoint: simulator } }\n`
    const { found } = await find({
      'engage-sync.yaml': project,
      'shop.yaml': SHOP.replace('source: engage', 'source: engag'),
    })

    expect(found.diagnostics.map(({ code }) => code)).toEqual(['SOURCE_UNKNOWN'])
    expect(found.diagnostics[0]!.message).toContain('"local"')
  })

  it('refuses an environment the project has not', async () => {
    const { code, found } = await find({ 'shop.yaml': SHOP }, '--env', 'prod')

    expect(code).toBe(2)
    expect(found.diagnostics.map((each) => each.code)).toContain('CONFIG_UNKNOWN_ENVIRONMENT')
  })

  it('shows what a terminal would obey instead of sending it there', async () => {
    const { out } = await runCommand(['validate'], {
      cwd: configDirectory({
        'shop.yaml': 'version: 1\nsource: "\\e[31mred"\n\u202Edrawkcab: x\n',
      }),
      isTTY: false,
    })

    for (const control of ['\u001B', '\u202E']) expect(out).not.toContain(control)
    expect(out).toContain('\\u202edrawkcab')
  })
})

describe('validate --format', () => {
  it('writes annotations GitHub shows beside the line', async () => {
    const { out } = await runCommand(['validate', '--format', 'github'], {
      cwd: configDirectory({ 'shop.yaml': MISSPELT }),
    })

    expect(out.split('\n')[0]).toBe(
      '::error file=configs/shop.yaml,line=4,endLine=4,col=10,endColumn=17,title=CONFIG_UNKNOWN_KEY::unknown key "atribute" in "ltv"%0ADid you mean "attribute"?',
    )
  })

  it('writes a SARIF log with rules and regions', async () => {
    const { out } = await runCommand(['validate', '--format', 'sarif'], {
      cwd: configDirectory({ 'shop.yaml': MISSPELT }),
    })
    const { version, runs } = JSON.parse(out)

    expect(version).toBe('2.1.0')
    expect(runs[0].results).toMatchObject([
      {
        ruleId: 'CONFIG_UNKNOWN_KEY',
        ruleIndex: 0,
        level: 'error',
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'configs/shop.yaml' },
              region: { startLine: 4, startColumn: 10, endColumn: 18 },
            },
          },
        ],
      },
    ])
    expect(runs[0].tool.driver.rules).toEqual([
      {
        id: 'CONFIG_UNKNOWN_KEY',
        shortDescription: { text: 'A key the schema does not know.' },
        helpUri: expect.stringMatching(/errors\.md$/),
      },
    ])
  })

  it('writes a JUnit report with one test a file', async () => {
    const { out } = await runCommand(['validate', '--format', 'junit'], {
      cwd: configDirectory({ 'shop.yaml': MISSPELT }),
    })

    expect(out).toContain('<testsuites name="engage-sync" tests="2" failures="1"')
    expect(out).toContain(
      '<failure type="CONFIG_UNKNOWN_KEY" message="unknown key &quot;atribute&quot; in &quot;ltv&quot;">',
    )
  })

  it('tells warnings of a file that passes, in JUnit too', async () => {
    const { out } = await runCommand(['validate', '--format', 'junit'], {
      cwd: configDirectory({ 'shop.yaml': UNUSED }),
    })

    expect(out).toContain('failures="0"')
    expect(out).toMatch(/<system-out>configs\/shop\.yaml:\d+:\d+ {2}warning {2}OPTION_UNUSED/)
  })

  it('tells warnings below the overview, where they are read', async () => {
    const { out } = await runCommand(['validate'], {
      cwd: configDirectory({ 'shop.yaml': UNUSED }),
    })

    expect(out.indexOf('OPTION_UNUSED')).toBeGreaterThan(out.indexOf('attribute ltv'))
  })

  it('writes data alone on standard output', async () => {
    const { found, err } = await find({ 'shop.yaml': SHOP })

    expect(err).toBe('')
    expect(found).toMatchObject({
      version: 1,
      valid: true,
      errors: 0,
      warnings: 0,
      environments: ['local'],
      diagnostics: [],
    })
    expect(found.syncs[0]!.mappings.map(({ id, timing }) => [id, timing.mode])).toEqual([
      ['shop:traits.ltv', 'real time'],
      ['shop:audiences.vip', 'real time'],
      ['shop:segments.fans', 'real time'],
      ['shop:segments.gone', 'scheduled'],
    ])
  })

  it('guesses a mistyped format', async () => {
    const { code, err } = await runCommand(['validate', '--format', 'jsn'], {
      cwd: configDirectory({ 'shop.yaml': SHOP }),
    })

    expect(code).toBe(2)
    expect(err).toContain('Did you mean json?')
  })

  it.each([
    ['a terminal', { isTTY: true }, true],
    ['a pipe', { isTTY: false }, false],
    ['a terminal with NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }, false],
    ['a pipe with FORCE_COLOR', { isTTY: false, env: { FORCE_COLOR: '1' } }, true],
  ])('colours for %s: %j is %s', async (_where, options, coloured) => {
    const { out } = await runCommand(['validate'], {
      cwd: configDirectory({ 'shop.yaml': MISSPELT }),
      ...options,
    })

    expect(out.includes('\u001B[')).toBe(coloured)
  })
})

describe('validate --select', () => {
  const OTHER = SHOP.replaceAll('ltv', 'orders')
    .replaceAll('vip', 'loyal')
    .replaceAll('VIPs', 'Loyal')
    .replaceAll('Fans', 'More fans')
    .replace('gone: {', 'idle: {')
    .replace('attribute: gone', 'attribute: idle')
    .replace('[shop]', '[other]')

  it.each([
    [['shop'], ['shop']],
    [['s*'], ['shop']],
    [['tag:other'], ['other']],
    [
      ['shop', 'tag:other'],
      ['other', 'shop'],
    ],
    [['other,shop'], ['other', 'shop']],
  ])('takes %j for %j', async (words, names) => {
    const { found } = await find({ 'shop.yaml': SHOP, 'other.yaml': OTHER }, '--select', ...words)

    expect(found.syncs.map(({ name }) => name)).toEqual(names)
  })

  it('guesses a mistyped name', async () => {
    const { code, out, err } = await runCommand(['validate', '--select', 'shoop'], {
      cwd: configDirectory({ 'shop.yaml': SHOP }),
    })

    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('Did you mean "shop"?')
  })

  it('finds what changed since a commit by its meaning, not by its text', async () => {
    const cwd = configDirectory({ 'shop.yaml': SHOP, 'other.yaml': OTHER })
    commitAll(cwd)
    writeFiles(cwd, {
      'configs/shop.yaml': `# a comment\n${SHOP}`,
      'configs/other.yaml': OTHER.replace('more_than: 3', 'more_than: 4'),
    })
    const names = async (ref: string) => {
      const { out } = await runCommand(
        ['validate', '--format', 'json', '--select', `changed:${ref}`],
        { cwd },
      )
      return (JSON.parse(out) as Found).syncs.map(({ name }) => name)
    }

    expect(await names('HEAD')).toEqual(['other'])
    commitAll(cwd)
    expect([await names('HEAD'), await names('HEAD~1')]).toEqual([[], ['other']])
  })

  it('reads sub-folders, too, now and at a commit', async () => {
    const second = SHOP.replaceAll('Fans', 'Others')
      .replaceAll('VIPs', 'Very')
      .replace(/attribute: (\w+)/g, 'attribute: second_$1')
    const cwd = configDirectory({
      'shop.yaml': SHOP,
      'team-a/second.yaml': second,
      '.hidden/third.yaml': MISSPELT,
      'team-a/notes.txt': 'x',
    })
    commitAll(cwd)
    const namesOf = async (...argv: string[]) => {
      const { out } = await runCommand(['validate', '--format', 'json', ...argv], { cwd })
      const { diagnostics, syncs } = JSON.parse(out) as Found
      return [diagnostics.map(({ message }) => message), syncs.map(({ name }) => name)]
    }
    const before = [await namesOf(), await namesOf('--select', 'changed:HEAD')]
    writeFiles(cwd, {
      'configs/team-a/second.yaml': second.replace('more_than: 3', 'more_than: 4'),
    })

    expect(before).toEqual([
      [[], ['shop', 'second']],
      [[], []],
    ])
    expect(await namesOf('--select', 'changed:HEAD')).toEqual([[], ['second']])
  })

  it('names both files where a sub-folder has a sync of the same name', async () => {
    const { code, found } = await find({ 'shop.yaml': SHOP, 'team-a/shop.yaml': SHOP })

    expect(code).toBe(2)
    expect(
      found.diagnostics
        .filter((each) => each.code === 'CONFIG_FILE_NAME')
        .map(({ path, message }) => [path, message]),
    ).toEqual([['configs/team-a/shop.yaml', 'configs/shop.yaml has the same name']])
  })

  it('takes everything for changed where the directory is new, or the file was broken', async () => {
    const cwd = configDirectory({ 'shop.yaml': MISSPELT })
    commitAll(cwd)
    writeFiles(cwd, { 'configs/shop.yaml': SHOP })
    const broken = await runCommand(['validate', '--format', 'json', '--select', 'changed:HEAD'], {
      cwd,
    })
    rmSync(join(cwd, 'configs/shop.yaml'))
    commitAll(cwd)
    writeFiles(cwd, { 'configs/shop.yaml': SHOP })
    const added = await runCommand(['validate', '--format', 'json', '--select', 'changed:HEAD'], {
      cwd,
    })

    for (const { out } of [broken, added])
      expect((JSON.parse(out) as Found).syncs.map(({ name }) => name)).toEqual(['shop'])
  })

  it.each(['nowhere', '--upload-pack=x', 'HEAD~99'])(
    'says that git does not know %s',
    async (ref) => {
      const cwd = configDirectory({ 'shop.yaml': SHOP })
      commitAll(cwd)

      const { code, err } = await runCommand(['validate', `--select=changed:${ref}`], { cwd })

      expect(code).toBe(2)
      expect(err).toContain('SELECT_GIT')
    },
  )

  it('takes everything for changed while there is no state', async () => {
    const { found } = await find({ 'shop.yaml': SHOP }, '--select', 'changed')

    expect(found.syncs.map(({ name }) => name)).toEqual(['shop'])
  })
})

function emptyDirectory(): string {
  const root = tempDirectory({})
  mkdirSync(join(root, 'configs'))
  return root
}

function directoryAsFile(): string {
  const root = configDirectory({})
  mkdirSync(join(root, 'configs/shop.yaml'))
  return root
}
