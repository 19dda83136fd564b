#!/usr/bin/env node
// Committed, so that npm can link the command in a checkout before anything is built.
if (Number(process.versions.node.split('.')[0]) >= 24) await import('../dist/bin.js')
else {
  process.stderr.write(`engage-sync needs Node 24 or newer; this is ${process.version}.\n`)
  process.exitCode = 2
}
