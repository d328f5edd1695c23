import { AGAIN, passing, trouble, type KnownError } from './known-error.ts'

/** Trouble on the way to Azure, by the codes of Node. https://nodejs.org/api/errors.html#common-system-errors */
export const NETWORK_ERRORS: readonly KnownError[] = [
  {
    code: 'ENOTFOUND',
    why: 'The name {host} cannot be resolved.',
    hint: 'Check the network connection, the VPN, and HTTPS_PROXY.',
    ...trouble,
  },
  {
    code: 'ECONNREFUSED',
    why: 'Nothing answers at {endpoint}.',
    hint: '{start|Check the network connection and HTTPS_PROXY.}',
    ...trouble,
  },
  ...['EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN'].map((code) => ({
    code,
    why: 'There is no way to {host} at the moment.',
    hint: 'Check the network connection, the VPN, and HTTPS_PROXY.',
    ...passing,
  })),
  ...['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'PARSE_ERROR'].map((code) => ({
    code,
    why: 'The connection to {host} broke off.',
    hint: AGAIN,
    ...passing,
  })),
  ...['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'REQUEST_TIMEOUT'].map((code) => ({
    code,
    why: '{host} did not answer in time.',
    hint: 'Check the network connection, the VPN, and HTTPS_PROXY; then run the same command again.',
    ...passing,
  })),
  ...[
    ...['SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_HAS_EXPIRED'],
    ...['ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_NOT_YET_VALID'],
  ].map((code) => ({
    code,
    why: 'The certificate of {host} is not trusted: most likely a proxy opens the connection.',
    hint: "Set NODE_EXTRA_CA_CERTS to a file with your organization's root certificate.",
    ...trouble,
  })),
  {
    code: 'EPROTO',
    why: 'What answers at {endpoint} does not speak TLS: most likely a proxy.',
    hint: 'Check HTTPS_PROXY and ML_INGEST_ARM_ENDPOINT.',
    ...trouble,
  },
]
