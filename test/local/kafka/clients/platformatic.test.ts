import { packageTitle, scriptOf } from './support/program.ts'
import { clientSuite } from './support/suite.ts'

clientSuite({
  name: packageTitle('@platformatic/kafka'),
  needs: [],
  script: [process.execPath, scriptOf('platformatic.mjs')],
  modes: ['plain', 'idempotent', 'gzip'],
  sample: ['key-7', [['n', '7']], true],
  assignors: ['roundrobin'],
  group: { state: 'EMPTY', kept: [[1, 7]], inUse: 68, deleted: [0, 69], left: [] },
  refusals: {
    'wrong key': 58,
    ...{ 'produce elsewhere': 29, 'fetch elsewhere': 29, codecs: [43, 43], transactions: 42 },
    'too large': 'PLT_KFK_MULTIPLE',
    ...{ 'long group': 24, 'short session': 26, 'long session': 26 },
  },
})
