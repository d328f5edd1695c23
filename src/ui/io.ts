import type { Env } from '../inputs/given.ts'
import type { ProgressKind } from '../inputs/run.ts'

/** A place to write to: `process.stdout`, or a plain stream in tests. */
export type OutStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  getColorDepth?(env?: object): number
}
/** A place to read from: `process.stdin`, or a plain stream in tests. */
export type InStream = NodeJS.ReadableStream & { readonly isTTY?: boolean }
/** The flags that control input and output. `color` is undefined when neither `--color` nor `--no-color` was typed. */
export interface TalkFlags {
  readonly color?: boolean | undefined
  readonly noInput?: boolean | undefined
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
  readonly debug?: boolean | undefined
  readonly progress?: ProgressKind | undefined
}

/** 0: no colours, 1: 16 colours, 2: 256 colours, 3: all colours. */
export type ColorLevel = 0 | 1 | 2 | 3

/** The streams and their abilities, detected once. The answer goes to stdout, everything else to stderr. */
export interface Io {
  readonly stdin: InStream
  readonly stdout: OutStream
  readonly stderr: OutStream
  /** Whether a person is there to answer questions. */
  readonly canPrompt: boolean
  /** Why no question can be asked, such as `CI is set`. Undefined when questions are possible. */
  readonly whyNoPrompt: string | undefined
  readonly canAnimate: boolean
  readonly color: { readonly stdout: ColorLevel; readonly stderr: ColorLevel }
  /** Whether each can show more than ASCII. */
  readonly unicode: { readonly stdout: boolean; readonly stderr: boolean }
  /** Columns to write, 40 to 120. */
  readonly width: number
  /** The variable that shows that this is CI, such as `GITHUB_ACTIONS`. Undefined outside CI. */
  readonly ci: string | undefined
  readonly json: boolean
  readonly quiet: boolean
  readonly debug: boolean
  readonly progress: ProgressKind
  /** Writes the answer. All writers end the text with a line break. */
  readonly out: (text: string) => void
  /** Writes to stderr, also under `--quiet`: errors, and commands for CI. */
  readonly err: (text: string) => void
  /** Writes progress and remarks to stderr. Writes nothing under `--quiet`. */
  readonly note: (text: string) => void
  /** Separates two blocks by a blank line. Writes nothing before the first block, and under `--quiet`. */
  readonly gap: () => void
  /** Something else, such as a question, was written on the terminal. */
  readonly touch: () => void
}

interface IoSources {
  readonly stdin: InStream
  readonly stdout: OutStream
  readonly stderr: OutStream
  readonly env: Env
  readonly platform: NodeJS.Platform
  readonly flags: TalkFlags
}

export const MIN_WIDTH = 40
export const MAX_WIDTH = 120
const DEFAULT_WIDTH = 80

export function makeIo({ stdin, stdout, stderr, env, platform, flags }: IoSources): Io {
  const ci = findCi(env)
  const dumb = env['TERM'] === 'dumb'
  const progress = flags.progress ?? 'auto'
  const quiet = flags.quiet ?? false
  const debug = flags.debug ?? false
  const whyNoPrompt = reasonNotToAsk({ stdin, stderr, ci, dumb, noInput: flags.noInput ?? false })
  const canAnimate =
    stderr.isTTY === true &&
    (stderr.columns ?? 0) > 0 &&
    !dumb &&
    ci === undefined &&
    progress === 'auto' &&
    !quiet &&
    !debug
  let isFirst = true
  const touch = () => void (isFirst = false)
  const err = (text: string) => {
    touch()
    stderr.write(asLines(text))
  }
  return {
    stdin,
    stdout,
    stderr,
    canPrompt: whyNoPrompt === undefined,
    whyNoPrompt,
    canAnimate,
    color: { stdout: colorLevel(stdout, env, flags.color), stderr: colorLevel(stderr, env, flags.color) },
    unicode: { stdout: supportsUnicode(stdout, env, platform), stderr: supportsUnicode(stderr, env, platform) },
    width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, stderr.columns || DEFAULT_WIDTH)),
    ci,
    json: flags.json ?? false,
    quiet,
    debug,
    progress,
    out: (text) => void stdout.write(asLines(text)),
    err,
    note: (text) => {
      if (!quiet) err(text)
    },
    gap: () => {
      if (!quiet && !isFirst) err('')
    },
    touch,
  }
}

/**
 * Writes the answer to stdout, and waits until the system has taken it. Rejects with the error of the stream, which then
 * stays with the caller.
 */
export const deliver = ({ stdout }: Pick<Io, 'stdout'>, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    stdout.once('error', reject)
    stdout.write(asLines(text), (error) => {
      // The stream tells all who listen only after this.
      if (error) return reject(error)
      stdout.removeListener('error', reject)
      resolve()
    })
  })

const asLines = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`)

const OFF = ['', '0', 'false']
/** The variables that CI systems set. Azure Pipelines does not set `CI`, so that `CI` alone is not enough. */
const CI_VARIABLES = [
  'TF_BUILD',
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'TEAMCITY_VERSION',
  'JENKINS_URL',
  'CODEBUILD_BUILD_ID',
  'BUILD_NUMBER',
]

function findCi(env: Env): string | undefined {
  const isOn = (name: string) => !OFF.includes((env[name] ?? '').toLowerCase())
  return [...CI_VARIABLES, 'CI'].find(isOn)
}

function reasonNotToAsk(facts: {
  readonly stdin: InStream
  readonly stderr: OutStream
  readonly ci: string | undefined
  readonly dumb: boolean
  readonly noInput: boolean
}): string | undefined {
  if (facts.noInput) return '--no-input is given'
  if (facts.ci !== undefined) return `${facts.ci} is set`
  if (!facts.stdin.isTTY) return 'stdin is not a terminal'
  if (!facts.stderr.isTTY) return 'stderr is not a terminal'
  if (facts.dumb) return 'TERM is dumb'
  return undefined
}

/** https://no-color.org and https://force-color.org: each variable has an effect when it is not empty. */
function colorLevel(stream: OutStream, env: Env, flag: boolean | undefined): ColorLevel {
  if (flag === false || env['NO_COLOR']) return 0
  const forced = env['FORCE_COLOR']
  if (forced) return forcedLevel(forced)
  const depth = depthLevel(stream, env)
  if (flag === true) return depth === 0 ? 1 : depth
  return stream.isTTY && env['TERM'] !== 'dumb' ? depth : 0
}

function forcedLevel(forced: string): ColorLevel {
  if (forced === 'false') return 0
  return /^[0-3]$/.test(forced) ? (Number(forced) as ColorLevel) : 1
}

function depthLevel(stream: OutStream, env: Env): ColorLevel {
  const bits = stream.getColorDepth?.(env) ?? 1
  if (bits >= 24) return 3
  if (bits >= 8) return 2
  return bits >= 4 ? 1 : 0
}

/**
 * On Windows, true for consoles that draw more than their code page, and for no pipe: PowerShell reads it in the code page.
 * Elsewhere, true for all but the Linux console.
 */
function supportsUnicode({ isTTY }: OutStream, env: Env, platform: NodeJS.Platform): boolean {
  if (platform !== 'win32') return env['TERM'] !== 'linux'
  if (!isTTY) return false
  return (
    Boolean(env['WT_SESSION'] ?? env['TERMINUS_SUBLIME']) ||
    env['ConEmuTask'] === '{cmd::Cmder}' ||
    ['vscode', 'Terminus-Sublime'].includes(env['TERM_PROGRAM'] ?? '') ||
    /^(xterm-256color|alacritty|rxvt-unicode(-256color)?)$/.test(env['TERM'] ?? '') ||
    env['TERMINAL_EMULATOR'] === 'JetBrains-JediTerm'
  )
}
