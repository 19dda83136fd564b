import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  INCREMENTAL,
  REREAD,
  RESEND,
  resendOf,
  retryOf,
  someSyncs,
  someUsers,
  worksOn,
} from '../../../src/engine/index.ts'
import type { RunKind } from '../../../src/engine/index.ts'

const SHOP = { name: 'shop', source: 'engage' }

/** Every kind a command line can ask for, by the name the page gives it. */
const KINDS: Readonly<Record<string, RunKind>> = {
  'an ordinary run': INCREMENTAL,
  '`--reread`': REREAD,
  '`--resend`': RESEND,
  '`--resend MAPPING`': resendOf(new Set(['shop:traits.plan'])),
  '`--select`': someSyncs([SHOP]),
  '`--only`': someUsers(new Set(['u1'])),
  '`--only --resend`': someUsers(new Set(['u1']), RESEND),
  '`retry`': retryOf({}),
}

function answers(kind: RunKind): readonly string[] {
  const { prepares, commits } = kind
  const prepared = Object.entries({
    due: prepares.due,
    'changed segments': prepares.changedSegments,
    retired: prepares.retired,
    [prepares.onlyMappings === null ? 'all that was sent' : 'what of these was sent']:
      prepares.sent,
  })
  const committed = Object.entries({
    births: commits.births,
    'send start': commits.sendStart,
    positions: commits.positions,
    retired: commits.retired,
    'due times': commits.dueTimes,
  })
  return [
    kind.reads,
    namesOf(prepared),
    yesOrNo(kind.foldsDeferred),
    yesOrNo(kind.defersUsers),
    yesOrNo(kind.joinsAliases),
    yesOrNo(kind.deletesMissing),
    namesOf(committed),
  ]
}

function namesOf(flags: readonly (readonly [string, boolean])[]): string {
  return flags.flatMap(([name, isSet]) => (isSet ? [name] : [])).join(', ') || '-'
}

function yesOrNo(is: boolean): string {
  return is ? 'yes' : 'no'
}

/** Rows of the page's table, by their first cell. */
function tableOfPage(): ReadonlyMap<string, readonly string[]> {
  const page = readFileSync(
    join(import.meta.dirname, '../../../../../docs/architecture.md'),
    'utf8',
  )
  const section = page.slice(page.indexOf('## Kinds of runs'))
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  return new Map(
    rows.slice(1).map((row) => {
      const [name, ...cells] = row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      return [name, cells]
    }),
  )
}

describe('kinds of runs', () => {
  const page = tableOfPage()

  it.each(Object.entries(KINDS))(
    '%s is described in docs/architecture.md as it is',
    (name, kind) => {
      expect(page.get(name)).toEqual(answers(kind))
    },
  )

  it('are all in the page, and no others', () => {
    for (const name of Object.keys(KINDS)) expect([...page.keys()]).toContain(name)
  })

  it('keep what a narrower kind was narrowed from', () => {
    const kind = someSyncs([SHOP], someUsers(new Set(['u1']), REREAD))

    expect(kind).toMatchObject({ name: 'reread', reads: 'everything', unselected: [SHOP] })
    expect(kind.onlyUsers).toEqual(new Set(['u1']))
  })

  it('leave a run as it is when no sync is left out', () => {
    expect(someSyncs([], RESEND)).toBe(RESEND)
  })
})

describe('whom a run works on', () => {
  it.each([
    ['everybody', INCREMENTAL, 'u9', true],
    ['a user who is named', someUsers(new Set(['u1'])), 'u1', true],
    ['nobody else', someUsers(new Set(['u1'])), 'u2', false],
    [
      'an alias by its name alone',
      someUsers(new Set(['anon-1'])),
      'segment_anonymous_id\u0000anon-1',
      true,
    ],
    [
      'no alias by its label',
      someUsers(new Set(['segment_anonymous_id'])),
      'segment_anonymous_id\u0000anon-1',
      false,
    ],
  ] as const)('is %s', (_, kind, user, isWanted) => {
    expect(worksOn(kind, user)).toBe(isWanted)
  })
})
