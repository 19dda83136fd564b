import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { missingFrom } from './docs/figures.ts'
import { codeBlocks } from './docs/markdown.ts'

const ROOT = join(import.meta.dirname, '../../..')
const STATE = join(ROOT, '.engage-sync')

let output = ''
let left: readonly string[] = []
const stateBefore = stampOf(STATE)

beforeAll(async () => {
  const before = new Set(temporaryDirectories())
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/demo.ts')], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  output = stdout
  left = temporaryDirectories().filter((name) => !before.has(name))
}, 120_000)

describe('the demo', () => {
  it('shows the user pictured on the page of Braze about Segment Engage', () => {
    expect(output).toMatch(/last_product_viewed_item +"Sweater"/)
    expect(output).toMatch(/dormant_shopper +true/)
    expect(output).toMatch(/Trait Computed +once/)
    expect(output).toMatch(/Audience Entered +once/)
    expect(output).toMatch(/cohorts +.*Dormant shoppers/)
  })

  it('shows a cohort with members', () => {
    expect(output).toMatch(/cohort Dormant shoppers\n +\d+ members: nora, u_\d+/)
  })

  it('sends nothing the second time', () => {
    expect(output.split('--reread')[1]).toMatch(/4,507 +records read/)
    expect(output).toContain('0 requests to Braze')
    expect(output).toContain('Nothing changed, nothing was sent.')
  })

  it('prints what the README shows of it', () => {
    const readme = { path: 'README.md', text: readFileSync(join(ROOT, 'README.md'), 'utf8') }
    const [shown] = codeBlocks(readme).filter(({ text }) => text.includes('── engage-sync run'))

    expect(missingFrom(output, shown.text)).toEqual([])
  })

  it('ends with three things to try', () => {
    const [, next] = output.split('Try next')

    expect(next.match(/npx engage-sync \w+/g)).toHaveLength(3)
  })

  it('takes less than a minute', () => {
    expect(Number(/([\d.]+) seconds, all of it on this machine/.exec(output)?.[1])).toBeLessThan(60)
  })

  it('leaves no files, and no trace in the state of the checkout', () => {
    expect(left).toEqual([])
    expect(stampOf(STATE)).toBe(stateBefore)
  })
})

it('follows a user to Braze in real time', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'scripts/demo.ts'), '--live'],
    { cwd: ROOT, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined } },
  )

  expect(stdout).toMatch(/debugger +http:\/\/127\.0\.0\.1:\d+\/debug\n/)
  expect(stdout).toMatch(/\d+ ms +audience dormant_shopper +accepted \/users\/track/)
  expect(stdout).toMatch(/last_product_viewed_item +"Sweater"/)
  expect(stdout).toContain('4,507 events acknowledged')
}, 120_000)

function temporaryDirectories(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('engage-sync-demo-'))
}

function stampOf(path: string): string {
  return existsSync(path) ? String(statSync(path).mtimeMs) : 'absent'
}
