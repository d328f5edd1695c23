import type { YAMLError } from 'yaml'

/** What the parser found, in our words; what has none here is told in its own. */
export function yamlWords({ code, message }: YAMLError, text: string): string {
  switch (code) {
    case 'MULTIPLE_DOCS':
      return 'begins a second document: a manifest is one, environments stand under environments:'
    case 'MISSING_CHAR':
      return isQuote(message)
        ? 'is not YAML: a quote is opened and not closed'
        : `is not YAML: ${closing(message)} is missing`
    case 'RESOURCE_EXHAUSTION':
      return TOO_DEEP
    case 'TAB_AS_INDENT':
      return 'is not YAML: this line is indented with a tab, which has to be blanks'
    case 'BAD_ALIAS':
      return 'is not YAML: * begins an alias. Put the value in quotes if it begins with a *'
    case 'TAG_RESOLVE_FAILED':
      return `has the type ${text}, which means nothing here: leave it out, or put the value in quotes`
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'is not YAML: a second key stands where a value is expected. Put a value with ": " in quotes, or check the indentation'
    case 'BAD_SCALAR_START':
      return `is not YAML: a value cannot begin with ${text}. Put it in quotes`
    case 'BAD_INDENT':
      return `is not YAML: ${closing(message)} is missing, or stands too far to the left`
    case 'MULTILINE_IMPLICIT_KEY':
      return 'is not YAML: this line belongs to nothing above it. Check its indentation and the line before'
    case 'BAD_DQ_ESCAPE':
      return `is not YAML: ${message.split(' ').at(-1)} is no escape in double quotes. Single quotes take a \\ as it is`
    case 'KEY_OVER_1024_CHARS':
      return 'is not YAML: a key is longer than 1024 characters'
    default:
      return `is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
  }
}

export const TOO_DEEP = 'is nested too deep: no manifest needs more than a few levels'

const isQuote = (message: string): boolean => /quote/i.test(message)
/** The bracket that a message of the parser ends with. */
const closing = (message: string): string =>
  message.endsWith('}') ? 'a }' : message.endsWith(']') ? 'a ]' : 'a bracket'
