// A real S3 server on a free port of this machine: prints its address, and ends when its standard input does.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';

const directory = mkdtempSync(join(tmpdir(), 'rftconsole-s3-'));
const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: [{ name: 'data' }, { name: 'other' }] });
const { port } = await server.run();
console.log(`http://127.0.0.1:${port}`);
process.stdin.resume();
process.stdin.on('end', () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
