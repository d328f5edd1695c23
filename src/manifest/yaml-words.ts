import type { YAMLError } from 'yaml'

export const TOO_DEEP = 'is nested too deep: no manifest needs more than a few levels'

/** Messages of the parser, and what we say instead: `$1` is what it names, `$0` the text at the place. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/multiple documents/, 'begins a second document here: a manifest is one, with environments under environments:'],
  [/^Maximum call stack/, TOO_DEEP],
  [/^Unresolved tag/, 'has the type $0, which means nothing here: leave it out, or put the value in quotes'],
  [/closing .quote/, 'is not YAML: a quote is opened and not closed'],
  [/sufficiently indented and end with a (.)$/, 'is not YAML: a $1 is missing, or stands too far to the left'],
  [/end with a (.)$/, 'is not YAML: a $1 is missing'],
  [/same column$/, 'is not YAML: this line is indented more or less than those that it belongs to'],
  [/^Tabs are not allowed/, 'is not YAML: this line is indented with a tab, which has to be blanks'],
  [
    /^Sequence item without -/,
    'is not YAML: a list goes on without a -, or this line is indented more or less than those that it belongs to',
  ],
  [/^Implicit map keys need to be followed/, 'is not YAML: a key has no ":" behind it'],
  [/single line$/, 'is not YAML: this line belongs to nothing above it. Check its indentation and the line before'],
  [
    /^Nested mappings are not allowed/,
    'is not YAML: a second key stands where a value is expected. Check the indentation, or put a value with ": " in quotes',
  ],
  [/^Plain value cannot start/, 'is not YAML: a value cannot begin with $0. Put it in quotes'],
  [/^Invalid escape sequence (.*)$/, 'is not YAML: $1 is no escape in double quotes. Single quotes take it as it is'],
  [/^Alias cannot be an empty/, 'is not YAML: a * begins an alias. Put the value in quotes'],
  [/^Comments must be separated/, 'is not YAML: a # begins a comment only behind a blank. Put the value in quotes'],
  [/^Missing , /, 'is not YAML: a comma is missing, or a bracket'],
  [/^Unexpected /, 'is not YAML: this cannot stand here. Check the quotes, brackets and indentation before it'],
  [/1024 chars/, 'is not YAML: a key is longer than 1024 characters'],
]

/** What the parser found, in our words; what has none here is told in its own. */
export function yamlWords({ message }: YAMLError, text: string): string {
  for (const [pattern, words] of WORDS) {
    const match = pattern.exec(message)
    if (match) return words.replace('$0', () => text.split('\n')[0]!).replace('$1', () => match[1]!)
  }
  return `is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
}
