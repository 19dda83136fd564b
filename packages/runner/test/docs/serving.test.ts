import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { makeProject } from '../project.ts'
import { serveIn } from '../serve/serving.ts'
import { codeBlocks, ROOT } from './markdown.ts'

const path = 'docs/serving.md'
const page = readFileSync(join(ROOT, path), 'utf8')
const blocks = codeBlocks({ path, text: page })

it('is tried as the page has it: two lines of YAML, an event by curl, and it is in Braze', async () => {
  const [yaml] = blocks.filter(({ language }) => language === 'yaml')
  const [, address, body] = /curl (\S+) -d '([^']+)'/.exec(
    blocks.find(({ text }) => text.startsWith('curl'))?.text ?? '',
  ) ?? ['', '', '']
  const { root } = makeProject({ 'configs/engage-sync.yaml': yaml?.text ?? '' })
  const serving = await serveIn(root)

  const answer = await serving.post(new URL(address ?? '').pathname, body)
  expect(await answer.text()).toBe('{"received":1}\n')
  await vi.waitFor(
    async () =>
      expect(await (await serving.get('/metrics')).text()).toContain(
        'engage_sync_braze_requests_total 1\n',
      ),
    10_000,
  )
  expect((await serving.get('/debug')).status).toBe(200)
  expect(await serving.stop()).toBe(0)
})

it('has every metric in its table, and no other', () => {
  const source = readFileSync(join(ROOT, 'packages/runner/src/serve/desk/metrics.ts'), 'utf8')
  const made = [...source.matchAll(/'(engage_sync_[a-z_]+)'/g)].map(([, name]) => name)
  const told = [...page.matchAll(/^\| `(engage_sync_[a-z_]+?)(?:_total)?` +\|/gm)]

  expect(told.map(([, name]) => name).toSorted()).toEqual(made.toSorted())
})
