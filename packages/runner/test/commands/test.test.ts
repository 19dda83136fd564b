import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../run-command.ts'
import { commitAll, configDirectory, SHOP, writeFiles } from '../temp-directory.ts'

const GOOD = `version: 1
cases:
  - name: a purchase is counted
    events: [{ trait: { ltv: '7' } }]
    expect:
      attributes: { ltv: 7 }
      events: [Trait Computed]
`
const BAD = `version: 1
# What a fan is.
cases:
  - name: three is enough
    events: [{ trait: { ltv: 3 } }, { audience: { vip: true } }]
    expect:
      attributes: { ltv: 4, vip: true }   # not quite
      cohorts: { Fans: add }
  - name: a purchase is counted
    events: [{ trait: { ltv: 7 } }]
    expect: { attributes: { ltv: 7 } }
`

function directory(cases: string, more: Readonly<Record<string, string>> = {}): string {
  return configDirectory({ 'shop.yaml': SHOP, 'shop.cases.yaml': cases, ...more })
}

describe('test', () => {
  it('runs the cases and says that they hold', async () => {
    const { code, out, err } = await runCommand(['test'], { cwd: directory(GOOD) })

    expect([code, err]).toEqual([0, ''])
    expect(out).toBe(`✓  shop  1 case  39% covered\n\n✓ 1 case passed in 0.0 s\n`)
  })

  it('shows what came out differently, at the place of the case', async () => {
    const { code, out } = await runCommand(['test'], { cwd: directory(BAD) })

    expect(code).toBe(1)
    expect(out).toContain(`configs/shop.cases.yaml:4:5  failed  three is enough
    attributes
      - ltv: 4
      + ltv: 3
    cohorts
      - Fans: "add"  nothing came
      + VIPs: "add"  not expected

✗ 1 of 2 cases failed`)
  })

  it('stresses what differs inside a line, and shows long values line by line', async () => {
    const long = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`member_${index}`, `value ${index}`]),
    )
    const cases = `version: 1
cases:
  - name: long
    events: [{ trait: { store: ${JSON.stringify(long)} } }]
    expect: { attributes: { store: ${JSON.stringify({ ...long, member_5: 'other' })} } }
`
    const sync =
      'version: 1\nsource: engage\ntraits: { store: { attribute: store, type: object } }\n'
    const { out } = await runCommand(['test'], {
      cwd: configDirectory({ 'x.yaml': sync, 'x.cases.yaml': cases }),
    })
    const coloured = await runCommand(['test'], { cwd: directory(BAD), env: { FORCE_COLOR: '1' } })

    expect(out).toMatch(/\n {6}- {3}"member_5": "other",\n {6}\+ {3}"member_5": "value 5",\n/)
    expect(coloured.out).toContain('\u001B[4m')
  })

  it('says nothing of values outside the sections a case names', async () => {
    expect(
      (
        await runCommand(['test'], {
          cwd: directory(GOOD.replace('      events: [Trait Computed]\n', '')),
        })
      ).code,
    ).toBe(0)
  })

  it('lists what no case touches', async () => {
    const { out } = await runCommand(['test', '--coverage'], { cwd: directory(GOOD) })

    expect(out).toContain('shop  7 of 18 covered')
    expect(out).toContain(
      '  audiences.vip\n    no case: a value of vip\n    no case: attribute vip is sent\n',
    )
  })

  it('writes what came into the cases that failed, and only there', async () => {
    const cwd = directory(BAD)
    const { code, out } = await runCommand(['test', '--update'], { cwd })

    expect(code).toBe(0)
    expect(out).toContain('! 1 expectation replaced in configs/shop.cases.yaml (1)')
    expect(readFileSync(join(cwd, 'configs/shop.cases.yaml'), 'utf8')).toBe(
      BAD.replace('{ ltv: 4, vip: true }   # not quite', '{ ltv: 3, vip: true }').replace(
        '{ Fans: add }',
        '{ VIPs: add }',
      ),
    )
    expect((await runCommand(['test'], { cwd })).code).toBe(0)
  })

  it('leaves files alone that need no update', async () => {
    const cwd = directory(`# as it was\n${GOOD}`)
    await runCommand(['test', '--update'], { cwd })

    expect(readFileSync(join(cwd, 'configs/shop.cases.yaml'), 'utf8')).toBe(`# as it was\n${GOOD}`)
  })

  it('stops at a configuration with errors, showing them', async () => {
    const { code, out, err } = await runCommand(['test'], {
      cwd: directory(GOOD, { 'other.yaml': 'version: 1\nsorce: engage\n' }),
    })

    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('configs/other.yaml:2:1  error  CONFIG_UNKNOWN_KEY')
    expect(err).toContain('error CONFIG_INVALID')
  })

  it('runs nothing but the selected syncs, a changed cases file among the changes', async () => {
    const other = SHOP.replaceAll('ltv', 'orders')
      .replaceAll('vip', 'loyal')
      .replaceAll('VIPs', 'Loyal')
      .replaceAll('Fans', 'More')
      .replaceAll('gone', 'idle')
    const cwd = directory(BAD, {
      'other.yaml': other,
      'other.cases.yaml': 'version: 1\ncases: [{ name: a, expect: { events: [] } }]\n',
    })
    commitAll(cwd)
    writeFiles(cwd, {
      'configs/other.cases.yaml': 'version: 1\ncases: [{ name: b, expect: { events: [] } }]\n',
    })
    const named = await runCommand(['test', '--select', 'other'], { cwd })
    const changed = await runCommand(['test', '--format', 'json', '--select', 'changed:HEAD'], {
      cwd,
    })

    expect([named.code, changed.code]).toEqual([0, 0])
    expect(JSON.parse(changed.out).syncs.map(({ sync }: { sync: string }) => sync)).toEqual([
      'other',
    ])
  })

  it('says that there is nothing to run', async () => {
    const cwd = directory(GOOD)
    commitAll(cwd)
    const { code, out } = await runCommand(['test', '--select', 'changed:HEAD'], { cwd })

    expect([code, out]).toEqual([0, '✓ No sync selected: none has changed\n'])
  })

  it('says when a sync has no cases', async () => {
    const { code, out } = await runCommand(['test'], {
      cwd: configDirectory({ 'shop.yaml': SHOP }),
    })

    expect(code).toBe(0)
    expect(out).toContain('-  shop  no cases')
  })
})

describe('test --format', () => {
  it('writes data alone', async () => {
    const { out } = await runCommand(['test', '--format', 'json'], { cwd: directory(BAD) })

    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      cases: 2,
      passed: 1,
      failed: 1,
      syncs: [
        {
          sync: 'shop',
          path: 'configs/shop.cases.yaml',
          cases: [
            {
              name: 'three is enough',
              line: 4,
              passed: false,
              differences: [
                { section: 'attributes', name: 'ltv', expected: '4', actual: '3' },
                {},
                {},
              ],
            },
            { name: 'a purchase is counted', passed: true, differences: [] },
          ],
        },
      ],
    })
  })

  it('writes a JUnit report', async () => {
    const { code, out } = await runCommand(['test', '--format', 'junit'], { cwd: directory(BAD) })

    expect(code).toBe(1)
    expect(out).toContain('<testsuite name="shop" tests="2" failures="1"')
    expect(out).toContain(
      '<testcase name="three is enough" classname="shop" file="configs/shop.cases.yaml" line="4"',
    )
  })

  it('writes annotations at the case', async () => {
    const { out } = await runCommand(['test', '--format', 'github'], { cwd: directory(BAD) })

    expect(out).toMatch(
      /^::error file=configs\/shop\.cases\.yaml,line=4,endLine=8,title=case%3A three is enough::/,
    )
  })
})

describe('test --from', () => {
  const event = (userId: string, at: string, traits: object) => ({
    type: 'identify',
    userId,
    messageId: `m-${at}`,
    timestamp: at,
    context: {
      personas: {
        computation_class: 'trait',
        computation_key: 'ltv',
        computation_id: 'tra_1',
        space_id: 'spa_1',
      },
    },
    traits,
  })
  const EVENTS = [
    event('ada@example.org', '2026-01-05T10:00:00Z', { ltv: 5, email: 'ada@example.org' }),
    event('ben-17', '2026-01-05T10:00:01Z', { ltv: 7 }),
  ]
  const LINES = EVENTS.map((each) => JSON.stringify(each)).join('\n')

  it.each<[string, string | Uint8Array]>([
    ['lines', LINES],
    ['compressed lines', gzipSync(LINES)],
    ['a list over several lines', JSON.stringify(EVENTS, null, 2)],
    ["a batch, as Segment's webhooks send it", JSON.stringify({ batch: EVENTS })],
  ])('drafts cases that hold, from %s, without a trace of who it was', async (_what, content) => {
    const cwd = directory(GOOD)
    writeFiles(cwd, { 'events.json': content })
    const { code, out, err } = await runCommand(['test', '--from', 'events.json'], { cwd })

    expect(code).toBe(0)
    expect(err).toBe('2 cases of shop drafted from 2 records\n')
    expect(out).not.toMatch(/ada|ben|example\.org/)
    expect(out).toMatch(
      /user: u1\n.*\n +- \{ user: u1, .*trait: \{ ltv: 5 \}.*\n +expect:\n +attributes: \{ ltv: 5 \}\n/,
    )
    writeFiles(cwd, { 'configs/shop.cases.yaml': out })
    expect((await runCommand(['test'], { cwd })).code).toBe(0)
  })

  it('reads standard input', async () => {
    const { code, out } = await runCommand(['test', '--from', '-'], {
      cwd: directory(GOOD),
      stdin: LINES,
    })

    expect(code).toBe(0)
    expect(out.match(/- name: /g)).toHaveLength(2)
  })

  it.each([
    ['nowhere.json', 'SOURCE_NOT_FOUND'],
    ['configs', 'SOURCE_UNREADABLE'],
    ['configs/shop.yaml', 'SOURCE_NOT_JSON'],
    ['cut.gz', 'SOURCE_UNREADABLE'],
    ['other.json', 'CASE_NO_EVENTS'],
  ])('says what is wrong with %s', async (file, code) => {
    const cwd = directory(GOOD)
    writeFiles(cwd, { 'other.json': '{"type":"page"}', 'cut.gz': gzipSync(LINES).subarray(0, 40) })
    const { code: exit, out, err } = await runCommand(['test', '--from', file], { cwd })

    expect([exit, out]).toEqual([2, ''])
    expect(err).toContain(`error ${code}  `)
  })
})
