import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { createServer } from 'node:tls'

/** TLS before a port, for clients that know nothing else. Needs openssl. */
export interface TlsFront {
  readonly port: number
  /** The file that makes a client trust it. */
  readonly certificate: string
  close(): void
}

export async function startTlsFront(behind: number, folder: string): Promise<TlsFront> {
  const [key, certificate] = [`${folder}/key-${behind}.pem`, `${folder}/certificate-${behind}.pem`]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2', '-nodes']
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  })
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (socket) => {
    const through = connect(behind, '127.0.0.1')
    socket.pipe(through).pipe(socket)
    socket.on('error', () => undefined).on('close', () => through.resume().end())
    through.on('error', () => undefined).on('close', () => socket.resume().end())
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return { port: (server.address() as AddressInfo).port, certificate, close: () => server.close() }
}
