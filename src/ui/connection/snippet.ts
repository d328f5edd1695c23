import type { Connection } from '../../engine/connection.ts'
import { java } from './java.ts'
import { databricks, fabric } from './lakehouse.ts'
import { node } from './node.ts'
import { notebook } from './notebook.ts'
import { python } from './python.ts'
import { spark } from './spark.ts'
import { subjectOf, type Lines, type Subject, type VariableNames } from './subject.ts'

export type SnippetFormat = 'python' | 'ipynb' | 'node' | 'java' | 'spark' | 'databricks' | 'fabric'

const PROGRAMS: Readonly<Record<SnippetFormat, (subject: Subject, connection: Connection) => Lines>> = {
  ...{ python, node, java, spark, databricks, fabric },
  ipynb: notebook,
}

/** A complete program. It sends, receives or both, as the rights allow. */
export function formatSnippet(format: SnippetFormat, connection: Connection, names: VariableNames): string {
  const lines = PROGRAMS[format](subjectOf(connection, names), connection)
  return lines.filter((line) => line !== undefined).join('\n')
}

/** One line of Python that makes a client of azure-eventhub without a key. */
export function credentialLine(connection: Connection): string {
  const { host, hub, group, sends } = subjectOf(connection, { string: '' })
  const [client, more] = sends ? ['Producer', ''] : ['Consumer', `, consumer_group=${group}`]
  return `EventHub${client}Client(fully_qualified_namespace=${host}, eventhub_name=${hub}, credential=DefaultAzureCredential()${more})`
}
