import { expect } from 'vitest'
import { packageTitle, scriptOf } from './support/program.ts'
import { clientSuite } from './support/suite.ts'

clientSuite({
  name: packageTitle('kafkajs'),
  needs: [],
  script: [process.execPath, scriptOf('kafkajs.mjs')],
  modes: ['plain', 'idempotent', 'gzip'],
  sample: [
    'key-7',
    [
      ['n', '7'],
      ['again', ['1', '2']],
    ],
    true,
  ],
  assignors: ['RoundRobinAssigner'],
  group: { state: 'Empty', kept: [[1, 7, '']], deleted: [0, 69], left: [] },
  refusals: {
    'wrong key': expect.stringContaining('No shared access rule has the name and the key') as string,
    ...{ 'produce elsewhere': 29, 'fetch elsewhere': 29, codecs: [43, 43, 43] },
    transactions: 'Failed to find group coordinator',
    'too large': 'hung up',
    ...{ 'long group': 24, 'short session': 26, 'long session': 26 },
  },
})
