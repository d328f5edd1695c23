import { Failure } from '../../lib/errors.ts'

/** A variable and its value. Names are checked before; values hold any character but a line break. */
export interface Assignment {
  readonly name: string
  readonly value: string
}

export type ShellFormat = 'env' | 'powershell' | 'fish' | 'cmd' | 'dotenv' | 'compose'

const WRITERS: Readonly<Record<ShellFormat, (one: Assignment) => string>> = {
  env: ({ name, value }) => `export ${name}=${quotePosix(value)}`,
  powershell: ({ name, value }) => `$Env:${name} = ${quotePowerShell(value)}`,
  fish: ({ name, value }) => `set -gx ${name} ${quoteFish(value)}`,
  cmd: ({ name, value }) => setCmd(name, value),
  dotenv: ({ name, value }) => `${name}=${quoteDotenv(value)}`,
  compose: ({ name, value }) => `  ${name}: ${quoteCompose(value)}`,
}

export function formatShell(format: ShellFormat, assignments: readonly Assignment[]): string {
  const lines = assignments.map(WRITERS[format])
  return (format === 'compose' ? ['environment:', ...lines] : lines).join('\n')
}

/** Between single quotes nothing is special; a single quote itself ends, is escaped, and begins again. */
const quotePosix = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`

/** PowerShell takes typographic quotes for quotes; each is doubled. https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules */
const quotePowerShell = (value: string): string => `'${value.replace(/['‘’‚‛]/g, '$&$&')}'`

/** https://fishshell.com/docs/current/language.html#quotes */
const quoteFish = (value: string): string => `'${value.replace(/[\\']/g, '\\$&')}'`

/**
 * A line of a batch file: `%` is doubled, and what is special stands between quotes or behind a caret. A quote in the value
 * ends the quoting for cmd, which still takes all up to the last one as the value.
 */
function setCmd(name: string, value: string): string {
  let quoted = true
  let written = ''
  for (const character of value.replaceAll('%', '%%')) {
    written += !quoted && '&|<>^()'.includes(character) ? `^${character}` : character
    if (character === '"') quoted = !quoted
  }
  return `set "${name}=${written}"`
}

/** dotenv has no escapes: the value goes between quotes that it does not hold, single ones first since nothing expands there. */
function quoteDotenv(value: string): string {
  const quote = ["'", '`', '"'].find((one) => !value.includes(one))
  if (quote !== undefined && !(quote === '"' && value.includes('\\'))) return quote + value + quote
  throw new Failure({
    code: 'refused',
    message: "Can't write a value with every kind of quote into a dotenv file",
    hint: 'Use another format: --format json',
  })
}

/** YAML between single quotes; a dollar is doubled since Compose expands it. https://docs.docker.com/reference/compose-file/interpolation/ */
const quoteCompose = (value: string): string => `'${value.replaceAll("'", "''").replaceAll('$', '$$$$')}'`
