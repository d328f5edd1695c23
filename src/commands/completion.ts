import type { Deps } from '../run/invocation.ts'
import { Failure } from '../lib/errors.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import type { Run } from '../run/run.ts'
import { HELP_ALL, type CommandDefinition, type ProgramDefinition } from './definition.ts'
import type { Input } from '../inputs/input.ts'
import { INPUT_KEYS, INPUTS, longFlagOf } from '../inputs/table.ts'
import { parseEnvironmentName, parsePath } from '../inputs/parsers.ts'
import { REGIONS } from '../inputs/regions.ts'

/** `completion SHELL` prints the script for a shell, which calls `ml-ingest complete` at each TAB. */
export function completion({ invocation, deps: { stdout } }: Run): Promise<ExitCode> {
  const [shell] = invocation.args
  const known = SHELLS.find((one) => one === shell)
  if (!known) throw unknownShell(shell)
  stdout.write(SCRIPTS[known])
  return Promise.resolve(EXIT.ok)
}

/** `complete -- WORDS` prints candidates for the last word. It has to be fast, so it loads nothing of Azure. */
export async function complete(argv: readonly string[], program: ProgramDefinition, deps: Deps): Promise<ExitCode> {
  const words = argv[0] === '--' ? argv.slice(1) : (deps.env[WORDS_VARIABLE] ?? '').split('\n')
  const offer = await offerFor(words, program, deps)
  const lines = offer === 'files' ? [FILES_LINE] : offer.map(({ value, about }) => `${value}${about && `\t${about}`}`)
  deps.stdout.write(lines.map((line) => `${line}\n`).join(''))
  return EXIT.ok
}

const unknownShell = (shell: string | undefined): Failure =>
  new Failure({
    code: 'usage',
    message:
      shell === undefined
        ? "Can't write a completion script: which shell?"
        : `Can't write a completion script for ${shell}`,
    why: [`It can be ${SHELLS.join(', ')}.`],
    hint: 'For bash: eval "$(ml-ingest completion bash)"',
  })

interface Candidate {
  readonly value: string
  readonly about: string
}
/** `files`: the shell completes file names. */
type Offer = readonly Candidate[] | 'files'

const HELP: Candidate = { value: '--help', about: 'print help' }
const WHOLE_HELP: Candidate = { value: HELP_ALL, about: 'print help with every flag' }
const VERSION: Candidate = { value: '--version', about: 'print the version' }

/** Candidates for the last word, which may be empty. */
async function offerFor(words: readonly string[], program: ProgramDefinition, deps: Deps): Promise<Offer> {
  const current = words.at(-1) ?? ''
  if (isRedirected(words)) return 'files'
  const offer = await offerAfter(withoutRedirections(words.slice(0, -1)), current, program, deps)
  return offer === 'files' ? offer : offer.filter(({ value }) => value.startsWith(current))
}

async function offerAfter(
  words: readonly string[],
  current: string,
  program: ProgramDefinition,
  deps: Deps,
): Promise<Offer> {
  const command = program.commands.find(({ name }) => name.split(' ').every((word, i) => words[i] === word))
  if (command) return offerOf(command, words.slice(command.name.split(' ').length), current, deps)
  const [topic, ...rest] = words
  if (rest.length > 0) return []
  if (topic === undefined)
    return [...topicsOf(program), { value: 'help', about: 'print help of a command' }, HELP, VERSION]
  if (topic === 'help') return topicsOf(program)
  const inGroup = program.commands.filter(({ name }) => name.startsWith(`${topic} `))
  return inGroup.length === 0
    ? []
    : [...inGroup.map(({ name, summary }) => ({ value: name.slice(topic.length + 1), about: summary })), HELP]
}

/** Commands and groups, in the order of the help. */
function topicsOf({ commands, groups }: ProgramDefinition): readonly Candidate[] {
  const topics = commands.map((command) => groups.find(({ name }) => command.name.startsWith(`${name} `)) ?? command)
  return [...new Set(topics)].map(({ name, summary }) => ({ value: name, about: summary }))
}

/** Candidates within a command: the value of a flag, else an argument, else a flag. */
async function offerOf(
  command: CommandDefinition,
  words: readonly string[],
  current: string,
  deps: Deps,
): Promise<Offer> {
  const fields = INPUT_KEYS.filter((key) => command.inputs.includes(key)).map((key): Input => INPUTS[key])
  const { open, count, isOver } = readWords(fields, words)
  if (isOver) return 'files'
  if (open && !isLeftOut(open, current)) return valuesOf(open, words, deps)
  const [flag = '', text] = /^(--[^=]+=)(.*)$/.exec(current)?.slice(1) ?? []
  if (text !== undefined) {
    const field = fields.find((one) => `${longFlagOf(one)}=` === flag)
    const values = field ? await valuesOf(field, words, deps) : []
    return values === 'files' ? values : values.map(({ value, about }) => ({ value: flag + value, about }))
  }
  const argument = command.arguments?.[count] ?? ''
  if (argument === '[shell]' && !current.startsWith('-')) return [...bare(SHELLS), HELP]
  if (/file|command/.test(argument) && !current.startsWith('-')) return 'files'
  return [...fields.flatMap(flagsOf), HELP, WHOLE_HELP]
}

function readWords(fields: readonly Input[], words: readonly string[]) {
  /** The flag that still needs its value. */
  let open: Input | undefined
  /** The number of arguments. */
  let count = 0
  for (const word of words) {
    if (open && !isLeftOut(open, word)) open = undefined
    else if (word === '--') return { open: undefined, count, isOver: true }
    else {
      open = fields.find((field) => field.kind !== 'switch' && spellingsOf(field).includes(word))
      if (!word.startsWith('-')) count++
    }
  }
  return { open, count, isOver: false }
}

/** Whether a flag is used without its optional value. */
const isLeftOut = (field: Input, next: string): boolean =>
  field.kind === 'value' && field.bare !== undefined && next.startsWith('-')

const spellingsOf = (field: Input): readonly string[] => [
  longFlagOf(field),
  ...(/^(-[a-zA-Z]), /.exec(field.flags)?.slice(1) ?? []),
]

function flagsOf(field: Input): readonly Candidate[] {
  const flag = { value: longFlagOf(field), about: field.help }
  if (field.kind !== 'list' || !field.noneFlag) return [flag]
  return [flag, { value: field.noneFlag, about: `no ${field.label}` }]
}

const bare = (values: readonly string[]): readonly Candidate[] => values.map((value) => ({ value, about: '' }))

async function valuesOf(field: Input, words: readonly string[], deps: Deps): Promise<Offer> {
  if (field === INPUTS.location) return bare(REGIONS)
  if (field === INPUTS.env) return bare(await environmentsIn(fileIn(words, deps), deps))
  if (field.kind === 'switch') return []
  if (field.parse === parsePath) return 'files'
  return bare((field.kind === 'value' && field.choices) || [])
}

/** The manifest in the words, or else in a variable. */
function fileIn(words: readonly string[], { env }: Deps): string | undefined {
  const [long = '', short = ''] = spellingsOf(INPUTS.file)
  const typed = words.flatMap((word, i) => {
    if (word === long || word === short) return words[i + 1] ?? []
    return word.startsWith(`${long}=`) ? word.slice(long.length + 1) : []
  })
  const { HOME = '~' } = env
  return typed.at(-1)?.replace(/^~(?=\/)/, HOME) ?? INPUTS.file.env.map((name) => env[name]).find(Boolean)
}

/** Only plain names, because a candidate becomes a part of the user's command. */
async function environmentsIn(file: string | undefined, deps: Deps): Promise<readonly string[]> {
  const { loadManifest } = await import('../manifest/load-manifest.ts')
  const given = file === undefined ? {} : { file: { value: file, source: 'flag' as const, texts: [file] } }
  const { manifest } = await loadManifest(given, deps.cwd)
  return (manifest?.environments ?? []).filter((name) => parseEnvironmentName(name).ok)
}

/** Bash passes redirections as words: `> out.txt` or `2>out.txt`. */
const REDIRECTION = /^(\d*|&)(<|>{1,2}[|&]?)/
const isOperator = (word: string): boolean => REDIRECTION.exec(word)?.[0] === word
const isRedirected = (words: readonly string[]): boolean =>
  REDIRECTION.test(words.at(-1) ?? '') || isOperator(words.at(-2) ?? '')
const withoutRedirections = (words: readonly string[]): readonly string[] =>
  words.filter((word, i) => !REDIRECTION.test(word) && !isOperator(words[i - 1] ?? ''))

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

/** Printed instead of candidates: the shell completes file names. */
export const FILES_LINE = ':files'

/** Contains the typed words, one on each line, if they cannot be arguments. */
export const WORDS_VARIABLE = 'ML_INGEST_COMPLETE'

/**
 * Each script passes the typed words to `ml-ingest complete`, which prints candidates: a word, a tab and a description.
 * For security, a typed word is only passed as an argument or compared. It never becomes part of a command, so there is no
 * `eval`, and quotes in a word are removed instead of evaluated.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // For bash from 3.2 on, without the package bash-completion; compopt needs 4.0.
  bash: `# bash completion for ml-ingest
_ml_ingest() {
    local i last=-1 word line gap rest=\${COMP_LINE:0:COMP_POINT}
    local -a typed
    COMPREPLY=()
    typed=()
    # Bash also splits at = and :. Parts without a gap belong together.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        gap=\${rest%%[![:space:]]*}
        rest=\${rest#"$gap"}
        word=\${COMP_WORDS[i]}
        [[ $i -eq $COMP_CWORD ]] && word=$rest
        rest=\${rest#"$word"}
        [[ $i -eq 0 || -n $gap ]] && typed[++last]=
        typed[last]+=\${word//[\\"\\'\\\\]/}
    done
    # Bash replaces only the part after the last =, so a candidate is only that part.
    word=\${2//[\\"\\'\\\\]/}
    word=\${typed[last]%"$word"}
    while IFS= read -r line; do
        [[ $line == ${FILES_LINE} ]] && return
        line=\${line%%$'\\t'*}
        [[ -n $line ]] && COMPREPLY+=("\${line#"$word"}")
    done <<<"$(ml-ingest complete -- "\${typed[@]:1}" 2>/dev/null </dev/null)"
    compopt +o default 2>/dev/null
    return 0
}
complete -o default -F _ml_ingest ml-ingest
`,
  // As the file _ml-ingest in $fpath it is read at the first TAB and has to complete at once.
  zsh: `#compdef ml-ingest
_ml-ingest() {
    local line
    local -a found
    for line in "\${(@f)$(ml-ingest complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)}"; do
        if [[ $line == ${FILES_LINE} ]]; then
            compset -P '--[^=]##='
            _files
            return
        fi
        [[ -n $line ]] && found+=("\${\${line//:/\\\\:}/$'\\t'/:}")
    done
    _describe -V ml-ingest found
}
if [[ $funcstack[1] == _ml-ingest ]]; then
    _ml-ingest
else
    compdef _ml-ingest ml-ingest
fi
`,
  // If the condition fails, fish offers files.
  fish: `# fish completion for ml-ingest
function __ml_ingest_offer
    set -l words (commandline -opc)
    set -l current (string replace -ra '["\\'\\\\\\\\]' '' -- (commandline -ct))
    set -g __ml_ingest_offered (ml-ingest complete -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    test "$__ml_ingest_offered" != ${FILES_LINE}
end
complete -c ml-ingest -e
complete -c ml-ingest -n __ml_ingest_offer -f -k -a '$__ml_ingest_offered'
`,
  // The words are in a variable, because cmd.exe would read arguments of npm's .cmd file as commands, its .ps1 file loses
  // the --, and Windows PowerShell drops empty arguments. Without candidates, PowerShell offers files.
  powershell: `# PowerShell completion for ml-ingest
Register-ArgumentCompleter -Native -CommandName ml-ingest -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $constant = [System.Management.Automation.Language.StringConstantExpressionAst]
    $words = @($commandAst.CommandElements |
        Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_ -is $constant) { $_.Value } else { $_.Extent.Text } })
    $env:${WORDS_VARIABLE} = ($words + "$wordToComplete") -join "\`n"
    try { $lines = @(ml-ingest complete 2>$null) }
    finally { Remove-Item Env:${WORDS_VARIABLE} -ErrorAction Ignore }
    foreach ($line in $lines) {
        if ($line -eq '${FILES_LINE}') { return }
        $value, $about = $line -split "\`t", 2
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
}
`,
}
