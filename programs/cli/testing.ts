/** For tests: the real command as a process, against a platform in memory behind the real API. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { createFakePlatform, type FakeOptions, type FakePlatform } from '../daemon/http/fake-platform.ts';
import { createApi, listenOnSocket } from '../daemon/http/index.ts';
import { readEnv } from './env.ts';

/** Shared by all tests of a run: each command then starts in half the time. */
const COMPILE_CACHE = join(tmpdir(), `berth-cli-test-${process.getuid?.()}`);

const MAIN = join(import.meta.dirname, 'main.ts');

export type Outcome = { readonly code: number | null; readonly out: string; readonly err: string };

export type Running = {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** Resolves when standard output or error holds the text. */
  says(text: string): Promise<void>;
};

export type Stage = {
  readonly home: string;
  readonly platform: FakePlatform;
  /** Runs a command to its end. */
  berth(...words: string[]): Promise<Outcome>;
  berthWith(options: { input?: string; variables?: Record<string, string>; cwd?: string }, ...words: string[]): Promise<Outcome>;
  start(...words: string[]): Running;
  /** A directory with these files. */
  directory(files: Readonly<Record<string, string>>): Promise<string>;
};

export const openStage = async (t: TestContext, options: FakeOptions & { running?: boolean } = {}): Promise<Stage> => {
  const root = await mkdtemp(join(tmpdir(), 'berth-cli-'));
  const home = join(root, 'home');
  await mkdir(join(home, 'run'), { recursive: true });
  const platform = createFakePlatform({ home, ...options });
  const api = createApi(platform, { version: '0.1.0', log: { info: () => {}, error: () => {} } });
  if (options.running !== false) await listenOnSocket(api.server, join(home, 'run', 'berthd.sock'));
  const children = new Set<ChildProcess>();
  t.after(async () => {
    for (const child of children) child.kill('SIGKILL');
    if (options.running !== false) await api.close();
    await rm(root, { recursive: true, force: true });
  });

  const launch = (
    words: readonly string[],
    { variables = {}, cwd = root }: { variables?: Record<string, string>; cwd?: string } = {},
  ) => {
    const env = {
      PATH: readEnv().variables.PATH,
      HOME: root,
      TZ: 'UTC',
      BERTH_HOME: home,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      USER: 'ada',
      SUDO_USER: 'ada',
      ...variables,
    };
    const child = spawn(process.execPath, [MAIN, ...words], { cwd, env, stdio: 'pipe' });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  };

  const start = (...words: string[]): Running => {
    const child = launch(words);
    child.stdin.end();
    let heard = '';
    const waiting = new Set<() => void>();
    const hear = (chunk: Buffer): void => {
      heard += chunk;
      for (const look of waiting) look();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const says = (wanted: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!heard.includes(wanted)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        child.once('close', () => reject(new Error(`it ended without saying "${wanted}": ${heard}`)));
        look();
      });
    return { child, ended: outcomeOf(child), says };
  };

  const berthWith: Stage['berthWith'] = (how, ...words) => {
    const child = launch(words, how);
    child.stdin?.end(how.input ?? '');
    return outcomeOf(child);
  };

  const directory: Stage['directory'] = async (files) => {
    const path = await mkdtemp(join(root, 'app-'));
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), content);
    }
    return path;
  };

  return { home, platform, berth: (...words) => berthWith({}, ...words), berthWith, start, directory };
};

/** A stage on which the app "shop" was deployed once. */
export const openStageWithShop = async (
  t: TestContext,
  options: Parameters<typeof openStage>[1] = {},
): Promise<Stage & { app: string }> => {
  const stage = await openStage(t, options);
  const app = await stage.directory({ 'berth.yaml': MANIFEST, 'server.js': '' });
  const { code, err } = await stage.berth('deploy', app);
  if (code !== 0) throw new Error(`the shop was not deployed: ${err}`);
  return { ...stage, app };
};

const outcomeOf = async (child: ChildProcess): Promise<Outcome> => {
  if (!child.stdout || !child.stderr) throw new Error('started without pipes');
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number | null, out, err };
};

export const MANIFEST = 'app: shop\nservices:\n  web:\n    run: node server.js\nroutes:\n  shop:\n    /: web\n';
