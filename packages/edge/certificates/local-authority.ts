import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exec } from '@berth/host';
import { issueFailed } from '../errors.ts';
import type { EdgeFiles } from '../edge-files.ts';
import type { IssueAnswer, IssueRequest, Pair } from './issue.ts';

/** The authority of this home: whoever trusts its root trusts the names that Berth serves without public certificates. */
export type LocalAuthority = {
  readonly rootPath: string;
  /** Makes the root if there is none. */
  ensure(): Promise<void>;
  /** One certificate per list of names. */
  issue(names: readonly (readonly string[])[]): Promise<readonly Pair[]>;
};

export const createLocalAuthority = ({ files, now }: { files: EdgeFiles; now: () => number }): LocalAuthority => {
  const rootPath = join(files.directory, 'authority/root.crt');
  const keyPath = join(files.directory, 'authority/root.key');

  const find = async (): Promise<Pair | null> => {
    const [certificate, key] = await Promise.all([readIfThere(rootPath), readIfThere(keyPath)]);
    return certificate === null || key === null ? null : { certificate, key };
  };

  const run = async (names: readonly (readonly string[])[]): Promise<readonly Pair[]> => {
    const authority = await find();
    const request: IssueRequest = {
      nowMs: now(),
      authority,
      authorityName: `Berth local authority (${hostname()})`.slice(0, 64),
      names,
    };
    const answer = await runIssue(request);
    if (authority === null) {
      // The key first: a root without its key would be taken for missing, and replaced.
      await files.write('authority/root.key', answer.authority.key, 'own');
      await files.write('authority/root.crt', answer.authority.certificate, 'public');
    }
    return answer.certificates;
  };

  return {
    rootPath,
    async ensure() {
      if ((await find()) === null) await run([]);
    },
    issue: run,
  };
};

const runIssue = async (request: IssueRequest): Promise<IssueAnswer> => {
  const program = fileURLToPath(new URL('./issue.ts', import.meta.url));
  const result = await exec([process.execPath, program], { input: JSON.stringify(request), env: {}, timeoutMs: 60_000 });
  if (result.exitCode !== 0) throw issueFailed(result.stderr.slice(-2_000));
  return JSON.parse(result.stdout) as IssueAnswer;
};

const readIfThere = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
