import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { port } from '../option-values.ts';
import { EXIT } from '../exit-codes.ts';
import type { AddOptions } from '../server/add.ts';
import type { RemoveOptions } from '../server/remove.ts';
import type { Run } from '../session.ts';

export const addServer = (program: Command, run: Run): void => {
  const server = program.command('server').summary('make servers of machines, and know them by name');

  const add = server
    .command('add')
    .summary('make a server of a bare Debian or Ubuntu machine, over SSH')
    .description(
      'Looks at the machine first and says what it will do, then brings Berth there as one file, starts it under systemd, answers on ports 80 and 443, ' +
        'and hardens the host. Keys, agent, ~/.ssh/config and known hosts are those of your own ssh; passwords are not used. ' +
        'Run again at any time: what is as it should be stays, the rest is repaired and said.',
    )
    .argument('<host>', 'root@HOST, or a user with passwordless sudo; names of ~/.ssh/config work')
    .option('--name <name>', 'what to call it; the first part of its host name if left out')
    .option('--dry-run', 'only look, and say what would be done; nothing is changed')
    .option('--remember', 'Berth is there already and stays as it is: only know it here by its name')
    .option('-y, --yes', 'do not ask')
    .option('--domain <name>', 'domain below which apps get their names')
    .option('--email <address>', 'whom the certificate authority writes to before a certificate ends')
    .option('--no-harden', 'leave firewall, sshd and updates as they are')
    .option('-p, --ssh-port <port>', 'port of its SSH server', port)
    .option('-i, --identity <file>', 'private key to use, and no other')
    .option('-J, --jump <host>', 'reach it through this host, as in ssh -J')
    .option('--accept-host-key <fingerprint>', 'SHA256:… of its key, compared already; asked for otherwise')
    .option('--artifact <file>', 'bring this file instead of one made from this clone (npm run artifact)')
    .option('--json', 'print what happens as JSON, a line each')
    .action((host: string, options: AddOptions & { json?: true }) =>
      run(options, async (session) => (await import('../server/add.ts')).addServer(session, host, options)),
    );
  withExamples(add, [
    ['berth server add root@203.0.113.7 --dry-run', 'look first'],
    [
      'berth server add root@203.0.113.7 --name shop --domain example.com --email ops@example.com',
      'a server for shop.example.com',
    ],
    ['berth server add admin@10.0.0.7 -J bastion.example.com', 'through a jump host, with sudo'],
  ]);

  const list = server
    .command('ls')
    .summary('list the servers that are known here')
    .option('--json', 'print the list as JSON')
    .action((options: { json?: true }) =>
      run(options, async ({ env, terminal, json }) => {
        const { readServers } = await import('../server/servers-file.ts');
        const { renderServers } = await import('../output/server.ts');
        const known = readServers(env);
        if (json) terminal.printJson(known);
        else terminal.print(...renderServers(known, terminal));
      }),
    );
  withExamples(list, [['berth server ls', 'all of them, and which one is the default']]);

  const status = server
    .command('status')
    .summary('ask servers how they are')
    .description(
      'Of one server, or of all: whether it is reached, what is installed, how berthd, edge and apps are, what is free, and when certificates end.',
    )
    .argument('[name]')
    .option('--json', 'print what they say as JSON')
    .action((name: string | undefined, options: { json?: true }) =>
      run(options, async (session) => {
        const { getServer, readServers } = await import('../server/servers-file.ts');
        const { readStatus } = await import('../server/status.ts');
        const { renderServers, renderServerStatus } = await import('../output/server.ts');
        const known = readServers(session.env);
        const servers = name === undefined ? known.servers : [getServer(session.env, name)];
        const all = await Promise.all(servers.map((one) => readStatus(session, one)));
        const { terminal } = session;
        if (session.json) terminal.printJson({ servers: all });
        else if (all.length === 0) terminal.print(...renderServers(known, terminal));
        else for (const one of all) terminal.print(...renderServerStatus(one, terminal, Date.now()));
        return all.every(({ error }) => error === null) ? EXIT.ok : EXIT.platform;
      }),
    );
  withExamples(status, [
    ['berth server status', 'all servers'],
    ['berth server status shop --json', 'one of them, for a script; the exit code is 5 when it is not well'],
  ]);

  const use = server
    .command('use')
    .summary('choose the server that commands act on')
    .description(
      'From then on commands without --on act on it, and say so. `local` brings them back to this machine; `--on local` does so once.',
    )
    .argument('<name>', 'a server, or local')
    .option('--json', 'print the choice as JSON')
    .action((name: string, options: { json?: true }) =>
      run(options, async ({ env, terminal, json }) => {
        const { getServer, readServers, writeServers } = await import('../server/servers-file.ts');
        const { LOCAL } = await import('../server/placement.ts');
        const chosen = name === LOCAL ? null : getServer(env, name).name;
        await writeServers(env, { ...readServers(env), default: chosen });
        if (json) terminal.printJson({ default: chosen });
        else
          terminal.print(
            chosen === null ? 'commands act on this machine' : `commands act on ${chosen}; on this machine with --on local`,
          );
      }),
    );
  withExamples(use, [
    ['berth server use shop', 'berth ps is then about shop'],
    ['berth server use local', 'back to this machine'],
  ]);

  const remove = server
    .command('rm')
    .summary('take Berth off a server, and forget it')
    .description(
      'Stops all apps, edge and daemon, and removes units, programs and the berth command. Apps’ data in /var/lib/berth and their users stay unless ' +
        '--purge is given, hardening unless --undo-hardening is, and so do system packages. Asks first.',
    )
    .argument('<name>')
    .option('--forget', 'only forget it here; on the server everything goes on')
    .option('--purge', 'delete /var/lib/berth too: apps, their data, keys and certificates')
    .option('--undo-hardening', 'firewall, sshd and the rest as they were before')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print what was removed and kept as JSON; with --yes')
    .action((name: string, options: RemoveOptions & { json?: true }) =>
      run(options, async (session) => (await import('../server/remove.ts')).removeServer(session, name, options)),
    );
  withExamples(remove, [
    ['berth server rm shop', 'asks; the data stays there'],
    ['berth server rm shop --purge --undo-hardening', 'the machine as it was'],
    ['berth server rm shop --forget', 'the server goes on'],
  ]);

  addHidden(server, run);
};

/** What runs on servers, and nobody types. */
const addHidden = (server: Command, run: Run): void => {
  server
    .command('install', { hidden: true })
    .description('What server add runs on the server itself.')
    .option('--domain <name>')
    .option('--email <address>')
    .option('--no-harden')
    .option('--confirmed-elsewhere', 'somebody answers what has to be confirmed over a new connection')
    .option('--json')
    .action((options: { domain?: string; email?: string; harden: boolean; confirmedElsewhere?: true; json?: true }) =>
      run(options, async ({ env, terminal }) => {
        const { installServer } = await import('../server/install/install.ts');
        const { domain = null, email = null, harden } = options;
        const wish = { domain, email, harden, confirmedElsewhere: options.confirmedElsewhere === true };
        await installServer(wish, {
          uid: env.uid,
          path: env.variables.PATH ?? '',
          sshConnection: env.variables.SSH_CONNECTION ?? '',
          tell: (event) => terminal.printJson(event),
        });
      }),
    );

  server
    .command('pipe <socket>', { hidden: true })
    .description('What --on runs on the server for a user who is not root.')
    .action((socket: string) =>
      run({}, async ({ terminal }) => {
        const { pipeToSocket } = await import('../server/socket-pipe.ts');
        await pipeToSocket(socket, terminal.input, terminal.out);
      }),
    );

  server
    .command('uninstall', { hidden: true })
    .description('What server rm runs on the server itself.')
    .option('--purge')
    .option('--undo-hardening')
    .option('--json')
    .action((options: { purge?: true; undoHardening?: true; json?: true }) =>
      run(options, async (session) => {
        const { uninstallServer } = await import('../server/install/uninstall.ts');
        const wish = { purge: options.purge === true, undoHardening: options.undoHardening === true };
        session.terminal.printJson(await uninstallServer(session, wish));
      }),
    );
};
