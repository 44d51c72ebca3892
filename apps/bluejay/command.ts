/** What is done to a site from the command line: `node command.ts COMMAND`, with the environment of the server. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ConfigurationError, createLog, defaultFormat } from '@berth/kit';
import { AccountError } from './accounts/errors.ts';
import { createAdminCommand, resetPasswordCommand } from './accounts/create-admin.ts';
import { type Environment, readEnvironment } from './env.ts';
import { observe } from './metrics.ts';
import { openBluejay, type OpenParts } from './open-bluejay.ts';
import { backUp } from './store/backup.ts';
import { migrate } from './store/migrate.ts';
import { openDatabase } from './store/open-database.ts';
import { transferCommands } from './transfer/commands.ts';
import { TransferError } from './transfer/errors.ts';
import { verifySite } from './verify-site.ts';

/** EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64;

export type CommandInput = {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly parts: OpenParts;
  /** A line for who waits, before the work is done. */
  readonly say: (line: string) => void;
};

/** Gives the lines to print; throws what failed. */
export type Command = {
  readonly usage: string;
  readonly does: string;
  run(input: CommandInput): Promise<readonly string[]>;
};

const COMMANDS: Readonly<Record<string, Command>> = {
  'create-admin': {
    usage: 'create-admin EMAIL NAME [--role admin|editor|author|viewer] [--password-stdin]',
    does: 'makes an account; without --password-stdin it prints a one-time password',
    run: ({ positionals: [email = '', name = ''], values, parts }) =>
      createAdminCommand(parts, {
        email,
        name,
        ...(typeof values['role'] === 'string' && { role: values['role'] }),
        ...(values['password-stdin'] === true && { passwordFrom: process.stdin }),
      }),
  },
  'reset-password': {
    usage: 'reset-password EMAIL',
    does: 'ends all sessions of an account and prints a one-time password',
    run: ({ positionals: [email = ''], parts }) => resetPasswordCommand(parts, email),
  },
  backup: {
    usage: 'backup [DIRECTORY]',
    does: 'writes backup-YYYYMMDD-HHMMSS.db while the site goes on',
    run: async ({ positionals: [directory], parts }) => [
      await backUp(parts.database, { ...(directory !== undefined && { directory }), now: Date.now() }),
    ],
  },
  verify: {
    usage: 'verify',
    does: 'checks the database and that every file of the media library is there',
    run: ({ parts }) => verifySite(parts),
  },
  ...transferCommands,
};

const usage = (): string => {
  const rows = [
    { usage: 'migrate', does: 'brings the database to what this release needs, with a backup before' },
    ...Object.values(COMMANDS),
  ];
  return ['usage: node command.ts COMMAND', '', ...rows.map((row) => `  ${row.usage}\n      ${row.does}`), ''].join('\n');
};

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      role: { type: 'string' },
      'password-stdin': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      'as-published': { type: 'boolean' },
      'with-leads': { type: 'boolean' },
      media: { type: 'string' },
      content: { type: 'string' },
      force: { type: 'boolean' },
    },
  });
  const [name = '', ...rest] = positionals;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined && name !== 'migrate') {
    process.stderr.write(usage());
    process.exitCode = EXIT_USAGE;
    return;
  }
  const env = readEnvironment();
  const log = createLog({ level: 'warn', format: defaultFormat(process.stderr.isTTY) });
  const lines = command === undefined ? await runMigrate(env) : await run(command, { env, log, positionals: rest, values });
  for (const line of lines) process.stdout.write(`${line}\n`);
}

const runMigrate = async (env: Environment): Promise<readonly string[]> => {
  const database = openDatabase(env.databasePath);
  try {
    const { applied, kept, backup } = await migrate(database, {
      log: createLog({ level: 'warn', format: defaultFormat(process.stderr.isTTY) }),
    });
    return [
      ...(backup === null ? [] : [`backup: ${backup}`]),
      ...tally(applied),
      ...kept.map((what) => `kept, though nothing declares it any more: ${what}`),
      ...(applied.length === 0 ? ['nothing to do'] : []),
    ];
  } finally {
    database.close();
  }
};

/** Fourteen of the same are one line. */
const tally = (lines: readonly string[]): readonly string[] =>
  [...Map.groupBy(lines, (line) => line)].map(([line, { length }]) => (length === 1 ? line : `${line} (${length} of them)`));

type Run = Omit<CommandInput, 'parts' | 'say'> & { readonly env: Environment; readonly log: ReturnType<typeof createLog> };

const run = async (command: Command, { env, log, positionals, values }: Run): Promise<readonly string[]> => {
  const { instruments, stop } = observe({ walBytes: () => 0, diskFreeBytes: () => 0, diskBytes: () => 0 });
  stop();
  await using parts = await openBluejay({ env, log, instruments, now: Date.now });
  return await command.run({ positionals, values, parts, say: (line) => void process.stderr.write(`${line}\n`) });
};

await main().catch((error: unknown) => {
  const { code = '', hint = '', message = String(error) } = error as { code?: string; hint?: string; message?: string };
  // What was typed wrong is said in words; the code helps with the rest.
  const isPlain = error instanceof AccountError || error instanceof TransferError || error instanceof ConfigurationError;
  process.stderr.write(
    `bluejay: ${message}${isPlain || code === '' ? '' : ` (${code})`}${hint === '' ? '' : `\n         ${hint}`}\n`,
  );
  process.exitCode = 1;
});
