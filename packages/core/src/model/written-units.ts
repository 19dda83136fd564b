import { LISTEN_ADDRESS } from '../schema/vocabulary.ts'
import type { ListenAddress } from './environment.ts'

const UNITS_BYTES = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const

/** Bytes of a size such as `8MB`; the schema has checked its form. */
export function readSize(text: string): number {
  const unit = (/[A-Z]+$/.exec(text)?.[0] ?? 'KB') as keyof typeof UNITS_BYTES
  return Math.round(Number.parseFloat(text) * UNITS_BYTES[unit])
}

const ADDRESS = new RegExp(LISTEN_ADDRESS)

/** Host and port of an address such as `127.0.0.1:8080` or `[::1]:0`; null for what is none. */
export function readListenAddress(text: string): ListenAddress | null {
  if (!ADDRESS.test(text)) return null
  const colon = text.lastIndexOf(':')
  return {
    host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(text.slice(colon + 1)),
  }
}
