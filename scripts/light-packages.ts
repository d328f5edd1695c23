import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'rolldown'
import { eitherSlash } from './either-slash.ts'

/** What a package brings along and we never run stays out of the bundle. Each plugin says which part, and why it is not run. */
export const lightPackages = (): readonly Plugin[] => [
  lightCommander,
  lightProxies,
  lightChalk,
  lightSpinners,
  lightTokens,
  lightSignIn,
  lightDebug,
  lightYaml,
  lightWebSockets,
  lightKafka,
  lightCodecs,
  lightHelpers,
  lightAvro,
  lightParquet,
]

interface Lighter {
  readonly name: string
  /** Paths of the files that it changes, with `/`. */
  readonly files: RegExp
  readonly change: (code: string) => string
}

/** A file that it cannot make lighter any more fails the build, so that nobody keeps a plugin for a package that has changed. */
const lighter = ({ name, files, change }: Lighter): Plugin => ({
  name: `light-${name}`,
  transform: {
    filter: { id: eitherSlash(files) },
    handler: (code, id) => {
      const light = change(code)
      if (light === code) throw new Error(`${id} is written differently now`)
      return light
    },
  },
})

/** Commander needs this module for subcommands that are programs of their own. We have none. */
const lightCommander = lighter({
  name: 'commander',
  files: /\/commander\/lib\/command\.js$/,
  change: (code) => code.replace("import childProcess from 'node:child_process';", 'const childProcess = {};'),
})

/** The SDK's agents for proxies are set up only where there is a proxy. */
const lightProxies = lighter({
  name: 'proxies',
  files: /\/ts-http-runtime\/dist\/esm\/policies\/proxyPolicy\.js$/,
  change: (code) => {
    const light = code
      .replace(/^import \{ \w+ \} from "https?-proxy-agent";$/gm, '')
      .replace(/new (Https?)ProxyAgent\(/g, (_, scheme: string) => {
        return `new (require('${scheme.toLowerCase()}-proxy-agent').${scheme}ProxyAgent)(`
      })
    return light.match(/require\(/g)?.length === 2 ? light : code
  },
})

/** How much colour there is we find out ourselves, so chalk need not load what it finds it out with. */
const lightChalk: Plugin = {
  name: 'light-chalk',
  resolveId: {
    filter: { id: /^#supports-color$/ },
    handler: (_, importer) => join(dirname(importer!), 'vendor', 'supports-color', 'browser.js'),
  },
}

/** Of its ninety spinners, ora turns one by itself: `dots`, or `line` where the terminal has no such signs. */
const lightSpinners = lighter({
  name: 'spinners',
  files: /\/cli-spinners\/spinners\.json$/,
  change: (code) => {
    const { dots, line } = JSON.parse(code) as Readonly<Record<string, object | undefined>>
    return dots && line ? JSON.stringify({ dots, line }) : code
  },
})

/** Tokens are signed here and not verified, and what is asked of semver is whether Node is newer than 16. */
const lightTokens = lighter({
  name: 'tokens',
  files: /\/jsonwebtoken\/(index|lib\/(asymmetricKeyDetailsSupported|psSupported|rsaPssKeyDetailsSupported))\.js$/,
  change: (code) =>
    code.includes('semver.satisfies(process.version')
      ? 'module.exports = true'
      : code.replace("verify: require('./verify'),", ''),
})

/** Nobody signs in through a browser that we open. */
const lightSignIn = lighter({
  name: 'sign-in',
  files: /\/identity\/dist\/esm\/msal\/nodeFlows\/msalClient\.js$/,
  change: (code) => code.replace('await import("open")', '{}'),
})

/** It has a part for browsers. */
const lightDebug = lighter({
  name: 'debug',
  files: /\/debug\/src\/index\.js$/,
  change: () => "module.exports = require('./node.js')",
})

/** What Node imports of yaml is CommonJS, which is taken whole. The same code stands beside it as modules. */
const lightYaml: Plugin = {
  name: 'light-yaml',
  resolveId: {
    filter: { id: /^yaml$/ },
    handler: () => fileURLToPath(new URL('browser/dist/index.js', import.meta.resolve('yaml/package.json'))),
  },
}

/** We are a client of WebSockets, and read no stream from them. */
const lightWebSockets = lighter({
  name: 'web-sockets',
  files: /\/ws\/wrapper\.mjs$/,
  change: (code) => code.replace(/^import (createWebSocketStream|WebSocketServer) from .*$/gm, 'const $1 = undefined'),
})

/** A table of all requests, of which a connection needs these. Others are imported one by one. */
const REQUESTS = ['api_versions', 'sasl_handshake', 'sasl_authenticate']
const lightKafka = lighter({
  name: 'kafka',
  files: /\/kafka-ts\/dist\/api\/index\.js$/,
  change: (code) =>
    code
      .replace(/^const (\w+)_1 = require\("\.\/.*$/gm, (line, name: string) => (REQUESTS.includes(name) ? line : ''))
      .replace(/^ {4}[A-Z_]+: (\w+)_1\..*$/gm, (line, name: string) => (REQUESTS.includes(name) ? line : '')),
})

/** Event Hubs knows one codec of Kafka's, gzip. */
const lightCodecs = lighter({
  name: 'codecs',
  files: /\/kafka-ts\/dist\/codecs\/index\.js$/,
  change: (code) => code.replace(/^.*\b(snappy|lz4|zstd)_1\b.*$/gm, ''),
})

/** CommonJS takes a module whole. Of these helpers rhea-promise calls one. */
const lightHelpers: Plugin = {
  name: 'light-helpers',
  resolveId: {
    filter: { id: /^tslib$/ },
    handler: (_, importer) => (importer !== undefined && CALLER.test(importer) ? CALLED_HELPERS : undefined),
  },
  load: { filter: { id: /^\0called-helpers$/ }, handler: () => "export { __awaiter } from 'tslib'" },
}
const CALLED_HELPERS = '\0called-helpers'
const CALLER = eitherSlash(/\/rhea-promise\//)

/** Only its types are used, no files and no services. */
const lightAvro = lighter({
  name: 'avro',
  files: /\/avsc\/lib\/index\.js$/,
  change: (code) =>
    code.includes('types: types.builtins,') && code.includes('Type: types.Type,')
      ? "const types = require('./types'); module.exports = { Type: types.Type, types: types.builtins }"
      : code,
})

/** A table of numbers, times and texts, packed with gzip, has no filters, no nested or geographical values and no deltas. */
const lightParquet = lighter({
  name: 'parquet',
  files: /\/hyparquet-writer\/src\/(bloom|delta|geospatial|snappy|splitstream|variant|wkb)\.js$/,
  change: (code) => {
    const names = [...code.matchAll(/^export (?:function|class) (\w+)/gm)].map(([, name]) => name)
    return names.length > 0 ? names.map((name) => `export const ${name} = () => {}`).join('\n') : code
  },
})
