import { expect, it } from 'vitest'
import { makeForgetProject } from '../forget-project.ts'
import { runCommand } from '../run-command.ts'

const OPTIONS = { env: { KEY: 'simulator' } }

it.each([
  ['delete', 1, 'Forgotten, as Segment asked: 2 users, 2 deleted in Braze.'],
  ['forget', 0, 'Forgotten, as Segment asked: 2 users, Braze was not asked.'],
])('a run tells whom it forgot, and counts its requests: %s', async (onDelete, requests, told) => {
  const { root, configure } = await makeForgetProject(['ada', 'ben'], ['ada', 'eve'])
  const run = (...args: string[]) => runCommand(['run', ...args], { cwd: root, ...OPTIONS })
  configure('timestamp', onDelete)
  await run()
  configure('receivedAt', onDelete)

  const { out } = await run('--reread', '--format', 'json')

  expect(JSON.parse(out)).toMatchObject({
    braze: { requests },
    forgotten: { users: 2, deleted: onDelete === 'delete' ? 2 : 0 },
  })
  for (const format of ['human', 'markdown'])
    expect((await run('--reread', '--format', format)).out).toContain(told)
})
