/** What is brought to a server, made from this clone once, or a file that was made elsewhere. */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exec } from '@berth/host';
import type { CliEnv } from '../env.ts';
import { artifactFailed, artifactToolMissing, artifactUnusable } from './errors.ts';

export type Artifact = {
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 of its SHA256SUMS. */
  readonly hash: string;
  /** `0.1.0-7374e45a`: the directory below /usr/lib/berth. */
  readonly id: string;
  readonly version: string;
  readonly machine: string;
};

const TOOL = join(import.meta.dirname, '../../../tools/artifact/main.ts');

/** `machine`: linux-x64 or linux-arm64. Throws ARTIFACT_*. */
export const makeArtifact = async (env: CliEnv, machine: string): Promise<Artifact> => {
  if (!existsSync(TOOL)) throw artifactToolMissing();
  const made = await exec([process.execPath, TOOL, '--machine', machine, '--json'], { env: env.variables, timeoutMs: 600_000 });
  const answer = parseLast(made.stdout);
  if (answer?.error !== undefined) throw artifactFailed(answer.error.message, answer.error.hint);
  if (made.exitCode !== 0 || answer?.file === undefined)
    throw artifactFailed(`the artifact was not made: ${made.stderr.trim().split('\n').at(-1)}`, 'see why with: npm run artifact');
  return answer as Artifact;
};

type Answer = Partial<Artifact> & { readonly error?: { readonly message: string; readonly hint: string } };

const parseLast = (text: string): Answer | undefined => {
  const line = text.trim().split('\n').at(-1) ?? '';
  return line.startsWith('{') ? (JSON.parse(line) as Answer) : undefined;
};

/** Of a file that was made elsewhere. Throws ARTIFACT_UNUSABLE. */
export const readArtifact = async (path: string, machine: string): Promise<Artifact> => {
  const file = resolve(path);
  if (!existsSync(file)) throw artifactUnusable(file, 'there is no such file');
  const read = async (name: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await exec(['tar', '-xzOf', file, name], { timeoutMs: 120_000 });
    if (exitCode !== 0) throw artifactUnusable(file, stderr.trim().split('\n')[0] ?? 'tar cannot read it');
    return stdout;
  };
  const [about, sums] = [JSON.parse(await read('VERSION')) as Partial<Artifact>, await read('SHA256SUMS')];
  if (about.machine !== machine || about.version === undefined)
    throw artifactUnusable(file, `it is for ${about.machine ?? 'nothing'}, and the server is ${machine}`);
  const hash = createHash('sha256').update(sums).digest('hex');
  const { version } = about;
  return { file, bytes: statSync(file).size, hash, id: `${version}-${hash.slice(0, 8)}`, version, machine };
};
