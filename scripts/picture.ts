import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { renderTerminal, type Cell } from './terminal-svg.ts'

/**
 * Makes docs/picture.svg: the commands below are run at a pseudo-terminal, with the built package and a data folder of
 * their own, and what the terminal shows is drawn. Keys are masked, and the home folder is called ~.
 */
const COMMANDS = ['npx ml-ingest create --local --yes', 'CONN="$(npx ml-ingest create --local --yes)"']
const COLUMNS = 106
const PICTURE = join(import.meta.dirname, '..', 'docs', 'picture.svg')
const BIN = join(import.meta.dirname, '..', 'bin', 'ml-ingest.js')
/** What npx does once the package is installed. */
const NPX = `npx() { shift; '${process.execPath}' '${BIN}' "$@"; }`

const home = mkdtempSync(join(tmpdir(), 'ml-ingest-picture-'))
const folder = join(home, 'pipeline')
mkdirSync(folder)
const env = {
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  XDG_DATA_HOME: join(home, '.local', 'share'),
  TERM: 'xterm-256color',
  LANG: 'C.UTF-8',
}
try {
  const screen = new xterm.Terminal({ cols: COLUMNS, rows: 200, allowProposedApi: true })
  for (const command of COMMANDS) {
    await write(screen, `\x1b[2m$\x1b[22m \x1b[1m${command}\x1b[22m\r\n`)
    await run(screen, command)
    await write(screen, '\r\n')
  }
  writeFileSync(PICTURE, renderTerminal(linesOf(screen), { columns: COLUMNS, title: COMMANDS.join(', then ') }))
  if (readFileSync(PICTURE, 'utf8').match(/SharedAccessKey=[\w+/]/)) throw new Error('a key got into the picture')
} finally {
  spawnSync(process.execPath, [BIN, 'local', 'stop'], { env })
  rmSync(home, { recursive: true, force: true })
}

/** Runs a line of a shell to its end on the screen. */
function run(screen: InstanceType<typeof xterm.Terminal>, command: string): Promise<void> {
  const script = `${NPX}\n${command}`
  const program = spawn('sh', ['-c', script], { name: env.TERM, cwd: folder, env, cols: COLUMNS, rows: 200 })
  let shown = Promise.resolve()
  program.onData((data) => {
    const told = data.replaceAll(home, '~').replaceAll(/(SharedAccessKey=)[\w+/]+=*/g, '$1…')
    shown = shown.then(() => write(screen, told))
  })
  return new Promise((resolve, reject) => {
    program.onExit(({ exitCode }) => {
      if (exitCode === 0) void shown.then(resolve)
      else reject(new Error(`${command} ended with ${exitCode}`))
    })
  })
}

function write(screen: InstanceType<typeof xterm.Terminal>, text: string): Promise<void> {
  return new Promise((resolve) => screen.write(text, resolve))
}

/** What stands on the screen, without the empty lines at the end. */
function linesOf(screen: InstanceType<typeof xterm.Terminal>): Cell[][] {
  const lines: Cell[][] = []
  for (let y = 0; y < screen.buffer.active.length; y++) {
    const line = screen.buffer.active.getLine(y)
    lines.push(
      Array.from({ length: COLUMNS }, (_, x) => {
        const cell = line?.getCell(x)
        return {
          text: cell?.getChars() || ' ',
          colour: cell?.isFgPalette() ? cell.getFgColor() : undefined,
          bold: Boolean(cell?.isBold()),
          dim: Boolean(cell?.isDim()),
        }
      }),
    )
  }
  while (lines.at(-1)?.every((cell) => cell.text === ' ')) lines.pop()
  return lines
}
