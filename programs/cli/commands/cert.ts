import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addCert = (program: Command, run: Run): void => {
  const cert = program.command('cert').summary('list and change certificates');

  const list = cert
    .command('list', { isDefault: true })
    .summary('show the certificates that the edge serves')
    .option('--json', 'print the list as JSON')
    .action((options: { json?: true }) =>
      run(options, async (session) => {
        const { terminal } = session;
        const answer = await (await session.connect()).call('certificates', {});
        if (session.json) {
          terminal.printJson(answer);
          return;
        }
        const { localTime } = await import('../output/quantities.ts');
        const { renderTable } = await import('../output/table.ts');
        const rows = answer.certificates.map(({ host, kind, notAfter }) => [host, kind, localTime(notAfter)]);
        terminal.print(
          ...(rows.length === 0
            ? ['no certificates yet']
            : renderTable({ head: ['HOST', 'KIND', 'VALID UNTIL'], rows }, terminal)),
        );
      }),
    );
  withExamples(list, [['berth cert', 'what is served, and until when']]);

  const set = cert
    .command('set')
    .summary('use your own certificate for a host')
    .description('In effect at once and without a reload; certificate and key are checked first.')
    .argument('<host>')
    .requiredOption('--chain <file>', 'certificate and intermediates, PEM')
    .requiredOption('--key <file>', 'private key, PEM')
    .option('--json', 'print the certificate as JSON')
    .action((host: string, options: { chain: string; key: string; json?: true }) =>
      run(options, async (session) => {
        const [chain, key] = await Promise.all([readPem(options.chain), readPem(options.key)]);
        const certificate = await (await session.connect()).call('setCertificate', { params: { host }, body: { chain, key } });
        const { localTime } = await import('../output/quantities.ts');
        if (session.json) session.terminal.printJson(certificate);
        else session.terminal.print(`${host} is served with your certificate until ${localTime(certificate.notAfter)}`);
      }),
    );
  withExamples(set, [['berth cert set shop.example.com --chain full.pem --key key.pem', 'bring your own']]);

  const remove = cert
    .command('rm')
    .summary('go back to a certificate of the local authority')
    .argument('<host>')
    .option('--json', 'print what was removed as JSON')
    .action((host: string, options: { json?: true }) =>
      run(options, async (session) => {
        await (await session.connect()).call('removeCertificate', { params: { host } });
        if (session.json) session.terminal.printJson({ removed: host });
        else session.terminal.print(`your certificate for ${host} is no longer used`);
      }),
    );
  withExamples(remove, [['berth cert rm shop.example.com', 'without your own']]);
};

const readPem = async (path: string): Promise<string> => {
  const { readFile } = await import('node:fs/promises');
  const { fileNotReadable } = await import('../errors.ts');
  return readFile(path, 'utf8').catch((cause) => {
    throw fileNotReadable(path, cause);
  });
};
