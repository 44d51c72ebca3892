import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { homeLayout } from '@berth/host';
import { readEnv } from './env.ts';
import { createTerminal } from './output/terminal.ts';
import { startDaemon } from './start-daemon.ts';

const REPORT =
  "const report = (line) => require('fs').appendFileSync(process.env.BERTH_START_REPORT, JSON.stringify(line) + '\\n');";

/** Starts a daemon that is this program; it answers once it has written the file `ready`. */
const begin = async (t: TestContext, program: string, settings?: { httpPort: number }) => {
  const root = await mkdtemp(join(tmpdir(), 'berth-start-test-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  // As root a home must be reachable for the users of apps.
  await chmod(root, 0o711);
  const layout = homeLayout(join(root, 'home'));
  const daemon = join(root, 'daemon.cjs');
  await writeFile(
    daemon,
    `${REPORT}\nconst ready = () => require('fs').writeFileSync(${JSON.stringify(join(root, 'ready'))}, '');\n${program}`,
  );
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const env = readEnv({ PATH: process.env.PATH, BERTH_HOME: layout.home });
  const terminal = createTerminal(env, { stdin: process.stdin, stdout, stderr } as unknown as Parameters<
    typeof createTerminal
  >[1]);
  const context = { env, terminal, json: false, daemon, ...(settings && { settings }) };
  const started = startDaemon(context, layout, async () => existsSync(join(root, 'ready')));
  return { started, layout, noted: () => String(stderr.read() ?? '') };
};

test('the start is over when the daemon answers; what it reported was shown', async (t) => {
  const { started, noted } = await begin(t, "report({ progress: 'installing haproxy (apt)' }); setTimeout(ready, 100);");
  await started;
  assert.equal(noted(), '  installing haproxy (apt)\n');
});

test('home and settings are handed over in the environment, never in the arguments', async (t) => {
  const program =
    'console.log(JSON.stringify([process.argv.length, process.cwd(), process.env.BERTH_HOME, process.env.BERTH_SETTINGS])); ready();';
  const { started, layout } = await begin(t, program, { httpPort: 9080 });
  await started;
  assert.deepEqual(JSON.parse(await readFile(layout.log, 'utf8')), [2, '/', layout.home, '{"httpPort":9080}']);
});

test('the error of a daemon that cannot start is the error of the command', async (t) => {
  const error = { code: 'EDGE_PORT_TAKEN', message: 'port 80 is taken', hint: 'stop nginx', fields: { port: 80 } };
  const { started, layout } = await begin(t, `report({ error: ${JSON.stringify(error)} }); process.exit(1);`);
  await assert.rejects(started, {
    code: 'EDGE_PORT_TAKEN',
    hint: 'stop nginx',
    fields: { port: 80, start: 'failed', log: layout.log },
  });
});

test('a daemon that ends without a word is described by the end of its log', async (t) => {
  const { started } = await begin(t, "console.error('out of luck'); process.exit(3);");
  await assert.rejects(started, (error: Error & { code: string }) => {
    assert.equal(error.code, 'PLATFORM_START_FAILED');
    assert.match(error.message, /with code 3[^]*out of luck/);
    return true;
  });
});

test('when another command was faster, its daemon is waited for', async (t) => {
  const program = "report({ error: { code: 'HOME_LOCKED', message: 'locked', hint: 'wait', fields: {} } }); ready();";
  await (await begin(t, program)).started;
});
