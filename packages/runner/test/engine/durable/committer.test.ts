import type { CommitGroup, Mark } from '@engage-sync/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Committer } from '../../../src/engine/durable/index.ts'
import { Bench } from '../harness.ts'

function markOf(id: string): Mark {
  return { id, run: 1, intent: [] }
}

describe('marks that wait to share a commit', () => {
  it('become durable together once nothing else comes, and nothing is committed for none', async () => {
    const bench = new Bench({ shop: 'traits: { plan: plan }\n' })
    onTestFinished(() => bench.close())
    await bench.withStore(async (store) => {
      const lease = await store.acquireLease('the test', 60_000)
      const groups: CommitGroup[] = []
      const committer = new Committer(store, () => lease, {
        isLazy: true,
        onCommitted: (group) => groups.push(group),
      })

      committer.hurry()
      const marked = [committer.mark(markOf('1:1')), committer.mark(markOf('1:2'))]
      committer.hurry()
      await Promise.all(marked)

      expect(groups.map(({ openMarks }) => openMarks?.length)).toEqual([2])
      expect(committer.spent.commits).toBe(1)
      expect((await store.openMarks()).map(({ id }) => id)).toEqual(['1:1', '1:2'])
    })
  })
})
