/** The pattern of a path, written with `/`, that finds the path with the backslashes of Windows too. */
export const eitherSlash = (pattern: RegExp): RegExp =>
  new RegExp(pattern.source.replaceAll('\\/', '[\\\\/]'), pattern.flags)
