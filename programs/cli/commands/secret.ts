import type { Client } from '@berth/protocol';
import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run, Session } from '../session.ts';

export const addSecret = (program: Command, run: Run): void => {
  const command = program
    .command('secret')
    .summary('list and change the secrets of an app')
    .description(
      'Values are encrypted at rest and shown only with --reveal, which is written to the audit log. They are read from standard input or ' +
        'typed unseen, never taken from the command line. A change makes a new release when the app runs.',
    )
    .argument('<app>')
    .argument('[action]', 'list, set, generate or unset', 'list')
    .argument('[names...]', 'one name for set, any number for generate and unset')
    .option('--reveal', 'with list: show the values')
    .option('--json', 'print the secrets, or the receipt, as JSON')
    .action((app: string, action: string, names: string[], options: { reveal?: true; json?: true }) =>
      run(options, async (session) => {
        const { usage } = await import('../errors.ts');
        const isRight = action === 'list' ? names.length === 0 : action === 'set' ? names.length === 1 : names.length > 0;
        if (!isRight || !['list', 'set', 'generate', 'unset'].includes(action)) {
          throw usage(`berth secret ${app} ${[action, ...names].join(' ')} is not understood`, 'see: berth secret --help');
        }
        if (names.some((name) => name.includes('='))) {
          throw usage(
            'a secret is never given on the command line, where others can see it',
            `pipe it in: berth secret ${app} set NAME < FILE`,
          );
        }
        if (action === 'list') return list(session, app, options.reveal === true);
        const body = await changesOf(session, action, names);
        const { finishOperation } = await import('../outcome.ts');
        const client: Client = await session.connect();
        return finishOperation(session, client, await client.call('changeSecrets', { params: { app }, body }));
      }),
    );
  withExamples(command, [
    ['berth secret shop', 'names, without values'],
    ['berth secret shop set STRIPE_KEY', 'asks for the value, unseen'],
    ['berth secret shop set TLS_KEY < key.pem', 'from a file'],
    ['berth secret shop generate SESSION_SECRET', 'a long random value'],
    ['berth secret shop list --reveal', 'with values'],
  ]);
};

const list = async (session: Session, app: string, reveal: boolean): Promise<void> => {
  const { terminal } = session;
  const client = await session.connect();
  const answer = await client.call(reveal ? 'revealSecrets' : 'secrets', { params: { app } });
  if (session.json) {
    terminal.printJson(answer);
    return;
  }
  if (answer.secrets.length === 0) {
    terminal.note(`${app} has no secrets`);
    return;
  }
  const { localTime } = await import('../output/quantities.ts');
  const { renderTable } = await import('../output/table.ts');
  const rows = answer.secrets.map(({ name, setAt, generated, value }) => [
    name,
    localTime(setAt),
    generated ? 'generated' : 'set',
    ...(reveal ? [value ?? ''] : []),
  ]);
  terminal.print(...renderTable({ head: ['NAME', 'SINCE', 'HOW', ...(reveal ? ['VALUE'] : [])], rows }, terminal));
};

type Changes = { readonly set: Record<string, string | null>; readonly generate: string[] };

const changesOf = async (session: Session, action: string, names: readonly string[]): Promise<Changes> => {
  if (action === 'generate') return { set: {}, generate: [...names] };
  if (action === 'unset') return { set: Object.fromEntries(names.map((name) => [name, null])), generate: [] };
  const [name = ''] = names;
  return { set: { [name]: await readValue(session, name) }, generate: [] };
};

const readValue = async ({ terminal }: Session, name: string): Promise<string> => {
  const { usage } = await import('../errors.ts');
  const { askHidden } = await import('../output/prompt.ts');
  const { text } = await import('node:stream/consumers');
  // A file or an `echo` ends with a newline that is not part of the value.
  const value = terminal.input.isTTY
    ? await askHidden(terminal, `Value of ${name}: `)
    : (await text(terminal.input)).replace(/\r?\n$/, '');
  if (value === '')
    throw usage(`no value for ${name} came from standard input`, `pipe it in, or take it away with unset ${name}`);
  return value;
};
