import { FORMATS, type Format } from '../inputs/run.ts'
import { FORMAT_FACTS } from '../ui/connection/render-connection.ts'
import { pick, type Choice, type Prompter } from './prompter.ts'

/** Asks how a file shall hold a connection string: in the formats that hold one at all. */
export function askFormat(prompter: Prompter): Promise<Format> {
  const rows = FORMATS.filter((format) => FORMAT_FACTS[format].secret).map((format): Choice<Format> => ({
    value: format,
    label: format,
    detail: FORMAT_FACTS[format].summary,
  }))
  const [first, ...others] = rows as [Choice<Format>, ...Choice<Format>[]]
  return pick(prompter, { message: 'Format of the file?', choices: [first, ...others], default: 'dotenv' })
}
