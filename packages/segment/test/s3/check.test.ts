import { startFakeS3 } from '@engage-sync/testkit'
import type { FakeS3 } from '@engage-sync/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createS3Source } from '../../src/s3/index.ts'

let s3: FakeS3
beforeAll(async () => {
  s3 = await startFakeS3()
})
afterAll(() => s3.stop())
beforeEach(() => {
  s3.recover()
  s3.requests.length = 0
})

const check = (path: string, attempts = 1) => {
  const source = createS3Source({
    url: `s3://${s3.bucket}/${path}`,
    endpoint: s3.url,
    credentials: s3.credentials,
    attempts,
    pageSize: 2,
  })
  return source.check!(new AbortController().signal)
}

describe('a bucket', () => {
  it('is fine when it can be listed and an object read, whatever there is of it', async () => {
    await s3.put('many/0.ndjson', '')
    for (let object = 1; object < 9; object++) await s3.put(`many/${object}.ndjson`, '{"n":1}\n')

    expect(await check('many/**')).toEqual({
      message: 's3://acme-segment can be listed, its objects can be read',
    })
    expect(s3.requests).toHaveLength(2)
  })

  it('is worth a look when all its objects are empty', async () => {
    await s3.put('empty/a.ndjson', '')

    expect(await check('empty')).toMatchObject({
      message: 'Objects, and nothing in them',
      hint: expect.any(String) as string,
    })
  })

  it.each([
    ['no object is meant', {}, 'none/**', 'SOURCE_NOT_FOUND'],
    ['it does not answer', { status: 503, times: 9 }, 'one', 'SOURCE_UNAVAILABLE'],
    [
      'it may not be listed',
      { status: 403, code: 'AccessDenied', when: 'list-type' },
      'one',
      'SOURCE_AUTH',
    ],
    [
      'its objects may not be read',
      { status: 403, code: 'AccessDenied', when: 'one.ndjson' },
      'one',
      'SOURCE_AUTH',
    ],
  ])('fails when %s', async (_, fault, path, code) => {
    await s3.put('one/one.ndjson', '{}\n')
    if ('status' in fault) s3.fail(fault)

    const failure = (await check(path).catch((error: unknown) => error)) as Error

    expect(failure).toMatchObject({ code })
    expect(failure.message).not.toMatch(/person@example\.com|S3RVER/u)
  })

  it('is fine when the object that is looked at changes just then', async () => {
    await s3.put('one/one.ndjson', '{}\n')
    s3.fail({ status: 412, code: 'PreconditionFailed', when: 'one.ndjson' })

    expect(await check('one')).toMatchObject({
      message: expect.stringContaining('can be read') as string,
    })
  })

  it('tells the folders and spaces its records come from', async () => {
    const engage = JSON.stringify({ context: { personas: { space_id: 'spa_1' } } })
    await s3.put('logs/segment-logs/engage/1763000000000/a.ndjson', `${engage}\n{}\n`)
    await s3.put('logs/segment-logs/web/1763000000000/a.ndjson', '{}\n')
    for (let day = 1; day <= 5; day++)
      await s3.put(`logs/segment-logs/engage/176300${day}000000/a.ndjson`, `${engage}\n{}\n`)
    const url = `s3://${s3.bucket}/logs/segment-logs/**`
    const source = createS3Source({ url, endpoint: s3.url, credentials: s3.credentials })

    expect(await source.origins?.(new AbortController().signal)).toEqual([
      {
        folder: 'logs/segment-logs/engage',
        files: null,
        spaces: ['spa_1'],
        looked: 2,
        unmarked: 1,
      },
      { folder: 'logs/segment-logs/web', files: null, spaces: [], looked: 1, unmarked: 1 },
    ])
    expect(s3.requests.filter(({ target }) => target.includes('list-type'))).toHaveLength(5)
  })
})
