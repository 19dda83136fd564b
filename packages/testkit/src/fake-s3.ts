import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { listen } from './listen.ts'
import type { Listening } from './listen.ts'

/** What to do to requests instead of passing them on. */
export interface S3Fault {
  /** Answer with this status and S3 error code. */
  readonly status?: number
  readonly code?: string
  /** Pass on, but cut the body after so many bytes. */
  readonly cutAfter?: number
  /** How many requests it concerns. Default 1. */
  readonly times?: number
  /** Only requests whose path and query contain this. */
  readonly when?: string
}

/** A real S3-compatible server with one bucket, and a front that can misbehave. */
export interface FakeS3 extends Listening {
  readonly bucket: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Path and query of each request, and its range. */
  readonly requests: { readonly target: string; readonly range: string | undefined }[]
  /** Stores an object, modified now or when it is said to be. */
  put(key: string, body: Uint8Array | string, modified?: Date): Promise<void>
  remove(key: string): Promise<void>
  fail(fault: S3Fault): void
  /** Forgets all faults. */
  recover(): void
}

/**
 * Runs s3rver in a process of its own: it seals its listing tokens with DES, which OpenSSL 3 only
 * knows as legacy. It ends when its standard input does, and so with the test process. Listing by
 * folders is put right on the way: s3rver leaves out a folder that holds nothing but folders.
 */
const SERVER = `
const Store = require(process.argv[1] + '/lib/stores/filesystem')
const list = Store.prototype.listObjects
Store.prototype.listObjects = async function (bucket, options) {
  if (!options.delimiter) return list.call(this, bucket, options)
  const { objects } = await list.call(this, bucket, { ...options, delimiter: '', maxKeys: Infinity })
  const end = ({ key }) => key.indexOf(options.delimiter, options.prefix.length)
  const folders = objects.filter((one) => end(one) !== -1).map((one) => one.key.slice(0, end(one) + 1))
  return { objects: objects.filter((one) => end(one) === -1), commonPrefixes: [...new Set(folders)], isTruncated: false }
}
const S3rver = require(process.argv[1])
const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: process.argv[2], configureBuckets: [{ name: process.argv[3] }] })
server.run().then(({ port }) => process.stdout.write(String(port)))
process.stdin.resume().on('end', () => process.exit())`
const CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
const BUCKET = 'acme-segment'

interface Front {
  readonly port: number
  readonly requests: { target: string; range: string | undefined }[]
  readonly faults: { fault: S3Fault; left: number }[]
}

/** Start an S3-compatible server with an empty bucket. */
export async function startFakeS3(): Promise<FakeS3> {
  const directory = await mkdtemp(join(tmpdir(), 'engage-sync-s3-'))
  const { child, port } = await startServer(directory)
  const front: Front = { port, requests: [], faults: [] }
  const listening = await listen(
    createServer((request, response) => answer(front, request, response)),
  )
  return {
    url: listening.url,
    bucket: BUCKET,
    credentials: CREDENTIALS,
    requests: front.requests,
    async put(key, body, modified) {
      await change(port, { method: 'PUT', key, body: Buffer.from(body) })
      if (modified !== undefined)
        await utimes(join(directory, BUCKET, `${key}._S3rver_object`), modified, modified)
    },
    remove: (key) => change(port, { method: 'DELETE', key, body: Buffer.alloc(0) }),
    fail: (fault) => front.faults.push({ fault, left: fault.times ?? 1 }),
    recover: () => front.faults.splice(0),
    async stop() {
      await listening.stop()
      child.kill('SIGKILL')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function startServer(directory: string): Promise<{ child: ChildProcess; port: number }> {
  const module = dirname(createRequire(import.meta.url).resolve('s3rver/package.json'))
  const args = ['--openssl-legacy-provider', '-e', SERVER, module, directory, BUCKET]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`s3rver ended with ${code}`)))
    child.stdout.once('data', (bytes: Buffer) => resolve(Number(bytes.toString())))
  })
  return { child, port }
}

/** s3rver accepts unsigned requests. */
async function change(
  port: number,
  {
    method,
    key,
    body,
  }: { readonly method: 'PUT' | 'DELETE'; readonly key: string; readonly body: Buffer },
): Promise<void> {
  const path = `/${BUCKET}/${key.split('/').map(encodeURIComponent).join('/')}`
  const headers = {
    'Content-Length': body.length,
    'Content-MD5': createHash('md5').update(body).digest('base64'),
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, method, path, headers }, resolve)
      .once('error', reject)
      .end(body)
  })
  response.resume()
  if ((response.statusCode ?? 500) >= 300)
    throw new Error(`${method} ${key} was answered with ${response.statusCode}`)
}

function answer(front: Front, request: IncomingMessage, response: ServerResponse): void {
  const target = request.url ?? '/'
  front.requests.push({ target, range: request.headers.range })
  const pending = front.faults.find(
    ({ fault, left }) => left > 0 && target.includes(fault.when ?? ''),
  )
  if (pending !== undefined) pending.left--
  const { status, code = 'InternalError', cutAfter } = pending?.fault ?? {}
  if (status !== undefined) {
    request.resume()
    response
      .writeHead(status, { 'Content-Type': 'application/xml' })
      .end(`<Error><Code>${code}</Code><Message>person@example.com</Message></Error>`)
    return
  }
  const options = {
    host: '127.0.0.1',
    port: front.port,
    method: request.method,
    path: target,
    headers: request.headers,
  }
  request.pipe(httpRequest(options, (from) => passOn(from, response, cutAfter)))
}

function passOn(
  from: IncomingMessage,
  response: ServerResponse,
  cutAfter: number | undefined,
): void {
  response.writeHead(from.statusCode ?? 500, from.headers)
  if (cutAfter === undefined) {
    from.pipe(response)
    return
  }
  let sent = 0
  from.on('data', (bytes: Buffer) => {
    const piece = bytes.subarray(0, cutAfter - sent)
    sent += piece.length
    response.write(piece, () => {
      if (sent >= cutAfter) response.destroy()
    })
  })
}
