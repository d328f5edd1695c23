import { Failure } from '../../lib/errors.ts'

/** A variable and its value. Names are already checked. Values can contain any character except a line break. */
export interface Assignment {
  readonly name: string
  readonly value: string
}

export type VariableFormat = 'env' | 'powershell' | 'fish' | 'cmd' | 'dotenv' | 'env-file' | 'compose'

const WRITERS: Readonly<Record<VariableFormat, (one: Assignment) => string>> = {
  env: ({ name, value }) => `export ${name}=${quotePosix(value)}`,
  powershell: ({ name, value }) => `$Env:${name} = ${quotePowerShell(value)}`,
  fish: ({ name, value }) => `set -gx ${name} ${quoteFish(value)}`,
  cmd: ({ name, value }) => setCmd(name, value),
  dotenv: ({ name, value }) => `${name}=${quoteDotenv(value)}`,
  'env-file': ({ name, value }) => `${name}=${literal(value)}`,
  compose: ({ name, value }) => `  ${name}: ${quoteCompose(value)}`,
}

/** What stands above the assignments. */
const HEADS: Readonly<Partial<Record<VariableFormat, string>>> = {
  powershell: '# To set these variables, add this to the command: | Invoke-Expression',
  cmd: '@rem To set these variables, add --output eventhub.cmd to the command, then: call eventhub.cmd',
  compose: 'environment:',
}

/** Lines that set the variables. Throws a `Failure` for a value that the format has no way to write. */
export function formatVariables(format: VariableFormat, assignments: readonly Assignment[]): string {
  const head = HEADS[format]
  return [...(head === undefined ? [] : [head]), ...assignments.map(WRITERS[format])].join('\n')
}

/** Nothing is special between single quotes. A single quote closes the string, is escaped, and opens it again. */
const quotePosix = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`

/** PowerShell also accepts typographic quotes as quotes, so that each is doubled. https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules */
const quotePowerShell = (value: string): string => `'${value.replace(/['‘’‚‛]/g, '$&$&')}'`

/** https://fishshell.com/docs/current/language.html#quotes */
const quoteFish = (value: string): string => `'${value.replace(/[\\']/g, '\\$&')}'`

/**
 * A line of a batch file. `@` keeps cmd from showing it. `%` is doubled. Special characters are inside quotes or escaped
 * with a caret. For cmd, a quote in the value ends the quoting, but the value still goes up to the last quote.
 */
function setCmd(name: string, value: string): string {
  let quoted = true
  let written = ''
  for (const character of value.replaceAll('%', '%%')) {
    written += !quoted && '&|<>^()'.includes(character) ? `^${character}` : character
    if (character === '"') quoted = !quoted
  }
  return `@set "${name}=${written}"`
}

/**
 * dotenv has no escapes: the value goes in quotes that it does not contain. In single quotes, tried first, nothing
 * expands.
 */
function quoteDotenv(value: string): string {
  const quote = ["'", '`', '"'].find((one) => !value.includes(one))
  if (quote !== undefined && !(quote === '"' && value.includes('\\'))) return quote + value + quote
  throw unwritable("Can't write a value with every kind of quote into a dotenv file")
}

/**
 * Docker takes all after the first `=` as it is, to the end of the line. Some versions take quotes off that enclose the
 * whole value. https://docs.docker.com/reference/cli/docker/container/run/#env
 */
function literal(value: string): string {
  if (!/[\r\n\0]|^(['"]).*\1$/s.test(value)) return value
  throw unwritable("Can't write a value in quotes or of several lines into a file for Docker's --env-file")
}

const unwritable = (message: string): Failure =>
  new Failure({ code: 'usage', message, hint: 'Use another format: --format json' })

/** A YAML string in single quotes. Compose expands a dollar sign, so that it is doubled. https://docs.docker.com/reference/compose-file/interpolation/ */
const quoteCompose = (value: string): string => `'${value.replaceAll("'", "''").replaceAll('$', '$$$$')}'`
