#!/usr/bin/env node
// Plain old JavaScript on purpose: it has to run, and to say so, on a Node that cannot run the rest.
var parts = process.versions.node.split('.').map(Number)
var isTooOld =
  parts[0] < 20 || parts[0] === 21 || (parts[0] === 20 && parts[1] < 19) || (parts[0] === 22 && parts[1] < 3)
if (isTooOld) {
  process.stderr.write(
    'ml-ingest needs Node.js 20.19, or 22.3 or newer; this is ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').\nGet a newer one from https://nodejs.org, or run: npx --package=node@22 --package=ml-ingest -- ml-ingest --help\n',
  )
  process.exitCode = 1
} else {
  import('../dist/cli.js')
}
