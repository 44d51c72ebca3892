/** Kolabpad: reads its configuration, opens its documents, serves them, and ends in order. */
import process from 'node:process';
import { ConfigurationError, createHealth, createLog, createShutdown, defaultFormat } from '@berth/kit';
import { type Environment, readEnvironment } from './env.ts';
import { openDocuments } from './live/open-documents.ts';
import { observe } from './metrics.ts';
import { createServer } from './server.ts';
import { StoreError } from './store/errors.ts';
import { openStore } from './store/open-store.ts';

/** EX_CONFIG of sysexits.h: starting again changes nothing. */
const EXIT_CONFIGURATION = 78;
const EXPECTED_STORE_EVENTS: readonly string[] = ['store_migrated', 'store_delete_done'];

function readOrExit(): Environment {
  try {
    return readEnvironment();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`kolabpad: ${error.message}\n`);
    process.exit(EXIT_CONFIGURATION);
  }
}

async function main(): Promise<void> {
  const env = readOrExit();
  const format = env.logFormat === 'auto' ? defaultFormat(process.stdout.isTTY) : env.logFormat;
  const log = createLog({ level: env.logLevel, format, colour: process.stdout.isTTY });
  log.info('Starting Kolabpad server...', { ...env.build });
  for (const { name, message } of env.warnings) log.warn('configuration_warning', { name, message });
  log.info(`Port: ${env.port}`);
  log.info(`Database: ${env.sqliteUri === '' ? 'none, documents are kept in memory only' : env.sqliteUri}`);

  const shutdown = createShutdown({ log, deadlineMs: env.shutdownTimeoutMs + 2_000, exit: (code) => process.exit(code) });
  shutdown.guard(process);
  shutdown.listen(process);
  shutdown.add('announce', 0, () => log.info('Shutting down...'));

  const store = await openStore({
    uri: env.sqliteUri,
    key: env.serverKey,
    now: () => new Date(),
    log: (event, fields) => log[EXPECTED_STORE_EVENTS.includes(event) ? 'info' : 'warn'](event, fields),
  });
  // Asked when somebody reads them, which is after the documents are open.
  const { metrics, instruments, stats, stop } = observe(() => documents.stats(), Date.now);
  const version = env.build.revision ?? env.build.version ?? 'Development';
  const documents = openDocuments({ store, settings: env.live, now: Date.now, log, instruments, version });

  const health = createHealth();
  health.add('documents', () => documents.notReadyReason());
  const app = await createServer({ env, documents, health, metrics, stats: () => stats(documents.stats()), log });
  shutdown.add('listener', 10, () => {
    app.server.close();
    app.server.closeIdleConnections();
  });
  shutdown.add('documents', 20, async () => {
    const flushed = await documents.shutdown(env.shutdownTimeoutMs);
    log.info(`Graceful shutdown complete - flushed ${flushed} documents`, { flushed });
  });
  shutdown.add('rest', 30, () => {
    stop();
    app.server.closeAllConnections();
  });
  await app.listen({ port: env.port, host: env.host });
  log.info(`Listening on :${env.port}`, { host: env.host });
}

await main().catch((error: unknown) => {
  const hint = error instanceof StoreError ? `\n         ${error.hint}` : '';
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  process.stderr.write(`kolabpad: ${message}${code === '' ? '' : ` (${code})`}${hint}\n`);
  process.exit(1);
});
