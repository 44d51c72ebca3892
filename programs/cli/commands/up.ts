import type { PlatformSettings } from '@berth/protocol';
import { type Command, Option } from 'commander';
import { withExamples } from '../examples.ts';
import { collect, port } from '../option-values.ts';
import type { Run } from '../session.ts';

type Options = {
  detach?: true;
  http?: number;
  https?: number;
  bind?: string[];
  domain?: string;
  tls?: 'off';
  trustedProxy?: string[];
  redactQuery?: string[];
  json?: true;
};

export const addUp = (program: Command, run: Run): void => {
  const command = program
    .command('up')
    .summary('start the platform, and deploy apps to it')
    .description(
      'Starts the platform where it does not run, deploys the given apps, prints what runs where, and follows it. Ctrl-C then stops everything ' +
        'that this command started; a platform that ran before goes on. Settings are kept until they are changed.',
    )
    .argument('[dir...]', 'directories of apps, each with a berth.yaml')
    .option('-d, --detach', 'leave it running in the background')
    .option('--http <port>', 'port for HTTP (8080 at first)', port)
    .addOption(new Option('--https <port>', 'port for HTTPS (8443 at first)').argParser(port).conflicts('tls'))
    .option('--bind <address>', 'address to listen on, can be given several times (loopback at first)', collect)
    .option('--domain <name>', 'domain below which apps get their names (localhost at first)')
    .addOption(
      new Option('--tls <mode>', '"off" behind a tunnel or a proxy that ends TLS; --https brings it back').choices(['off']),
    )
    .option('--trusted-proxy <cidr>', 'whose X-Forwarded-For is believed, can be given several times', collect)
    .option('--redact-query <name>', 'query parameter kept out of access logs, can be given several times', collect)
    .option('--json', 'print what runs where as JSON')
    .action((directories: string[], options: Options) =>
      run(options, async (session) => {
        const { bringUp } = await import('../bring-up.ts');
        return bringUp(session, { directories, settings: settingsOf(options), detach: options.detach === true });
      }),
    );
  withExamples(command, [
    ['berth up .', 'the app in this directory, until Ctrl-C'],
    ['berth up shop blog --detach', 'two apps, in the background'],
    ['berth up --detach --bind 0.0.0.0 --http 80 --https 443 --domain example.com', 'a server that others reach'],
    ['berth up . --tls off', 'behind a tunnel'],
  ]);
};

const settingsOf = (options: Options): Partial<PlatformSettings> => ({
  ...(options.http !== undefined && { httpPort: options.http }),
  ...(options.https !== undefined && { httpsPort: options.https }),
  ...(options.tls === 'off' && { httpsPort: null }),
  ...(options.bind && { addresses: options.bind }),
  ...(options.domain !== undefined && { domain: options.domain }),
  ...(options.trustedProxy && { trustedProxies: options.trustedProxy }),
  ...(options.redactQuery && { redactQuery: options.redactQuery }),
});
