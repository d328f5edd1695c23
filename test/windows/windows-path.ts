/**
 * How Windows names a path of this system: wine shows the file system as drive Z.
 * https://gitlab.winehq.org/wine/wine/-/wikis/Wine-User's-Guide#drive-settings
 */
export const windowsPath = (path: string): string =>
  process.platform === 'win32' ? path : `Z:${path.replaceAll('/', '\\')}`
