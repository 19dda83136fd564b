import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTcpProxy } from '../src/index.ts'
import type { TcpProxy } from '../src/index.ts'

describe('startTcpProxy', () => {
  let server: Server
  let proxy: TcpProxy
  let asked = 0
  beforeEach(async () => {
    asked = 0
    server = createServer((_, response) => {
      asked++
      response.end('answer')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    proxy = await startTcpProxy((server.address() as AddressInfo).port)
  })
  afterEach(async () => {
    await proxy.close()
    await new Promise((resolve) => server.close(resolve))
  })
  const ask = async () => (await fetch(`http://127.0.0.1:${proxy.port}/`)).text()

  it('passes everything, later where it is told to', async () => {
    expect(await ask()).toBe('answer')
    proxy.delay(30)
    const began = performance.now()
    expect(await ask()).toBe('answer')

    expect(performance.now() - began).toBeGreaterThan(30)
  })

  it('lets nobody through while it refuses', async () => {
    proxy.turn('refuse')
    await expect(ask()).rejects.toThrow()
    proxy.turn('open')

    expect(await ask()).toBe('answer')
    expect(asked).toBe(1)
  })

  it('says nothing while it is silent, and passes what was held once it is open', async () => {
    proxy.turn('silent')
    const answer = ask()
    const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 50))])
    expect(early).toBeUndefined()
    expect(asked).toBe(0)
    proxy.turn('open')

    expect(await answer).toBe('answer')
  })
})
