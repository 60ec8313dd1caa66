import { createServer, type Server } from 'node:http'
import { SwarmpadError } from '../base/errors'

/**
 * Serves `text` at /metrics on the loopback interface. Port 0 selects a free port. Rejects with PORT_UNUSABLE if
 * the port is in use.
 */
export async function serveMetrics(port: number, text: () => string): Promise<Server> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url === '/metrics'
    response.writeHead(found ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
    response.end(found ? text() : 'See /metrics\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(new SwarmpadError('PORT_UNUSABLE', { port })))
    server.listen(port, '127.0.0.1', resolve)
  })
  // With no file descriptor left, a client gets no answer and can retry.
  server.on('error', () => undefined)
  return server
}
