import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addOpen = (program: Command, run: Run): void => {
  const command = program
    .command('open')
    .summary('print the URL of an app, and open it where there is a display')
    .argument('<app>')
    .option('--json', 'print the URLs as JSON, and open nothing')
    .action((app: string, options: { json?: true }) =>
      run(options, async (session) => {
        const { noUrl } = await import('../errors.ts');
        const { terminal, env } = session;
        const { url, urls } = await (await session.connect()).call('app', { params: { app } });
        if (url === null) throw noUrl(app);
        if (session.json) {
          terminal.printJson({ app, url, urls });
          return;
        }
        terminal.print(url);
        if (env.display) await openInBrowser(url, (reason) => terminal.note(`xdg-open did not start: ${reason}`));
      }),
    );
  withExamples(command, [['berth open shop', 'in the browser']]);
};

const openInBrowser = async (url: string, failed: (reason: string) => void): Promise<void> => {
  const { spawn } = await import('node:child_process');
  const browser = spawn('xdg-open', [url], { detached: true, stdio: 'ignore' });
  browser.once('error', (cause) => failed(cause.message));
  browser.unref();
};
