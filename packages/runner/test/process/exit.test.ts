import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SyncError } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { EXIT, EXIT_BY_CODE, exitCodeOf } from '../../src/process/exit.ts'

describe('exitCodeOf', () => {
  it.each([
    ['CONFIG_INVALID', 2],
    ['CONFIG_MISSING', 2],
    ['SOURCE_NOT_FOUND', 2],
    ['SECRET_MISSING', 2],
    ['DESTINATION_UNAVAILABLE', 3],
    ['SOURCE_UNAVAILABLE', 3],
    ['STATE_UNAVAILABLE', 3],
    ['DESTINATION_AUTH', 4],
    ['SOURCE_AUTH', 4],
    ['GUARD_EMPTY_SOURCE', 5],
    ['PLAN_STALE', 7],
    ['STATE_LEASE_HELD', 8],
    ['STATE_UNREADABLE', 9],
    ['STATE_NEWER', 9],
    ['STATE_FULL', 9],
    ['STATE_NOT_INITIALISED', 9],
    ['BRAZE_ANSWER', 3],
    ['SOMETHING_ELSE', 70],
  ])('maps %s to %i', (code, exit) => {
    expect(exitCodeOf(new SyncError(code, 'text'))).toBe(exit)
  })

  it('takes a full disk for an output that cannot be written', () => {
    expect(exitCodeOf(Object.assign(new Error('write'), { code: 'ENOSPC' }))).toBe(74)
  })

  it('takes an abort for an interruption', () => {
    expect(exitCodeOf(new DOMException('Stopped by SIGINT', 'AbortError'))).toBe(130)
  })

  it('takes everything unknown for a mistake of ours', () => {
    expect([exitCodeOf(new TypeError('x')), exitCodeOf('text'), exitCodeOf(undefined)]).toEqual([
      70, 70, 70,
    ])
  })
})

/** What clients of a server are told, and what it says of itself while it goes on. */
const OF_SERVERS = /^(?:WEBHOOK_|SERVE_(?!PORT$|NOTHING$|LOG_CHANGED$|NOT_HANDED_OVER$))/

/**
 * What core throws at programs; here it reaches a command only as a mistake of the configuration.
 */
const OF_CORE = ['CASE_NO_EVENTS', 'FILTER_OPERATOR_TYPE', 'FILTER_REGEX', 'FILTER_TIME']
const ROOT = join(import.meta.dirname, '../../../..')

describe('the table of exit codes', () => {
  it.each(['README.md', 'packages/runner/README.md'])('is the one in %s', (path) => {
    const codes = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^\| (\d+) +\| /gm)].map(
      ([, code]) => Number(code),
    )

    expect(codes).toEqual(Object.values(EXIT).toSorted((a, b) => a - b))
  })

  it('holds every code that the page of codes says stops a command, and no other', () => {
    const stopping = documentedCodes().filter((code) => !OF_SERVERS.test(code))

    expect([...EXIT_BY_CODE.keys()].toSorted()).toEqual([...stopping, ...OF_CORE].toSorted())
  })

  it('has an exit for every error that is thrown', () => {
    const thrown = new Set(
      sourceTexts().flatMap((text) =>
        [...text.matchAll(/new \w*Error\(\s*'([A-Z][A-Z0-9_]+)'/g)].map(([, code]) => code!),
      ),
    )
    const unknown = [...thrown].filter((code) => !EXIT_BY_CODE.has(code) && !OF_SERVERS.test(code))

    expect(thrown.size).toBeGreaterThan(40)
    expect(unknown.toSorted()).toEqual([])
  })
})

/** Codes that stop a command, as the page of codes has them. */
function documentedCodes(): readonly string[] {
  const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8')
  const commands = page.slice(page.indexOf('\n## Commands\n'))
  return [...commands.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, code]) => code!)
}

function sourceTexts(): readonly string[] {
  return ['core', 'segment', 'braze', 'braze-simulator', 'runner'].flatMap((name) => {
    const directory = join(ROOT, 'packages', name, 'src')
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.ts'),
    )
    return files.map((path) => readFileSync(join(directory, path), 'utf8'))
  })
}
