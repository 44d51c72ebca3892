/** Bluejay: reads its configuration, opens its database, serves the site, and ends in order. */
import { statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { ConfigurationError, createHealth, createLog, createShutdown, defaultFormat } from '@berth/kit';
import { type Environment, readEnvironment } from './env.ts';
import { startChores } from './chores.ts';
import { observe } from './metrics.ts';
import { openBluejay } from './open-bluejay.ts';
import { createServer } from './server.ts';

/** EX_CONFIG of sysexits.h: starting again changes nothing. */
const EXIT_CONFIGURATION = 78;
/** Less, and a save may fail half way. */
const LEAST_FREE_BYTES = 32 * 2 ** 20;

function readOrExit(): Environment {
  try {
    return readEnvironment();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`bluejay: ${error.message}\n`);
    process.exit(EXIT_CONFIGURATION);
  }
}

async function main(): Promise<void> {
  const env = readOrExit();
  const format = env.logFormat === 'auto' ? defaultFormat(process.stdout.isTTY) : env.logFormat;
  const log = createLog({ level: env.logLevel, format, colour: process.stdout.isTTY });
  for (const { name, message } of env.warnings) log.warn('configuration_warning', { name, message });
  log.info('starting server', { port: env.port, ...env.build });

  const shutdown = createShutdown({ log, deadlineMs: env.shutdownTimeoutMs + 2_000, exit: (code) => process.exit(code) });
  shutdown.guard(process);
  shutdown.listen(process);
  shutdown.add('announce', 0, () => log.info('shutting down server'));

  const directory = path.dirname(path.resolve(env.databasePath));
  const { metrics, instruments, stop } = observe({
    walBytes: () => statSync(`${env.databasePath}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    diskFreeBytes: () => bytesOf(directory, 'bavail'),
    diskBytes: () => bytesOf(directory, 'blocks'),
  });
  const parts = await openBluejay({ env, log, instruments, now: Date.now });
  const health = createHealth();
  health.add('database', () => {
    // Whether it could be written, without writing anything.
    parts.database.exec('BEGIN IMMEDIATE; ROLLBACK');
    return null;
  });
  health.add('disk', () => (bytesOf(directory, 'bavail') < LEAST_FREE_BYTES ? 'the disk is full' : null));
  health.add('running', () => (shutdown.signal.aborted ? 'shutting down' : null));
  const { server, bluejay } = await createServer({ ...parts, health, metrics });
  const chores = startChores(bluejay);

  shutdown.add('listener', 10, async () => {
    const late = setTimeout(() => server.server.closeAllConnections(), env.shutdownTimeoutMs);
    await server.close();
    clearTimeout(late);
  });
  shutdown.add('chores', 20, async () => {
    await chores[Symbol.asyncDispose]();
  });
  shutdown.add('database', 30, async () => {
    stop();
    await parts[Symbol.asyncDispose]();
    log.info('server stopped');
  });
  // The first look over a large site takes a second, which no visitor shall wait.
  await parts.media.publish();
  const address = await server.listen({ port: env.port, host: env.host });
  log.info('listening', { address });
}

const bytesOf = (directory: string, what: 'bavail' | 'blocks'): number => {
  const disk = statfsSync(directory);
  return disk[what] * disk.bsize;
};

await main().catch((error: unknown) => {
  const { code = '', hint = '', message = String(error) } = error as { code?: string; hint?: string; message?: string };
  process.stderr.write(`bluejay: ${message}${code === '' ? '' : ` (${code})`}${hint === '' ? '' : `\n         ${hint}`}\n`);
  process.exit(1);
});
