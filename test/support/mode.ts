import { stat } from 'node:fs/promises'

/** The mode of a file: who may read and write it. */
export const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777

/** What a mode becomes here. Windows has one for all files that may be written: https://nodejs.org/api/fs.html#fspromiseschmodpath-mode */
export const modeHere = (mode: number): number => (process.platform === 'win32' ? 0o666 : mode)
