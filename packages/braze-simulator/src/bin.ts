#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { main } from './main.ts'

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string }

process.exitCode = await main(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  stopped: new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  }),
  stdinEnded: () =>
    new Promise((resolve) => {
      process.stdin.resume()
      process.stdin.once('end', () => resolve())
      process.stdin.once('close', () => resolve())
    }),
  version,
})
process.stdin.destroy()
