import { readPython } from './python.ts'
import { hubOf, when, type Lines, type Subject } from './subject.ts'

/**
 * A program for azure-eventhubs-spark, which clusters with Unity Catalog do not run.
 * https://github.com/Azure/azure-event-hubs-spark: since 2.3.15 the connection string must be encrypted.
 */
export function spark(subject: Subject): Lines {
  const { group, names, sends, listens, addEntityPath } = subject
  return [
    '# spark-submit --packages com.microsoft.azure:azure-eventhubs-spark_2.12:2.3.22 ingest.py',
    listens ? 'import json' : undefined,
    'import os',
    '',
    'from pyspark.sql import SparkSession',
    '',
    'spark = SparkSession.builder.appName("ingest").getOrCreate()',
    `connection_string = ${readPython(names.string)}`,
    addEntityPath
      ? `connection_string += ";EntityPath=" + ${hubOf(subject, readPython)}`
      : `# the string names the hub: ${subject.hub}`,
    'encrypt = spark.sparkContext._jvm.org.apache.spark.eventhubs.EventHubsUtils.encrypt',
    'options = {"eventhubs.connectionString": encrypt(connection_string)}',
    ...when(sends, [
      '',
      `events = spark.createDataFrame([('{"hello": "world"}',)], ["body"])`,
      'events.write.format("eventhubs").options(**options).save()',
    ]),
    ...when(listens, [
      '',
      '# reads from the beginning until stopped',
      `options["eventhubs.consumerGroup"] = ${group}`,
      'options["eventhubs.startingPosition"] = json.dumps(',
      '    {"offset": "-1", "seqNo": -1, "enqueuedTime": None, "isInclusive": True}',
      ')',
      'stream = spark.readStream.format("eventhubs").options(**options).load()',
      'bodies = stream.selectExpr("CAST(body AS STRING) AS body")',
      'bodies.writeStream.format("console").start().awaitTermination()',
    ]),
  ]
}
