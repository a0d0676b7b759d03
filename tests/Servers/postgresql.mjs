// A PostgreSQL with pgvector on this machine: node postgresql.mjs [folder [port]]. Without a folder its data is in memory; with one it is there after a crash.
// Prints the port, a free one unless it is given, when it is ready; ends when its standard input does.
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

const [folder, port] = process.argv.slice(2)
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
const db = await PGlite.create({ dataDir: folder, extensions: { vector } })
const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: Number(port ?? 0), maxConnections: 8 })
server.addEventListener('listening', (event) => console.log(event.detail.port))
await server.start()
