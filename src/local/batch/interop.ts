import { isAscii, isUtf8 } from 'node:buffer'
import {
  bodyBytes,
  contentOfVariable,
  readStoredSections,
  SECTION,
  type Section,
  soleBodyStart,
} from '../encoding/message.ts'
import { AmqpReader } from '../encoding/reader.ts'
import {
  encodeBinary,
  encodeList,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  encodeTimestamp,
  NULL,
} from '../encoding/writer.ts'
import type { EventToStore, StoredEvent } from '../log/record.ts'
import type { KafkaContent, KafkaHeader } from './records.ts'

/*
 * An event has one body, one set of properties and one key in both protocols; how each is spelled in the other is from
 * https://github.com/Azure/azure-event-hubs-for-kafka/tree/master/tutorials/interop
 */

/**
 * The annotation that holds the Kafka key. It is not the partition key:
 * https://github.com/Azure/azure-event-hubs-for-kafka/issues/114
 */
const KAFKA_KEY = 'x-opt-kafka-key'
const KAFKA_KEY_NAME = encodeSymbol(KAFKA_KEY)

/** One of AMQP's own properties that is text for Kafka. */
interface TextProperty {
  /** Its place in the properties section (AMQP 1.0 part 3, section 3.2.4). */
  readonly place: number
  /** Undefined for bytes that the property cannot hold. */
  encode(text: Buffer): Buffer | undefined
}

const string = (text: Buffer) => (isUtf8(text) ? encodeString(text.toString('utf8')) : undefined)
const symbol = (text: Buffer) => (isAscii(text) ? encodeSymbol(text.toString('ascii')) : undefined)
const timestamp = (text: Buffer) => {
  const date = new Date(text.toString('latin1'))
  return isTime(date) && text.equals(Buffer.from(date.toISOString())) ? encodeTimestamp(date.getTime()) : undefined
}
const isTime = (date: Date): boolean => !Number.isNaN(date.getTime())

const TEXT_PROPERTIES: ReadonlyMap<string, TextProperty> = new Map([
  ['message-id', { place: 0, encode: string }],
  ['user-id', { place: 1, encode: encodeBinary }],
  ['to', { place: 2, encode: string }],
  ['reply-to', { place: 4, encode: string }],
  ['content-type', { place: 6, encode: symbol }],
  ['content-encoding', { place: 7, encode: symbol }],
  ['creation-time', { place: 9, encode: timestamp }],
])
const NAME_OF_PLACE: ReadonlyMap<number, string> = new Map(
  [...TEXT_PROPERTIES].map(([name, { place }]) => [place, name]),
)

/** How to read what was checked when it came. */
const STORED = { stored: true }
const NO_BYTES: Buffer = Buffer.alloc(0)
const NO_ANNOTATIONS: readonly Buffer[] = []
const NO_HEADERS: readonly KafkaHeader[] = []

/** The event that readers of AMQP get of a record. */
export function eventOf({ key, value, headers }: KafkaContent): EventToStore {
  const body = encodeSection(SECTION.data, encodeBinary(value ?? NO_BYTES))
  return {
    partitionKey: undefined,
    header: NO_BYTES,
    annotations: key === null ? NO_ANNOTATIONS : [Buffer.concat([KAFKA_KEY_NAME, encodeBinary(key)])],
    bare: headers.length === 0 ? body : Buffer.concat([...encodeHeaders(headers), body]),
  }
}

/** The properties section, if any, and the application properties. A map holds each name once: the last value counts. */
function encodeHeaders(headers: readonly KafkaHeader[]): readonly Buffer[] {
  const properties: Buffer[] = []
  const others: Buffer[] = []
  for (const [name, value] of new Map(headers.map((header) => [header.key, header.value]))) {
    const known = TEXT_PROPERTIES.get(name)
    const property = value === null ? undefined : known?.encode(value)
    if (known && property) properties[known.place] = property
    else others.push(encodeString(name), value === null ? NULL : encodeBinary(value))
  }
  return [
    ...(properties.length === 0
      ? []
      : [encodeSection(SECTION.properties, encodeList(Array.from(properties, (property) => property ?? NULL)))]),
    ...(others.length === 0 ? [] : [encodeSection(SECTION.applicationProperties, encodeMap(others))]),
  ]
}

/** The record that readers of Kafka get of an event. */
export function contentOf({ annotationCount, annotations, bare }: StoredEvent): KafkaContent {
  const key = annotationCount === 0 ? null : findKey(annotations)
  const bodyStart = soleBodyStart(bare)
  if (bodyStart !== undefined) return { key, value: bare.subarray(bodyStart), headers: NO_HEADERS }
  const headers: KafkaHeader[] = []
  const sections = readStoredSections(bare)
  for (const section of sections) {
    if (section.code === SECTION.properties) readProperties(bare, section, headers)
    else if (section.code === SECTION.applicationProperties) readApplicationProperties(bare, section, headers)
  }
  return { key, value: bodyBytes(bare, sections), headers }
}

function findKey(annotations: Buffer): Buffer | null {
  const reader = new AmqpReader(annotations, 0, annotations.length, STORED)
  while (!reader.done) {
    const name = reader.read()
    const value = reader.encoded()
    if (name === KAFKA_KEY) return contentOfVariable(value) ?? null
  }
  return null
}

function readProperties(bare: Buffer, { valueStart, end }: Section, headers: KafkaHeader[]): void {
  const reader = new AmqpReader(bare, valueStart, end, STORED)
  reader.compound(reader.constructorCode(), (place) => {
    const encoded = reader.encoded()
    const key = NAME_OF_PLACE.get(place)
    if (key !== undefined && encoded[0] !== NULL[0]) headers.push({ key, value: textOf(encoded) })
  })
}

function readApplicationProperties(bare: Buffer, { valueStart, end }: Section, headers: KafkaHeader[]): void {
  const reader = new AmqpReader(bare, valueStart, end, STORED)
  let name: unknown
  reader.compound(reader.constructorCode(), (index) => {
    if (index % 2 === 0) name = reader.read()
    else {
      const encoded = reader.encoded()
      // AMQP allows strings alone as names. Any other has no place in Kafka.
      if (typeof name === 'string') headers.push({ key: name, value: headerValueOf(name, encoded) })
    }
  })
}

function headerValueOf(name: string, encoded: Buffer): Buffer | null {
  if (encoded[0] === NULL[0]) return null
  const isBinary = encoded[0] === 0xa0 || encoded[0] === 0xb0
  return isBinary || TEXT_PROPERTIES.has(name) ? textOf(encoded) : encoded
}

/** Texts and bytes are as they are, other scalars are spelled; a value that has no spelling stays encoded. */
function textOf(encoded: Buffer): Buffer {
  const content = contentOfVariable(encoded)
  if (content) return content
  const value = new AmqpReader(encoded, 0, encoded.length, STORED).read()
  if (value instanceof Date) return isTime(value) ? Buffer.from(value.toISOString()) : encoded
  const isScalar = ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
  return isScalar ? Buffer.from(String(value as string | number | bigint | boolean)) : encoded
}
