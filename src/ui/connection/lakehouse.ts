import type { Connection } from '../../engine/connection.ts'
import { kafkaOf } from './facts.ts'
import { oauthLogin, plainLogin, SECURITY, tokenUrlOf } from './kafka.ts'
import { when, type Lines, type Subject } from './subject.ts'

/** What differs between notebooks that run Spark. */
interface Platform {
  /** How to store a secret that the notebook reads. */
  readonly intro: (secret: string) => readonly string[]
  /** The expression that reads a secret. */
  readonly secret: (name: string) => string
  /** Before the names of Kafka's classes. */
  readonly shaded: string
  /** The class that gets tokens. */
  readonly callbackHandler: string
  /** The line between cells. */
  readonly newCell: string | undefined
  readonly checkpoints: string
  readonly table: string
  /** More ways to sign in without keys. */
  readonly keyless: readonly string[]
}

const CLIENT_SECRET = 'azure-client-secret'

/** https://learn.microsoft.com/azure/databricks/connect/streaming/kafka/authentication */
const DATABRICKS: Platform = {
  intro: (secret) => [
    '# Databricks notebook source',
    '# fill in the words in capitals',
    '# store the secret once: databricks secrets create-scope event-hubs',
    `# and then: databricks secrets put-secret event-hubs ${secret}`,
  ],
  secret: (name) => `dbutils.secrets.get(scope="event-hubs", key="${name}")`,
  shaded: 'kafkashaded.',
  callbackHandler: `${SECURITY}.oauthbearer.secured.OAuthBearerLoginCallbackHandler`,
  newCell: '# COMMAND ----------',
  checkpoints: '/Volumes/CATALOG/SCHEMA/VOLUME/checkpoints',
  table: 'CATALOG.SCHEMA.TABLE',
  keyless: [
    '# With a service credential of Unity Catalog (Runtime 16.1 or newer) no secret is needed. Then two options are enough:',
    '# kafka.bootstrap.servers and "databricks.serviceCredential": "NAME"',
  ],
}

/** https://learn.microsoft.com/fabric/data-engineering/notebookutils/notebookutils-credentials */
const FABRIC: Platform = {
  intro: (secret) => [
    '# A notebook of Microsoft Fabric with a lakehouse. Fill in the words in capitals',
    `# store the secret once: az keyvault secret set --vault-name VAULT --name ${secret} --file FILE`,
  ],
  secret: (name) => `notebookutils.credentials.getSecret("https://VAULT.vault.azure.net/", "${name}")`,
  shaded: '',
  callbackHandler: `${SECURITY}.oauthbearer.OAuthBearerLoginCallbackHandler`,
  newCell: undefined,
  checkpoints: 'Files/checkpoints',
  table: 'TABLE',
  keyless: [],
}

/** A notebook of Databricks that reads and writes with the Kafka source of Spark Structured Streaming. */
export const databricks = (subject: Subject, connection: Connection): Lines => program(DATABRICKS, subject, connection)

/** The same for Microsoft Fabric. */
export const fabric = (subject: Subject, connection: Connection): Lines => program(FABRIC, subject, connection)

function program(platform: Platform, subject: Subject, connection: Connection): Lines {
  const { entra, sends, listens } = subject
  const secret = entra ? CLIENT_SECRET : secretNameOf(subject.names.string)
  return [
    ...platform.intro(secret),
    ...(entra ? platform.keyless : []),
    ...(entra ? ['tenant_id = "TENANT_ID"', 'client_id = "CLIENT_ID"'] : []),
    `${entra ? 'client_secret' : 'connection_string'} = ${platform.secret(secret)}.strip()`,
    'options = {',
    `    "kafka.bootstrap.servers": "${kafkaOf(connection).servers}",`,
    '    "kafka.security.protocol": "SASL_SSL",',
    ...(entra ? oauth(platform, connection) : plain(platform)).map((option) => `    ${option},`),
    '}',
    ...when(sends, [
      '',
      platform.newCell,
      `events = spark.createDataFrame([('{"hello": "world"}',)], ["value"])`,
      `events.write.format("kafka").options(**options).option("topic", ${subject.hub}).save()`,
    ]),
    ...when(listens, reading(platform, subject)),
  ]
}

const plain = ({ shaded }: Platform): readonly string[] => [
  '"kafka.sasl.mechanism": "PLAIN"',
  `"kafka.sasl.jaas.config": f'${shaded}${plainLogin('{connection_string}')}'`,
]

const oauth = ({ shaded, callbackHandler }: Platform, connection: Connection): readonly string[] => [
  '"kafka.sasl.mechanism": "OAUTHBEARER"',
  `"kafka.sasl.login.callback.handler.class": "${shaded}${callbackHandler}"`,
  `"kafka.sasl.oauthbearer.token.endpoint.url": f"${tokenUrlOf(connection, '{tenant_id}')}"`,
  `"kafka.sasl.jaas.config": f'${shaded}${oauthLogin(connection, '{client_id}', '{client_secret}')}'`,
]

const reading = ({ newCell, checkpoints, table }: Platform, { hub }: Subject): Lines => [
  '',
  newCell,
  '# reads from the last checkpoint, or from the beginning, up to what there is now; leave the trigger out to go on for ever',
  `source = spark.readStream.format("kafka").options(**options).option("subscribe", ${hub})`,
  'events = source.option("startingOffsets", "earliest").load()',
  'bodies = events.selectExpr("CAST(value AS STRING) AS body", "partition", "offset", "timestamp")',
  `stream = bodies.writeStream.option("checkpointLocation", "${checkpoints}/${JSON.parse(hub) as string}")`,
  `stream.trigger(availableNow=True).toTable("${table}").awaitTermination()`,
]

/** The name of a secret for the variable. Key Vault takes letters, digits and hyphens. */
const secretNameOf = (variable: string): string => variable.toLowerCase().replaceAll('_', '-')
