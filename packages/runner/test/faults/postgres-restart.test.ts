import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { eventDifference, withoutEvents } from '../crash/compare.ts'
import { Sea } from './sea.ts'

describe('a database that restarts under a run', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  }, 60_000)
  afterAll(() => server.stop())

  it.each(['fast', 'crash'] as const)(
    'ends the run clearly, and the next one brings everything in line (%s)',
    async (how) => {
      const { openPostgres } = await import('../../src/state/postgres/open-postgres.ts')
      const calm = await Sea.open()
      await calm.runToEnd()
      const wanted = await calm.dump()
      await calm.close()
      const url = `${server.url}?schema=${how}`
      const openStore = () =>
        openPostgres({ url, environment: how, workspace: 'sea', create: true })
      const sea = await Sea.open({ openStore })
      sea.addFault({ kind: 'slow', delay_ms: 100, probability: 1 })
      let restarting: Promise<void> | null = null

      const broken = await sea.run({
        observe: (event) => {
          if (event.type === 'sent') restarting ??= server.restart(how)
        },
      })
      await restarting
      await sea.runToEnd()
      const dump = await sea.dump()
      await sea.close()

      expect(
        broken.failure === null ||
          (broken.failure as { code?: string }).code === 'STATE_UNAVAILABLE',
      ).toBe(true)
      expect(withoutEvents(dump)).toEqual(withoutEvents(wanted))
      expect(eventDifference(dump, wanted)).toEqual({ more: 0, fewer: 0 })
    },
    60_000,
  )
})
