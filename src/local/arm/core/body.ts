import type { IncomingMessage } from 'node:http'
import { TAG_LIMITS } from '../../../lib/limits.ts'
import { contentTooLarge, invalidContent, gateway, unsupportedMediaType } from './errors.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** Whether a value is a JSON object, and not a list. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isList = (value: unknown): value is readonly Json[] => Array.isArray(value)

/** The object under `key`, or an empty one. */
export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key]
  return isObject(value) ? value : {}
}

/** A copy without the named keys. */
export const without = (object: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))

/** Equal as JSON, whatever the order of keys. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, i) => sameJson(item, b[i]))
  if (!isObject(a) || !isObject(b)) return a === b
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => sameJson(a[key], b[key]))
}

const INT64_MAX = '9223372036854775807'

/** Stands for 2^63-1, which a JavaScript number cannot hold; `toText` writes it as the number. */
export const INT64_MAX_MARK = `int64:${INT64_MAX}`

/** JSON text as the service writes it. */
export const toText = (value: unknown): string => JSON.stringify(value).replaceAll(`"${INT64_MAX_MARK}"`, INT64_MAX)

const MAX_BODY_BYTES = 4 * 1024 * 1024

/** Reads a body of up to 4 MB, the limit of Resource Manager; more is read to its end and refused. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (bytes > MAX_BODY_BYTES) throw contentTooLarge()
  return Buffer.concat(chunks)
}

/**
 * How deep objects and lists may lie in each other. Deeper ones could be read, but not saved: JSON.stringify would run out
 * of stack. The number is the default of the JSON reader of .NET.
 */
const MAX_DEPTH = 64

/** The JSON object in a body; undefined where there is none. Throws ArmError 400 or 415. */
export function parseBody(raw: Buffer, contentType: string | undefined): JsonObject | undefined {
  if (raw.length === 0) return undefined
  const media = (contentType ?? '').split(';')[0]!.trim().toLowerCase()
  if (media !== 'application/json') throw unsupportedMediaType(media)
  const text = raw.toString('utf8').replace(/^\uFEFF/, '')
  refuseDepth(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalidContent((error as Error).message)
  }
  if (!isObject(value)) throw invalidContent('The content is not a JSON object.')
  refuseHugeIntegers(text)
  return value
}

/** Brackets in strings do not count. */
function refuseDepth(text: string): void {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!
    if (character === '"') inString = !inString
    else if (inString) i += character === '\\' ? 1 : 0
    else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    if (depth > MAX_DEPTH) throw invalidContent(`The reader's MaxDepth of ${MAX_DEPTH} has been exceeded.`)
  }
}

/** Integers are read as Int64 by the service. 2^63 is what JavaScript makes of 2^63-1, so a client may well send it. */
function refuseHugeIntegers(text: string): void {
  for (const [, digits] of text.matchAll(/"messageRetentionInDays"\s*:\s*(\d{19,40})\s*[,}]/g)) {
    if (BigInt(digits!) > 2n ** 63n - 1n) throw invalidContent(`JSON integer ${digits} is too large for an Int64.`)
  }
}

/**
 * Tags as sent, or undefined when none were. Throws ArmError 400 on what Azure refuses.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations
 */
export function readTags(value: Json | undefined): JsonObject | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw invalidContent("Error converting value to tags. Path 'tags'.")
  const tags = Object.entries(value)
  if (tags.length > TAG_LIMITS.count) {
    throw gateway(400, 'TooManyTags', `The number of tags exceeds the limit of '${TAG_LIMITS.count}'.`)
  }
  for (const [name, text] of tags) checkTag(name, text)
  const names = new Set(tags.map(([name]) => name.toLowerCase()))
  if (names.size < tags.length) throw gateway(400, 'DuplicateTagNames', 'Tag names are not case-sensitive.')
  return value
}

function checkTag(name: string, value: Json): void {
  if (typeof value !== 'string') throw invalidContent(`Error reading string. Path 'tags.${name}'.`)
  if (name === '' || name.length > TAG_LIMITS.nameLength) {
    throw gateway(
      400,
      'InvalidTagNameLength',
      `The tag name '${name}' must have 1 to ${TAG_LIMITS.nameLength} characters.`,
    )
  }
  if ([...TAG_LIMITS.forbiddenInName].some((one) => name.includes(one))) {
    throw gateway(
      400,
      'InvalidTagNameCharacters',
      `The tag names '${name}' have reserved characters '<,>,%,&,\\,?,/' or control characters.`,
    )
  }
  if (value.length > TAG_LIMITS.valueLength) {
    throw gateway(
      400,
      'InvalidTagValueLength',
      `The value of tag '${name}' exceeds ${TAG_LIMITS.valueLength} characters.`,
    )
  }
}
