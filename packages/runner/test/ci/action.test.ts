import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BASE_ENV } from '../live-program.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import type { TestProject } from '../project.ts'
import { gitIn } from '../git.ts'
import { startFakeGitHub } from './fake-github.ts'
import type { FakeGitHub } from './fake-github.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const MAIN = join(ROOT, 'scripts/action/main.ts')
const COMMAND = `${process.execPath} ${join(ROOT, 'packages/runner/bin/engage-sync.js')}`
const MARKER = '<!-- engage-sync:plan:local -->'
/** A program that ends well and plans nothing, where only the comment matters: it says that there is no plan. */
const NOTHING = { INPUT_COMMAND: 'true' }

interface Ended {
  readonly code: number
  readonly out: string
  readonly outputs: string
  readonly summary: string
}

/** Runs the action's script as a job of a pull request would. */
function act(
  { root, write }: TestProject,
  inputs: Readonly<Record<string, string>>,
  {
    github,
    head = 'acme/engage',
    base,
  }: { readonly github?: FakeGitHub; readonly head?: string; readonly base?: string } = {},
): Promise<Ended> {
  const pull = {
    number: 7,
    head: { sha: 'abcdef1234', repo: { full_name: head } },
    ...(base !== undefined && { base: { sha: base } }),
  }
  write('event.json', JSON.stringify({ pull_request: pull }))
  for (const file of ['outputs.txt', 'summary.md']) write(file, '')
  const env = {
    ...BASE_ENV,
    GITHUB_EVENT_PATH: join(root, 'event.json'),
    GITHUB_REPOSITORY: 'acme/engage',
    GITHUB_OUTPUT: join(root, 'outputs.txt'),
    GITHUB_STEP_SUMMARY: join(root, 'summary.md'),
    ...(github === undefined ? {} : { GITHUB_API_URL: github.url, INPUT_TOKEN: 'ghs_token' }),
    INPUT_ENVIRONMENT: 'local',
    INPUT_COMMAND: COMMAND,
    ...inputs,
  }
  const read = (name: string) => readFileSync(join(root, name), 'utf8')
  return new Promise((resolve) => {
    const args = ['--no-warnings', MAIN]
    const child = execFile(process.execPath, args, { cwd: root, env }, (_error, stdout) => {
      const code = child.exitCode ?? -1
      resolve({ code, out: stdout, outputs: read('outputs.txt'), summary: read('summary.md') })
    })
  })
}

const data = traitLine('u1', 'lifetime_value', 12) + audienceLine('u1', 'dormant_shopper', true)

const WITH_SECRETS = `version: 1
environments:
  production:
    braze:
      instance: US-03
      api_key: "\${BRAZE_API_KEY}"
      cohorts: { partner: acme, partner_api_key: "\${PARTNER_KEY}", data_import_key: "\${IMPORT_KEY}" }
    sources: { engage: { events: data/*.ndjson } }
    state: { url: "\${DATABASE_URL}" }
`

function edit({ root, write }: TestProject, from: string, to: string): void {
  const path = 'configs/shoppers.yaml'
  write(path, readFileSync(join(root, path), 'utf8').replace(from, to))
}

/** Commits the configuration of a project that is none of git's yet. */
function commitAll(root: string): string {
  const git = gitIn(root)
  git('init')
  git('add', 'configs')
  git('commit', '-m', 'configs')
  return git('rev-parse', 'HEAD')
}

describe('the action', () => {
  it('reviews: checks, plans, comments, and tells later steps', async () => {
    const github = await startFakeGitHub()
    const project = makeProject({ 'data/a.ndjson': data })

    const { code, outputs, summary } = await act(project, {}, { github })

    expect(code).toBe(0)
    expect(outputs).toMatch(/^changed=true\nguards=0\ndata_points=\d+\nstatus=changes\n$/)
    expect(github.comments).toMatchObject([{ body: expect.stringMatching(`^${MARKER}`) }])
    expect(github.comments[0]!.body).toContain('commit `abcdef1`')
    expect(summary).toContain(MARKER)
    expect(
      JSON.parse(readFileSync(join(project.root, 'engage-sync-plan/plan.json'), 'utf8')),
    ).toMatchObject({
      kind: 'engage-sync-plan',
    })
  })

  it('writes its own comment again, on whatever page it stands, and nobody else’s', async () => {
    const github = await startFakeGitHub()
    const user = { login: 'ada', type: 'User' } as const
    const bot = { login: 'other[bot]', type: 'Bot' } as const
    for (let id = 1; id <= 130; id++) github.comments.push({ id, body: 'hello', user })
    github.comments.push({ id: 131, body: `${MARKER}\nI quote it`, user })
    github.comments.push({ id: 132, body: `See ${MARKER}`, user: bot })
    const own = {
      id: 133,
      body: `${MARKER}\nan old plan`,
      user: { login: 'github-actions[bot]', type: 'Bot' } as const,
    }
    github.comments.push(own)

    const { code } = await act(makeProject(), NOTHING, { github })

    expect(code).toBe(0)
    expect(own.body).not.toContain('an old plan')
    expect(github.comments).toHaveLength(133)
    expect(github.comments[130]!.body).toContain('I quote it')
    expect(github.requests.filter((one) => one.startsWith('GET /repos'))).toHaveLength(2)
  })

  it('knows the comment of a person whose token it uses', async () => {
    const github = await startFakeGitHub({ login: 'ada' })
    const project = makeProject()

    await act(project, NOTHING, { github })
    await act(project, NOTHING, { github })

    expect(github.comments).toHaveLength(1)
  })

  it('rewrites the comment where the plan fails, and ends with its exit code', async () => {
    const github = await startFakeGitHub()
    const project = makeProject({
      'configs/shoppers.yaml': 'version: 1\nsource: engage\ntrait: {}\n',
    })

    const { code, outputs, out } = await act(project, {}, { github })

    expect(code).toBe(2)
    expect(outputs).toContain('status=failed')
    expect(out).toMatch(/^::error file=configs\/shoppers\.yaml,line=3/m)
    expect(github.comments[0]!.body).toContain('could not plan: CONFIG\\_INVALID')
  })

  it('says so in the comment where the program did not even start', async () => {
    const github = await startFakeGitHub()

    const { code } = await act(makeProject(), { INPUT_COMMAND: '/no/such/program' }, { github })

    expect(code).toBe(127)
    expect(github.comments[0]!.body).toMatch(
      /^<!-- engage-sync:plan:local -->\n### 🛑 .*could not plan/,
    )
  })

  it('checks the pull request of a fork, and asks GitHub for nothing', async () => {
    const github = await startFakeGitHub({ mayWrite: false })
    const project = makeProject({ 'data/a.ndjson': data })

    const { code, outputs, summary } = await act(project, {}, { github, head: 'mallory/engage' })

    expect(code).toBe(0)
    expect(outputs).toContain('status=checked')
    expect(summary).toContain('checked, not planned')
    expect(summary).toContain('Check it out with `fetch-depth: 2`')
    expect(github.requests).toEqual([])
    expect(existsSync(join(project.root, 'engage-sync-plan'))).toBe(false)
  })

  it('tells what the pull request of a fork changes, without data and secrets', async () => {
    const project = makeProject({ 'configs/engage-sync.yaml': WITH_SECRETS })
    const base = commitAll(project.root)
    edit(project, 'attribute: ltv', 'attribute: clv')

    const { code, outputs, summary, out } = await act(
      project,
      { INPUT_ENVIRONMENT: 'production' },
      { head: 'mallory/engage', base },
    )

    expect(code).toBe(0)
    expect(outputs).toContain('status=checked')
    expect(out).toContain('attribute: "ltv" → "clv"')
    expect(summary).toContain('| ✏️ **clv** renamed | attribute `ltv` → `clv` |')
    expect(summary).toContain('Campaigns and segments that filter by `ltv`')
    expect(summary).toContain('checked, not planned')
    expect(summary).not.toContain('could not be told')
  })

  it('compares the plan of a pull request with what it is merged into', async () => {
    const project = makeProject({ 'data/a.ndjson': data })
    const base = commitAll(project.root)
    await act(project, { INPUT_TASK: 'run' })
    project.write('data/b.ndjson', traitLine('u2', 'lifetime_value', 3))
    edit(project, 'attribute: ltv', 'attribute: clv')
    const github = await startFakeGitHub()

    await act(project, {}, { github, base })

    const [comment] = github.comments
    expect(comment?.body).toContain('**This change: ')
    expect(comment?.body).toContain(`base \`${base.slice(0, 7)}\``)
    await act(project, { INPUT_BASE: 'none' }, { github, base })
    expect(comment?.body).not.toContain('**This change: ')
    expect(github.comments).toHaveLength(1)
  })

  it.each([
    ['may not write', { mayWrite: false }],
    ['is missing', undefined],
  ])('passes, and says where the plan is, where the token %s', async (_why, options) => {
    const github = options === undefined ? undefined : await startFakeGitHub(options)

    const { code, out } = await act(makeProject(), NOTHING, github === undefined ? {} : { github })

    expect(code).toBe(0)
    expect(out).toContain('::notice title=No comment::')
  })

  it('fails where GitHub does', async () => {
    const github = await startFakeGitHub({ broken: 500 })

    const { code, out } = await act(makeProject(), NOTHING, { github })

    expect(code).toBe(2)
    expect(out).toContain('::error title=engage-sync::GitHub answered 500')
  })

  it('applies the plan it made, and says what to do once that is stale', async () => {
    const project = makeProject({ 'data/a.ndjson': data })

    const planned = await act(project, { INPUT_TASK: 'plan' })
    const applied = await act(project, { INPUT_TASK: 'apply' })
    const again = await act(project, { INPUT_TASK: 'apply' })

    expect([planned.code, applied.code, again.code]).toEqual([0, 0, 7])
    expect(again.summary).toContain('Re-run all jobs')
    expect(again.out).toContain('::error title=The plan no longer fits::')
  })

  it('runs what is new', async () => {
    const { code, summary } = await act(makeProject({ 'data/a.ndjson': data }), {
      INPUT_TASK: 'run',
    })

    expect(code).toBe(0)
    expect(summary).toContain('engage-sync')
  })

  it('leaves a change of configuration to its approval when it runs by schedule', async () => {
    const project = makeProject({ 'data/a.ndjson': data })

    const waiting = await act(project, { INPUT_TASK: 'schedule' })
    await act(project, { INPUT_TASK: 'run' })
    project.write('data/b.ndjson', traitLine('u2', 'lifetime_value', 3))
    const ran = await act(project, { INPUT_TASK: 'schedule' })
    const after = await act(project, { INPUT_TASK: 'plan' })

    expect(waiting.summary).toContain('A change of configuration is on this branch')
    expect(waiting.outputs).toContain('changed=true')
    expect(ran.code).toBe(0)
    expect(after.outputs).toContain('status=unchanged')
  })

  it('counts guards, and lets pass what is allowed', async () => {
    const project = makeProject({
      'configs/engage-sync.yaml':
        'version: 1\nenvironments:\n  local: { braze: { endpoint: simulator }, sources: { engage: { events: data/*.ndjson } } }\nguards: { max_data_points: 1 }\n',
      'data/a.ndjson': data,
    })

    const stopped = await act(project, { INPUT_TASK: 'plan' })
    const allowed = await act(project, { INPUT_TASK: 'plan', INPUT_ALLOW: '\n data_points=100 \n' })

    expect(stopped.outputs).toContain('guards=1')
    expect(stopped.outputs).toContain('status=guarded')
    expect(allowed.outputs).toContain('status=changes')
  })

  it.each([
    [{ INPUT_TASK: 'deploy' }, 'task must be one of'],
    [{ INPUT_VERSION: 'latest' }, 'version must be exact'],
  ])('refuses %o', async (inputs, message) => {
    const { code, out } = await act(makeProject(), inputs)

    expect(code).toBe(2)
    expect(out).toContain(message)
  })
})
