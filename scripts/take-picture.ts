import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Terminal, type Cell } from '../test/support/terminal.ts'

export const PICTURES = ['wizard', 'result'] as const
export type PictureName = (typeof PICTURES)[number]

/** What stands on a terminal after some commands. Keys are masked, the home folder is called ~, the usual ports are free. */
export interface Picture {
  readonly title: string
  readonly columns: number
  readonly lines: readonly (readonly Cell[])[]
}

const COLUMNS = { wizard: 80, result: 106 } as const
const BIN = join(import.meta.dirname, '..', 'bin', 'ml-ingest.js')
/** What this machine may say where another embedded Azure runs, and a reader's does not. */
const USUAL_PORT_TAKEN = /^.*Port (5672|9092) is taken.*\r?\n/gm
/** What npx does once the package is installed. */
const NPX = `npx() { shift; '${process.execPath}' '${BIN}' "$@"; }`
const YES_TO_ALL = 'npx ml-ingest create --local --yes'

/** The answers of somebody at the wizard, up to the last question. What is empty takes the suggestion. */
const ANSWERS: readonly (readonly [question: string, answer: string])[] = [
  ['Resource group?', 'rg-clicks'],
  ['Location?', 'north europe'],
  ['Namespace?', ''],
  ['How much will come in?', '5k'],
  ['How large is an event?', '2KB'],
  ['How much more at the busiest?', '2'],
  ['How many applications read it all?', '3'],
  ['How many workers share the reading?', '8'],
  ['Hub?', 'clicks'],
  ['Tier?', ''],
  ['Capacity?', ''],
  ['Auto-inflate maximum?', ''],
  ['Partitions?', ''],
  ['Retention?', '48h'],
  ['Consumer group?', 'trainer, dashboard, archive'],
]

/** Runs the built package at a pseudo-terminal, with a home and an embedded Azure of its own, and looks at the screen. */
export async function takePicture(name: PictureName): Promise<Picture> {
  const home = mkdtempSync(join(tmpdir(), 'ml-ingest-picture-'))
  const studio = new Studio(home)
  try {
    return name === 'wizard' ? await takeWizard(studio) : await takeResult(studio)
  } finally {
    studio.sh('npx ml-ingest local stop')
    rmSync(home, { recursive: true, force: true })
  }
}

/** Ends at the plan, before the question is answered. */
async function takeWizard(studio: Studio): Promise<Picture> {
  const command = 'npx ml-ingest create --local'
  studio.sh('npx ml-ingest local start --detach')
  const terminal = studio.terminal(shown(command), COLUMNS.wizard)
  for (const [question, answer] of ANSWERS) {
    await terminal.question(question)
    terminal.type(answer)
    // The list of regions is narrowed down while it is typed.
    if (question === 'Location?') await terminal.see('❯ North Europe')
    terminal.press('enter')
  }
  await terminal.see(/^\? Create \d+ resources/m)
  const lines = terminal.cells
  await terminal.close()
  return { title: command, columns: COLUMNS.wizard, lines }
}

/** The first run, and a script that finds nothing to do. */
async function takeResult(studio: Studio): Promise<Picture> {
  const commands = [YES_TO_ALL, `CONN="$(${YES_TO_ALL})"`]
  const terminal = studio.terminal(commands.map(shown).join("printf '\\n'\n"), COLUMNS.result)
  const { exitCode } = await terminal.ending()
  if (exitCode !== 0) throw new Error(`ended with ${exitCode}:\n${terminal.text}`)
  const lines = terminal.cells
  await terminal.close()
  return { title: commands.join(', then '), columns: COLUMNS.result, lines }
}

/** A line of a shell that shows a command as if it had been typed, and runs it. */
const shown = (command: string): string =>
  `printf '\\033[2m$\\033[22m \\033[1m%s\\033[22m\\n' '${command}'\n${command}\n`

/** A home with a folder to work in. */
class Studio {
  readonly #home: string
  readonly #place: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }

  constructor(home: string) {
    this.#home = home
    const cwd = join(home, 'pipeline')
    mkdirSync(cwd)
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, XDG_DATA_HOME: join(home, '.local', 'share') }
    this.#place = { cwd, env: { ...env, TERM: 'xterm-256color', LANG: 'C.UTF-8' } }
  }

  sh(line: string): void {
    spawnSync('sh', ['-c', `${NPX}\n${line}`], this.#place)
  }

  terminal(script: string, cols: number): Terminal {
    const shownAs = (data: string): string =>
      data
        .replaceAll(this.#home, '~')
        .replaceAll(/(SharedAccessKey=)[\w+/]+=*/g, '$1…')
        .replaceAll(USUAL_PORT_TAKEN, '')
        .replaceAll(/(Kafka\W.*?localhost):\d+/g, '$1:9092')
        .replaceAll(/(localhost):(?!9092\b)\d+/g, '$1')
    return new Terminal('sh', ['-c', `${NPX}\n${script}`], { ...this.#place, cols, rows: 60, shownAs })
  }
}
