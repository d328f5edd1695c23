import * as groups from '../../../../src/local/kafka/wire/apis/groups.ts'
import * as offsets from '../../../../src/local/kafka/wire/apis/offsets.ts'
import * as records from '../../../../src/local/kafka/wire/apis/records.ts'
import * as session from '../../../../src/local/kafka/wire/apis/session.ts'
import * as topics from '../../../../src/local/kafka/wire/apis/topics.ts'
import type { Api } from '../../../../src/local/kafka/wire/codec.ts'

const TABLES: readonly Readonly<Record<string, Api>>[] = [
  { ...session },
  { ...records },
  { ...groups },
  { ...offsets },
  { ...topics },
]

/** All that the tables describe. */
export const ALL_APIS: readonly Api[] = TABLES.flatMap((table) => Object.values(table))
