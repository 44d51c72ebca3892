import type { Command } from 'commander';
import type { AcmeOptions } from '../acme-settings.ts';
import { withExamples } from '../examples.ts';
import { EXIT } from '../exit-codes.ts';
import { collect, port } from '../option-values.ts';
import type { Run } from '../session.ts';

export const addCert = (program: Command, run: Run): void => {
  const cert = program.command('cert').summary('list and change certificates');

  const list = cert
    .command('list', { isDefault: true })
    .summary('show the certificates that the edge serves')
    .description(
      'KIND is who made it: `acme` a public authority, `own` you, `local` the authority of this machine, which browsers do not know. ' +
        'NEXT is when Berth renews or fetches it; below the table stands why the last try failed.',
    )
    .option('--json', 'print the list as JSON')
    .action((options: { json?: true }) =>
      run(options, async (session) => {
        const { terminal } = session;
        const answer = await (await session.connect()).call('certificates', {});
        if (session.json) {
          terminal.printJson(answer);
          return;
        }
        const { renderCertificates } = await import('../output/certificates.ts');
        terminal.print(...renderCertificates(answer.certificates, Date.now(), terminal));
      }),
    );
  withExamples(list, [['berth cert', 'what is served, and until when']]);

  addAcme(cert, run);

  const check = cert
    .command('check')
    .summary('whether a host could get a certificate, and what is wrong if not')
    .description(
      'Looks its addresses up, asks each of them on port 80 for something that only Berth knows, and reads CAA records. Asks no certificate of anybody: it may be run as often as you like.',
    )
    .argument('<host>')
    .option('--json', 'print what was found as JSON')
    .action((host: string, options: { json?: true }) =>
      run(options, async (session) => {
        const found = await (await session.connect()).call('checkCertificate', { params: { host } });
        const { renderCheck } = await import('../output/certificates.ts');
        if (session.json) session.terminal.printJson(found);
        else session.terminal.print(...renderCheck(found, session.terminal));
        return found.ok ? EXIT.ok : EXIT.failed;
      }),
    );
  withExamples(check, [['berth cert check shop.example.com', 'DNS, port 80 and CAA']]);

  const renew = cert
    .command('renew')
    .summary('fetch the certificate of a host now')
    .description(
      'Berth does so by itself in time; this is for after something was mended. In effect at once and without a reload.',
    )
    .argument('<host>')
    .option('--json', 'print the certificate as JSON')
    .action((host: string, options: { json?: true }) =>
      run(options, async (session) => {
        if (!session.json) session.terminal.note(session.terminal.style.dim('asking the authority…'));
        const certificate = await (await session.connect()).call('renewCertificate', { params: { host } });
        const { localTime } = await import('../output/quantities.ts');
        if (session.json) session.terminal.printJson(certificate);
        else
          session.terminal.print(
            `${host} has a new certificate of ${certificate.issuer}, until ${localTime(certificate.notAfter)}`,
          );
      }),
    );
  withExamples(renew, [['berth cert renew shop.example.com', 'after its DNS record was corrected']]);

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
    .summary('go back to a certificate that Berth sees to')
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

const addAcme = (cert: Command, run: Run): void => {
  const acme = cert
    .command('acme')
    .summary('choose who gives certificates for public host names')
    .description(
      'Turned on, every public host name of every app gets a certificate of Let’s Encrypt or another authority that speaks ACME, renewed by itself. ' +
        'Setting it agrees to the terms of service of that authority (of Let’s Encrypt: https://letsencrypt.org/repository). ' +
        'Without options it shows what is set; what is not named stays as it is, an empty value takes it away. docs/certificates.md has the rest.',
    )
    .option('--email <address>', 'where the authority writes when something is wrong')
    .option('--no-email', 'give no address')
    .option('--staging', 'the test authority of Let’s Encrypt: no limits to speak of, certificates that browsers refuse')
    .option('--directory <url>', 'letsencrypt (at first), letsencrypt-staging, or the https:// URL of an ACME directory')
    .option('--dns-hook <command>', 'command that writes DNS records, with `present|cleanup DOMAIN NAME VALUE` after its words')
    .option(
      '--wildcard <domain>',
      'one certificate for the domain and all names right below, by the DNS hook; several times',
      collect,
    )
    .option('--resolver <address>', 'DNS server to ask instead of the machine’s')
    .option(
      '--ca <file>',
      'PEM root that the authority’s own TLS is checked against, for authorities of your own; a file on the server with --on',
    )
    .option('--challenge-port <port>', 'port that the authority asks on, for authorities of your own (80)', port)
    .option('--off', 'ask no authority any more; certificates that are there stay until they end')
    .option('--json', 'print what is set as JSON')
    .action((options: AcmeOptions & { json?: true; on?: string }) =>
      run(options, async (session) => {
        const { json: _json, on: _on, ...wanted } = options;
        const { changedAcme } = await import('../acme-settings.ts');
        const client = await session.connect();
        const now = (await client.call('settings', {})).acme;
        const changed = changedAcme(now, wanted, { onServer: session.server !== null });
        const set = changed === undefined ? now : (await client.call('changeSettings', { body: { acme: changed } })).acme;
        const { renderAcme } = await import('../output/certificates.ts');
        if (session.json) session.terminal.printJson({ acme: set });
        else session.terminal.print(...renderAcme(set, session.terminal));
      }),
    );
  withExamples(acme, [
    ['berth cert acme --email you@example.com', 'Let’s Encrypt, for every public name'],
    ['berth cert acme --staging', 'try it out first'],
    ['berth cert acme --dns-hook /etc/berth/dns-hook --wildcard example.com', 'example.com and *.example.com'],
    ['berth cert acme', 'what is set'],
  ]);
};

const readPem = async (path: string): Promise<string> => {
  const { readFile } = await import('node:fs/promises');
  const { fileNotReadable } = await import('../errors.ts');
  return readFile(path, 'utf8').catch((cause) => {
    throw fileNotReadable(path, cause);
  });
};
