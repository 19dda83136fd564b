import { describe, expect, it } from 'vitest'
import { sampleOrigins } from '../../src/source/origins.ts'

const marked = (space: string | null) =>
  JSON.stringify({
    context: { personas: space === null ? { computation_key: 'vip' } : { space_id: space } },
  })

const sample = (files: Record<string, readonly string[]>) =>
  sampleOrigins(Object.keys(files), async function* (file) {
    yield* files[file] ?? []
  })

describe('where records come from', () => {
  it('is told folder by folder, the newest first, days of Segment as one', async () => {
    const found = await sample({
      'logs/segment-logs/engage/1763000000000/a.gz': [marked('spa_old')],
      'logs/segment-logs/web/1763000000000/a.gz': ['{"type":"track"}', 'no JSON'],
      'logs/segment-logs/engage/2025-11-14/b.gz': [
        marked('spa_b'),
        marked('spa_a'),
        marked(null),
        '{"context":null}',
      ],
    })

    expect(found).toEqual([
      {
        folder: 'logs/segment-logs/engage',
        files: 2,
        spaces: ['spa_a', 'spa_b'],
        looked: 4,
        unmarked: 1,
      },
      { folder: 'logs/segment-logs/web', files: 1, spaces: [], looked: 2, unmarked: 2 },
    ])
  })

  it('stops reading where enough was seen', async () => {
    let read = 0
    const endless = async function* () {
      for (;;) {
        read++
        yield marked('spa_a')
      }
    }

    const found = await sampleOrigins(['a.ndjson'], endless)

    expect(found).toEqual([{ folder: '.', files: 1, spaces: ['spa_a'], looked: 1000, unmarked: 0 }])
    expect(read).toBe(1000)
  })

  it('is nothing of nothing', async () => {
    expect(await sample({})).toEqual([])
    expect(await sample({ 'a.ndjson': [] })).toEqual([
      { folder: '.', files: 1, spaces: [], looked: 0, unmarked: 0 },
    ])
  })
})
