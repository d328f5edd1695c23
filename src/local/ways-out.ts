import type { Edit, Reference } from '../lib/phrase.ts'

/** What hints of the embedded Azure name of the program around it, which alone knows how it is typed. */

/** The input that chooses the data folder. */
export const DATA_FOLDER: Reference = { names: 'input', input: 'data' }

const command = (name: string, edit: Edit = {}): Reference => ({ names: 'command', command: name, edit })
export const START_HERE = command('local start', { detach: null })
export const STOP = command('local stop')
export const RESET = command('local reset')
