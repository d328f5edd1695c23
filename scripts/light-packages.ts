import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'rolldown'
import { eitherSlash } from './either-slash.ts'
import { lightAzure } from './light-azure.ts'
import { lighter, without } from './lighter.ts'

/** What a package brings along and we never run stays out of the bundle. Each plugin says which part, and why it is not run. */
export const lightPackages = (): readonly Plugin[] => [
  lightCommander,
  lightChalk,
  lightSpinners,
  lightTokens,
  lightSignatures,
  lightDebug,
  lightYaml,
  lightWebSockets,
  lightKafka,
  lightCodecs,
  lightHelpers,
  lightAvro,
  lightAvroTypes,
  lightAvroHelpers,
  lightParquet,
  ...lightAzure,
]

/** Commander needs this module for subcommands that are programs of their own. We have none. */
const lightCommander = lighter({
  name: 'commander',
  files: /\/commander\/lib\/command\.js$/,
  change: (code) => code.replace("import childProcess from 'node:child_process';", 'const childProcess = {};'),
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

/** Tokens are signed here and not verified or read, and what is asked of semver is whether Node is newer than 16. */
const lightTokens = lighter({
  name: 'tokens',
  files: /\/jsonwebtoken\/(index|lib\/(asymmetricKeyDetailsSupported|psSupported|rsaPssKeyDetailsSupported))\.js$/,
  change: (code) =>
    code.includes('semver.satisfies(process.version')
      ? 'module.exports = true'
      : code.replace("decode: require('./decode'),\n  verify: require('./verify'),", ''),
})
const lightSignatures = lighter({
  name: 'signatures',
  files: /\/jws\/index\.js$/,
  change: (code) => code.replace(/^.*\bVerifyStream = .*$|^exports\.\w+ = VerifyStream\..*$/gm, ''),
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

/** Values are read by the schema that they were written by. They are not sorted or made up, and neither are schemas. */
const lightAvroTypes = lighter({
  name: 'avro-types',
  files: /\/avsc\/lib\/types\.js$/,
  change: (code) =>
    without(code.replace('var RANDOM = new utils.Lcg();\n', ''), [
      ...['prototype.random', 'prototype._match', 'prototype._update', 'Type.prototype.createResolver'],
      ...['hasCompatibleName', 'Type.forValue', 'Type.forTypes'],
      ...['combineNumbers', 'combineStrings', 'combineBuffers', 'combineObjects'],
    ]),
})
const lightAvroHelpers = lighter({
  name: 'avro-helpers',
  files: /\/avsc\/lib\/utils\.js$/,
  change: (code) =>
    without(code.replace(/^ {2}(Lcg|OrderedQueue): \1,?\n/gm, ''), [
      ...['Lcg', 'OrderedQueue', 'prototype.nextBoolean', 'prototype.nextInt', 'prototype.nextFloat'],
      ...['prototype.nextString', 'prototype.nextBuffer', 'prototype.choice', 'prototype.push', 'prototype.pop'],
    ]),
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
