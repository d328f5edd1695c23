import { API_VERSIONS } from './apis/session.ts'
import { KafkaReader, KafkaWriter } from './bytes.ts'
import {
  type Api,
  type Codec,
  compileFields,
  type Fields,
  int16,
  int32,
  nullable,
  type ReadOf,
  type RequestOf,
  type ResponseOf,
  string,
} from './codec.ts'
import type { Frame } from './frames.ts'

/** https://kafka.apache.org/protocol.html#protocol_messages: the name of the client is as before in flexible versions. */
const HEAD = { apiKey: int16, version: int16, correlationId: int32, clientId: nullable(string) }
export type Head = ReadOf<typeof HEAD>

interface Compiled {
  readonly request: Codec<unknown, never>
  readonly response: Codec<unknown, never>
}

/** Reads requests and writes answers. What it needs for an API in one version it makes when it first meets it. */
export class Messages {
  readonly #reader = new KafkaReader()
  readonly #writer = new KafkaWriter()
  readonly #head = compileFields(HEAD, { version: 1, isFlexible: false })
  readonly #compiled = new Map<string, Compiled>()

  /** Begins with a request. Throws MalformedRequest. */
  readHead({ bytes, start, end }: Frame): Head {
    this.#reader.open(bytes, start, end)
    return this.#head.read(this.#reader)
  }

  /** The body of the request whose head was read last. Throws MalformedRequest. */
  readBody<Q extends Fields, A extends Fields>(api: Api<Q, A>, { version }: Head): RequestOf<Api<Q, A>> {
    if (isFlexible(api, version)) this.#reader.skipTags()
    return this.#of(api, version).request.read(this.#reader) as RequestOf<Api<Q, A>>
  }

  /** An answer in parts, with its length. Its head is flexible where its body is, but for the first that a client hears. */
  write<Q extends Fields, A extends Fields>(
    api: Api<Q, A>,
    { version, correlationId }: Pick<Head, 'version' | 'correlationId'>,
    response: ResponseOf<Api<Q, A>>,
  ): readonly Buffer[] {
    try {
      this.#writer.int32(correlationId)
      if (isFlexible(api, version) && api.key !== API_VERSIONS.key) this.#writer.varint(0)
      this.#of(api, version).response.write(this.#writer, response as never)
      return this.#writer.finish()
    } finally {
      this.#writer.clear()
    }
  }

  /** An answer without a head: the bytes of a mechanism of SASL. */
  writeToken(bytes: Buffer): readonly Buffer[] {
    this.#writer.put(bytes)
    return this.#writer.finish()
  }

  #of(api: Pick<Api, 'key' | 'flexible'> & { readonly request: Fields; readonly response: Fields }, version: number) {
    const key = `${api.key} ${version}`
    const known = this.#compiled.get(key)
    if (known) return known
    const layout = { version, isFlexible: isFlexible(api, version) }
    const made = { request: compileFields(api.request, layout), response: compileFields(api.response, layout) }
    this.#compiled.set(key, made)
    return made
  }
}

const isFlexible = ({ flexible }: Pick<Api, 'flexible'>, version: number): boolean => version >= (flexible ?? Infinity)
