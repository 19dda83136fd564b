import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLanguageServer } from './language-server.ts'
import type { LanguageServer } from './language-server.ts'

const SCHEMAS = join(import.meta.dirname, '..', '..', 'schema')

interface Completion {
  readonly label: string
  readonly documentation?: string | { readonly value: string }
}

let server: LanguageServer
let opened = 0

beforeAll(async () => {
  server = await startLanguageServer()
})
afterAll(() => server.stop())

/** Opens a text whose `|` is the cursor, with the schema an editor would find in the first line. */
function open(
  kind: string,
  text: string,
): { textDocument: { uri: string }; position: { line: number; character: number } } {
  const uri = `file:///configs/${++opened}.yaml`
  const whole = `# yaml-language-server: $schema=${pathToFileURL(join(SCHEMAS, `${kind}.json`))}\n${text}`
  const before = whole.slice(0, whole.indexOf('|')).split('\n')
  server.notify('textDocument/didOpen', {
    textDocument: { uri, languageId: 'yaml', version: 1, text: whole.replace('|', '') },
  })
  return {
    textDocument: { uri },
    position: { line: before.length - 1, character: before.at(-1)!.length },
  }
}

async function hover(kind: string, text: string): Promise<string> {
  const found = (await server.request('textDocument/hover', open(kind, text))) as {
    contents: { value: string }
  } | null
  return found?.contents.value ?? ''
}

async function complete(kind: string, text: string): Promise<readonly Completion[]> {
  const found = (await server.request('textDocument/completion', open(kind, text))) as {
    items: readonly Completion[]
  }
  return found.items
}

const documentationOf = ({ documentation }: Completion) =>
  typeof documentation === 'string' ? documentation : (documentation?.value ?? '')

describe('the YAML language server, given the published schemas', () => {
  it.each([
    ['sync', 'version: 1\nsou|rce: engage\n', 'Name of a source of the environment'],
    [
      'sync',
      'version: 1\nsource: engage\ntraits:\n  ltv:\n    on_n|ull: keep\n',
      'What a null does to the attribute',
    ],
    [
      'sync',
      'version: 1\nsource: engage\nsegments:\n  fans:\n    when:\n      all:\n        - trait: ltv\n          mor|e_than: 5\n',
      'A number above',
    ],
    [
      'sync',
      'version: 1\nsource: engage\naudiences:\n  vip:\n    coh|ort: VIPs\n',
      'Name of the Braze cohort',
    ],
    [
      'project',
      'version: 1\nenvironments:\n  local:\n    braze:\n      endp|oint: simulator\n',
      'the REST URL',
    ],
    ['project', 'version: 1\nguards:\n  max_rem|ovals: 20%\n', 'Most members a run may remove'],
    ['cases', 'version: 1\ncases:\n  - name: one\n    exp|ect: {}\n', 'What must come out'],
  ])('explains an option of a %s on hover: %j', async (kind, text, expected) => {
    expect(await hover(kind, text)).toContain(expected)
  })

  it.each([
    [
      'sync',
      'version: 1\nsource: engage\n|',
      ['traits', 'audiences', 'segments', 'identity', 'enrichment', 'moved', 'retire'],
    ],
    [
      'sync',
      'version: 1\nsource: engage\ntraits:\n  ltv:\n    |',
      ['attribute', 'event', 'type', 'on_null', 'id', 'merge'],
    ],
    [
      'sync',
      'version: 1\nsource: engage\nsegments:\n  fans:\n    when:\n      |',
      ['all', 'any', 'not', 'trait', 'audience', 'event'],
    ],
    [
      'project',
      'version: 1\nenvironments:\n  local:\n    braze:\n      |',
      ['endpoint', 'instance', 'api_key', 'settle'],
    ],
    ['cases', 'version: 1\ncases:\n  - name: one\n    |', ['events', 'expect', 'profile', 'now']],
  ])('completes the options of a %s: %j', async (kind, text, expected) => {
    const items = await complete(kind, text)

    expect(items.map(({ label }) => label)).toEqual(expect.arrayContaining(expected))
    for (const item of items.filter(({ label }) => expected.includes(label)))
      expect(documentationOf(item)).toMatch(/\w{3}/)
  })

  it.each([
    [
      'type',
      'version: 1\nsource: engage\ntraits:\n  ltv:\n    type: |',
      ['string', 'number', 'time', 'array'],
    ],
    ['on_null', 'version: 1\nsource: engage\ntraits:\n  ltv:\n    on_null: |', ['unset', 'keep']],
  ])('completes the values of %s', async (_, text, expected) => {
    expect((await complete('sync', text)).map(({ label }) => label)).toEqual(
      expect.arrayContaining(expected),
    )
  })
})
