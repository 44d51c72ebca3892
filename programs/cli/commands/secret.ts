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
    .argument('[action]', 'list, set, generate, rotate or unset', 'list')
    .argument('[names...]', 'one name for set, any number for generate, rotate and unset')
    .option('--reveal', 'with list: show the values')
    .option('--value', 'with rotate: the new value is read from standard input or typed, else it is made')
    .option('--finish', 'with rotate: the former value is believed no more')
    .option('--json', 'print the secrets, or the receipt, as JSON')
    .action((app: string, action: string, names: string[], options: Options) =>
      run(options, async (session) => {
        const { usage } = await import('../errors.ts');
        if (!isUnderstood(action, names, options)) {
          throw usage(`berth secret ${app} ${[action, ...names].join(' ')} is not understood`, 'see: berth secret --help');
        }
        if (names.some((name) => name.includes('='))) {
          throw usage(
            'a secret is never given on the command line, where others can see it',
            `pipe it in: berth secret ${app} set NAME < FILE`,
          );
        }
        if (action === 'list') return list(session, app, options.reveal === true);
        const bodies = await changesOf(session, action, names, options);
        const code = await changeInTurn(session, app, bodies);
        if (code === 0 && action === 'rotate' && !options.finish && !session.json) {
          const { note, style } = session.terminal;
          note(style.hint(`the former is believed beside it until: berth secret ${app} rotate ${names.join(' ')} --finish`));
        }
        return code;
      }),
    );
  withExamples(command, [
    ['berth secret shop', 'names, without values'],
    ['berth secret shop set STRIPE_KEY', 'asks for the value, unseen'],
    ['berth secret shop set TLS_KEY < key.pem', 'from a file'],
    ['berth secret shop generate SESSION_SECRET', 'a long random value'],
    ['berth secret shop rotate SESSION_SECRET', 'a new value; the former is believed beside it'],
    ['berth secret shop rotate SESSION_SECRET --finish', 'the former is believed no more'],
    ['berth secret shop list --reveal', 'with values'],
  ]);
};

/** One operation after the other, up to the first that fails: each leaves a state in which the app works. */
const changeInTurn = async (session: Session, app: string, bodies: readonly Changes[]): Promise<number> => {
  const { completeOperation, exitCodeOfOutcome, finishOperation, printOutcome } = await import('../outcome.ts');
  const change = async (body: Changes) => {
    const client = await session.connect();
    return { client, operation: await client.call('changeSecrets', { params: { app }, body }) };
  };
  for (const body of bodies.slice(0, -1)) {
    const { client, operation } = await change(body);
    const { receipt, state } = await completeOperation(session, client, operation);
    if (!receipt.ok) {
      if (session.json) session.terminal.printJson(receipt);
      else await printOutcome(session.terminal, client, receipt);
      return exitCodeOfOutcome(receipt, state);
    }
  }
  const { client, operation } = await change(bodies.at(-1) ?? {});
  return finishOperation(session, client, operation);
};

type Options = { readonly reveal?: true; readonly value?: true; readonly finish?: true; readonly json?: true };

const isUnderstood = (action: string, names: readonly string[], { value, finish }: Options): boolean => {
  if (action !== 'rotate' && (value || finish)) return false;
  if (action === 'list') return names.length === 0;
  if (action === 'set') return names.length === 1;
  if (action === 'rotate' && value) return names.length === 1 && !finish;
  return ['generate', 'rotate', 'unset'].includes(action) && names.length > 0;
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
  const rows = answer.secrets.map(({ name, setAt, generated, isOther, value }) => [
    name,
    localTime(setAt),
    isOther ? 'believed beside it, until rotate --finish' : generated ? 'generated' : 'set',
    ...(reveal ? [value ?? ''] : []),
  ]);
  terminal.print(...renderTable({ head: ['NAME', 'SINCE', 'HOW', ...(reveal ? ['VALUE'] : [])], rows }, terminal));
};

type Changes = {
  readonly set?: Record<string, string | null>;
  readonly generate?: string[];
  readonly offer?: Record<string, string | null>;
  readonly exchange?: string[];
  readonly finish?: string[];
};

/** What is asked for one after the other: an instance must believe the new value before another one uses it. */
const changesOf = async (session: Session, action: string, names: string[], options: Options): Promise<readonly Changes[]> => {
  const [name = ''] = names;
  const withoutValues = Object.fromEntries(names.map((one) => [one, null]));
  if (action === 'generate') return [{ generate: names }];
  if (action === 'unset') return [{ set: withoutValues }];
  if (action === 'set') return [{ set: { [name]: await readValue(session, name) } }];
  if (options.finish) return [{ finish: names }];
  const offer = options.value ? { [name]: await readValue(session, name) } : withoutValues;
  return [{ offer }, { exchange: names }];
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
