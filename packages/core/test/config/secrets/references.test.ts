import { describe, expect, it } from 'vitest'
import { SyncError } from '@engage-sync/contract'
import {
  isReference,
  listSecrets,
  referencesIn,
  resolveSecrets,
} from '../../../src/config/secrets/references.ts'

const sources = {
  env: { KEY: 'hunter2', EMPTY: '', BLANK: ' \n' },
  readFile: (path: string) => {
    if (path !== '/run/key') throw new Error('no such file, and what it might have held')
    return 'from a file\r\n'
  },
}

describe('referencesIn', () => {
  it.each([
    ['${KEY}', [['environment', 'KEY', 0, 6]]],
    [
      'a ${KEY} b ${file:/run/key}',
      [
        ['environment', 'KEY', 2, 8],
        ['file', '/run/key', 11, 27],
      ],
    ],
    ['${KEY:-default}', [['invalid', 'KEY:-default', 0, 15]]],
    ['${', [['invalid', '', 0, 2]]],
    ['${file:}', [['invalid', 'file:', 0, 8]]],
    ['$KEY and }', []],
  ])('%s', (text, expected) => {
    expect(
      referencesIn(text).map(({ kind, name, start, end }) => [kind, name, start, end]),
    ).toEqual(expected)
  })

  it.each([
    ['${KEY}', true],
    [' ${KEY}', false],
    ['${KEY}${KEY}', false],
    ['key', false],
  ])('tells whether %j is a reference and nothing else', (text, expected) => {
    expect(isReference(text)).toBe(expected)
  })
})

describe('resolveSecrets', () => {
  it('replaces references anywhere, in maps and lists too, and leaves the input alone', () => {
    const value = {
      a: '${KEY}',
      list: ['x-${KEY}', 7, null],
      map: new Map([['m', { url: 'pg://u:${KEY}@h', file: '${file:/run/key}' }]]),
    }
    const before = structuredClone(value)

    expect(resolveSecrets(value, sources)).toEqual({
      a: 'hunter2',
      list: ['x-hunter2', 7, null],
      map: new Map([['m', { url: 'pg://u:hunter2@h', file: 'from a file' }]]),
    })
    expect(value).toEqual(before)
  })

  it.each([
    ['${MISSING}', 'SECRET_MISSING'],
    ['${EMPTY}', 'SECRET_MISSING'],
    ['${BLANK}', 'SECRET_MISSING'],
    ['${toString}', 'SECRET_MISSING'],
    ['${file:/run/other}', 'SECRET_UNREADABLE'],
  ])('names %s, and never a value', (text, code) => {
    const failing = () => resolveSecrets({ text, other: '${KEY}' }, sources)

    expect(failing).toThrow(SyncError)
    expect(failing).toThrow(
      expect.objectContaining({ code, hint: expect.any(String) as string }) as Error,
    )
    expect(failing).not.toThrow(/hunter2|might have held/)
  })

  it('names everything that is missing at once', () => {
    const failing = () =>
      resolveSecrets(
        { a: '${MISSING}', b: ['${KEY}', '${OTHER}', '${MISSING}'], c: '${EMPTY}' },
        sources,
      )

    expect(failing).toThrow('${MISSING}, ${OTHER}, ${EMPTY} are not set')
  })

  it('lists what a value refers to, each once', () => {
    expect(listSecrets({ a: '${B} ${A}', b: ['${A}', '${file:x}'] })).toEqual([
      '${B}',
      '${A}',
      '${file:x}',
    ])
  })
})
