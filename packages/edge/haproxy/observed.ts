/** The answers of HAProxy's sockets, as values. */

export type ObservedServer = {
  readonly backend: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly maint: boolean;
  /** Its checks have failed. */
  readonly down: boolean;
};

/** `show servers state`: columns by name, so that a later version may add some. */
export const parseServersState = (answer: string): readonly ObservedServer[] => {
  const lines = answer.split('\n');
  const header =
    lines
      .find((line) => line.startsWith('# '))
      ?.slice(2)
      .split(' ') ?? [];
  return lines
    .filter((line) => /^\d+ /.test(line))
    .map((line) => {
      const columns = line.split(' ');
      const column = (name: string) => columns[header.indexOf(name)] ?? '';
      return {
        backend: column('be_name'),
        name: column('srv_name'),
        address: column('srv_addr'),
        port: Number(column('srv_port')),
        // Bit 0: put into maintenance by the configuration or the admin socket (SRV_ADMF_FMAINT).
        down: column('srv_op_state') === '0',
        maint: (Number(column('srv_admin_state')) & 1) === 1,
      };
    })
    .filter(({ backend }) => backend !== '');
};

/** `show map FILE`: an address, the key, the value. */
export const parseMap = (answer: string): ReadonlyMap<string, string> =>
  new Map(
    answer
      .split('\n')
      .map((line) => line.match(/^0x[0-9a-f]+ (\S+) (.*)$/))
      .filter((match) => match !== null)
      .map(([, key = '', value = '']) => [key, value]),
  );

export type Worker = { readonly pid: number; readonly old: boolean };

/** `show proc` on the master's socket. */
export const parseProcesses = (answer: string): readonly Worker[] => {
  let old = false;
  const workers: Worker[] = [];
  for (const line of answer.split('\n')) {
    if (line.startsWith('# old workers')) old = true;
    else if (line.startsWith('# programs')) break;
    const pid = line.match(/^(\d+)\s+worker\s/)?.[1];
    if (pid !== undefined) workers.push({ pid: Number(pid), old });
  }
  return workers;
};

export type StatRow = Readonly<Record<string, string>>;

/** `show stat`: CSV whose first line names the columns; no field that we read holds a comma. */
export const parseStat = (answer: string): readonly StatRow[] => {
  const [header = '', ...lines] = answer.split('\n').filter((line) => line !== '');
  const names = header.replace(/^# /, '').split(',');
  return lines.map((line) => {
    const values = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
  });
};

/** `show info`: "Name: value" lines. */
export const parseInfo = (answer: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    answer.split('\n').map((line) => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)];
    }),
  );

/** `show sess`: who is connected, and to which backend it was sent. */
export const parseSessions = (answer: string): readonly { source: string; backend: string; frontend: string }[] =>
  answer
    .split('\n')
    .map((line) => line.match(/ src=(\S+) fe=(\S+) be=(\S+)/))
    .filter((match) => match !== null)
    .map(([, source = '', frontend = '', backend = '']) => ({ source, frontend, backend }));

export type HoldCount = { readonly held: number; readonly expired: number; readonly refused: number; readonly waiting: number };

/** `show berth-hold`, of edge.lua. */
export const parseHolds = (answer: string): ReadonlyMap<string, HoldCount> =>
  new Map(
    answer
      .split('\n')
      .map((line) => line.split(' '))
      .filter((columns) => columns.length === 5)
      .map(([service = '', held, expired, refused, waiting]) => [
        service,
        { held: Number(held), expired: Number(expired), refused: Number(refused), waiting: Number(waiting) },
      ]),
  );
