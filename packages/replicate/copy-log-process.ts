/**
 * Copies the log of a database into its file: `node copy-log-process.ts DATABASE`. Says "ready", and begins when it hears
 * anything on stdin; ends when that is closed before. No commit waits for it, and it may be killed at any moment. Ends with 1 and
 * what SQLite said on stderr where it could not.
 */
import { once } from 'node:events';
import { Connections } from './connections.ts';

try {
  const connections = new Connections(process.argv[2] ?? '');
  // Readers that have read close last, so that the log stays where it is even if nobody else has the database open any more.
  connections.hold();
  connections.release();
  connections.openCheckpointer();
  process.stdout.write('ready');
  const isWanted = await Promise.race([
    once(process.stdin, 'data').then(() => true),
    once(process.stdin, 'end').then(() => false),
  ]);
  if (isWanted) connections.checkpointPassive();
  connections.close();
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  process.stdin.destroy();
}
