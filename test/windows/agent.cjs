// Runs in the Windows build of Node and does there what the tests ask for: one JSON document a line over a socket, with an
// answer for each. Under wine, pipes of Linux are not pipes to Node; those between its own processes are.
const { spawn } = require('node:child_process')
const { closeSync, openSync } = require('node:fs')
const { connect } = require('node:net')
const { createInterface } = require('node:readline')

/** Kills what does not end in time. */
const PATIENCE_MS = 90_000

const run = ({ program, args, options, stdin }) =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env }
    const child = spawn(program, args, { ...options, env, windowsHide: true })
    const written = { stdout: [], stderr: [] }
    for (const name of ['stdout', 'stderr']) child[name].on('data', (bytes) => written[name].push(bytes))
    child.on('error', reject)
    // Who does not read all of it is no failure.
    child.stdin.on('error', () => {})
    child.stdin.end(Buffer.from(stdin, 'base64'))
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    const textOf = (name) => Buffer.concat(written[name]).toString()
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer)
      resolve({ exitCode, signal, stdout: textOf('stdout'), stderr: textOf('stderr') })
    })
  })

const held = new Map()
const ASKED = {
  run,
  kill: async ({ pid }) => process.kill(pid, 'SIGKILL'),
  hold: async ({ file }) => void held.set(file, openSync(file, 'r')),
  release: async ({ file }) => closeSync(held.get(file)),
  self: async () => ({ execPath: process.execPath, version: process.version, platform: process.platform }),
}

const socket = connect(Number(process.argv[2]), '127.0.0.1')
socket.on('close', () => process.exit())
createInterface({ input: socket }).on('line', (line) => {
  const { id, kind, ...asked } = JSON.parse(line)
  const answer = (document) => socket.write(`${JSON.stringify({ id, ...document })}\n`)
  ASKED[kind](asked).then(
    (value) => answer({ value: value ?? null }),
    (error) => answer({ error: String(error) }),
  )
})
