import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SourcePosition } from '@engage-sync/contract'
import { changes, createFileSource } from '../../src/index.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'engage-sync-changes-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

function line(userId: string, value: string): string {
  return `{"type":"identify","userId":"${userId}","timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"v"}},"traits":{"v":${value}}}\n`
}

it('gives every change, and goes on from a position', async () => {
  await writeFile(
    join(root, 'a.ndjson'),
    `${line('u_1', '1')}no JSON\n{"type":"page"}\n${line('u_2', '9007199254740993')}`,
  )
  const source = createFileSource({ path: 'a.ndjson', root })
  const found: unknown[] = []
  let position: SourcePosition | null = null

  for await (const { identifiers, value } of changes(source, {
    onPosition: (at) => (position = at),
  }))
    found.push([identifiers.userId, value])

  expect(found).toEqual([
    ['u_1', 1],
    ['u_2', 9007199254740993n],
  ])
  expect(position).not.toBeNull()
  for await (const change of changes(source, { from: position })) found.push(change)
  expect(found).toHaveLength(2)
})

it('gives changes that JSON can hold, external ids among them', async () => {
  await writeFile(
    join(root, 'a.ndjson'),
    line('u_1', '1').replace(
      '"personas"',
      '"externalIds":[{"id":"7","type":"__proto__","collection":"users","encoding":"none"}],"personas"',
    ),
  )

  for await (const change of changes(createFileSource({ path: 'a.ndjson', root })))
    expect(JSON.stringify(change.identifiers)).toBe(
      '{"userId":"u_1","externalIds":{"user_id":"u_1","__proto__":"7"}}',
    )
})

it('ends with the reason of an abort, and closes the source when the caller leaves', async () => {
  await writeFile(join(root, 'a.ndjson'), line('u_1', '1').repeat(10))
  const source = createFileSource({ path: 'a.ndjson', root })

  for await (const change of changes(source)) {
    expect(change.key).toBe('v')
    break
  }
  const stopped = changes(source, { signal: AbortSignal.abort(new Error('enough')) }).next()
  await expect(stopped).rejects.toThrow('enough')
})
