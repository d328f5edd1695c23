import { isDeviceName } from './names.ts'

/** The folders and files that stand for a storage account: `<account>/<container>/<blob>`. */

/** What some file system cannot have in a name. The percent sign is among them, so that each name has one meaning. */

const UNSAFE = /[%\\:*?"<>|\x00-\x1f]/g
/** Of a file that is not whole yet. */
export const DRAFT = '.part'

/** The names of the folders, and of the file in them, that a blob has in the folder of its container. */
export const pathOfBlob = (blob: string): readonly string[] =>
  blob.split('/').map((name) =>
    // A step in the path, and the empty name, would lead elsewhere.
    name === '' || /^\.+$/.test(name) ? `%${name.replaceAll('.', '%2E')}` : safe(name),
  )

/** Windows also takes some names for devices, and leaves out a dot or a space at the end. */
function safe(name: string): string {
  const escaped = name.replace(UNSAFE, percentOf).replace(/[. ]$/, percentOf)
  return isDeviceName(name) ? escaped.replace(/^./, percentOf) : escaped
}

/** The blob of such a path. */
export const blobOfPath = (names: readonly string[]): string =>
  names.map((name) => (name === '%' ? '' : name.replace(/^%(?=%2E)/, '').replace(/%([0-9A-F]{2})/g, charOf))).join('/')

const percentOf = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
const charOf = (_: string, hex: string): string => String.fromCharCode(Number.parseInt(hex, 16))
