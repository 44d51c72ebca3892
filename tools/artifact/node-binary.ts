/** The Node that the artifact brings: the one of this clone, or that of another kind of machine from the registry. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ArtifactError } from './contents.ts';
import { lockedVersion } from './lockfile.ts';

/** As Node calls them: `linux-x64`, `linux-arm64`. */
export const MACHINES = ['linux-x64', 'linux-arm64'] as const;
export type Machine = (typeof MACHINES)[number];

export type NodeBinary = { readonly binary: string; readonly license: string; readonly version: string };

/** What `uname -sm` says on it. */
export const unameOf = (machine: Machine): string => (machine === 'linux-x64' ? 'Linux x86_64' : 'Linux aarch64');

/** `downloads`: where a Node of another machine is kept. Throws ArtifactError. */
export const findNodeBinary = (root: string, machine: Machine, downloads: string): NodeBinary => {
  const name = `node-${machine}`;
  const version = lockedVersion(root, name);
  if (version === undefined)
    throw new ArtifactError(
      'ARTIFACT_NODE_MISSING',
      `package-lock.json has no ${name}`,
      'use a clone of Berth as it was released',
    );
  const own = path.join(root, 'node_modules', name);
  const folder = existsSync(path.join(own, 'bin/node')) ? own : download(name, version, downloads);
  return { binary: path.join(folder, 'bin/node'), license: path.join(folder, 'LICENSE'), version };
};

const download = (name: string, version: string, downloads: string): string => {
  const folder = path.join(downloads, `${name}-${version}`);
  if (existsSync(path.join(folder, 'bin/node'))) return folder;
  mkdirSync(downloads, { recursive: true, mode: 0o700 });
  const making = mkdtempSync(path.join(downloads, 'making-'));
  try {
    const packed = execFileSync('npm', ['pack', `${name}@${version}`, '--pack-destination', making, '--silent'], {
      cwd: making,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
    execFileSync('tar', ['-xzf', path.join(making, packed), '-C', making]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(path.join(making, 'package'), folder);
    return folder;
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    throw new ArtifactError(
      'ARTIFACT_NODE_MISSING',
      `the server needs ${name} ${version}, and npm could not bring it: ${(stderr || message).trim().split('\n')[0]}`,
      `see why with: npm pack ${name}@${version}`,
    );
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
};
