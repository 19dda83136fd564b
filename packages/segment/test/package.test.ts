import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { emptyProject } from '@engage-sync/testkit'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')

const PROGRAM = `
import { changes, createFileSource, createKafkaSource, createNatsSource, createS3Source } from '@engage-sync/segment'
import type { Source, SourceError } from '@engage-sync/segment'

const files: Source = createFileSource({ path: '*.ndjson', root: '.' })
for await (const { key, value } of changes(files)) console.log(key, value)

const others: readonly Source[] = [
  createS3Source({ url: 's3://acme-segment/logs/**' }),
  createNatsSource({ servers: ['nats://127.0.0.1:1'], stream: 'engage' }),
  createKafkaSource({ brokers: ['127.0.0.1:1'], topic: 'engage' }),
]
for (const other of others) {
  try {
    for await (const change of changes(other)) console.log(change)
  } catch (error) {
    const { code, message, hint } = error as SourceError
    console.log(code, message, hint)
  }
}
`

it('works from its tarball in an empty project, and says what s3://, NATS and Kafka need', async () => {
  await run(process.execPath, [TSC, '-b', join(ROOT, 'packages/segment/tsconfig.json')])
  await using project = await emptyProject(['contract', 'segment'])
  const cwd = project.directory
  const record = {
    type: 'identify',
    userId: 'nora',
    timestamp: '2026-01-05T10:00:00Z',
    context: { personas: { computation_class: 'computed_trait', computation_key: 'ltv' } },
    traits: { ltv: 7 },
  }
  await writeFile(join(cwd, 'main.ts'), PROGRAM)
  await writeFile(join(cwd, 'a.ndjson'), `${JSON.stringify(record)}\n`)

  const flags = [
    ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'],
    ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')],
  ].flat()
  await run(process.execPath, [TSC, ...flags, 'main.ts'], { cwd })
  const { stdout } = await run(process.execPath, ['main.ts'], { cwd })

  expect(stdout.trimEnd().split('\n')).toEqual([
    'ltv 7',
    'SOURCE_DEPENDENCY Reading s3:// needs @aws-sdk/client-s3, which is not installed npm install @aws-sdk/client-s3@3',
    'SOURCE_DEPENDENCY NATS JetStream needs @nats-io/transport-node, which is not installed npm install @nats-io/transport-node@3',
    'SOURCE_DEPENDENCY Kafka needs @platformatic/kafka, which is not installed npm install @platformatic/kafka@2',
  ])
})
