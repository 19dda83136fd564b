import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ALIAS,
  aliasText,
  EXTERNAL_ID,
  isAliasText,
  partitionOf,
  PARTITIONS,
  userHash,
  userKey,
  userKeyOf,
  userKeyOfRef,
  userName,
  userRefOf,
  userText,
} from '../../../src/index.ts'

const id = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\u0000'))

describe('keys of users', () => {
  it('are of an external id, or of an alias with its label, and back', () => {
    fc.assert(
      fc.property(id, id, (label, name) => {
        const text = aliasText(label, name)
        expect([userKeyOf(name).kind, userKeyOf(text).kind]).toEqual([EXTERNAL_ID, ALIAS])
        expect([userText(userKeyOf(name)), userText(userKeyOf(text))]).toEqual([name, text])
        expect([userName(name), userName(text)]).toEqual([name, name])
        expect([isAliasText(name), isAliasText(text)]).toEqual([false, true])
        expect(userRefOf(EXTERNAL_ID, name)).toEqual({ externalId: name })
        expect(userRefOf(ALIAS, text)).toEqual({ alias: { label, name } })
        expect(userKeyOfRef({ externalId: name })).toEqual(userKeyOf(name))
        expect(userKeyOfRef({ alias: { label, name } })).toEqual(userKeyOf(text))
      }),
    )
  })

  it('have a hash of their own by kind, whose partition is one of those there are', () => {
    fc.assert(
      fc.property(id, (text) => {
        const [external, alias] = [userKey(EXTERNAL_ID, text), userKey(ALIAS, text)]
        expect(userHash(external)).not.toEqual(userHash(alias))
        expect(userHash(external)).toEqual(userHash({ ...external }))
        expect(partitionOf(external)).toBe(userHash(external).low % PARTITIONS)
      }),
    )
  })

  it('of a span are those of the span alone', () => {
    const bytes = new TextEncoder().encode('xxanna yy')

    expect(userHash({ kind: EXTERNAL_ID, bytes, start: 2, end: 6 })).toEqual(
      userHash(userKey(EXTERNAL_ID, 'anna')),
    )
  })
})
