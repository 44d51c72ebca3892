/** Makes `berth-<version>-<machine>.tar.gz`, all that a server needs, from this clone; once for the same contents. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { writeArchive } from './archive.ts';
import { type Content, contentsOf, textContent, versionOf } from './contents.ts';
import { findNodeBinary, type Machine, unameOf } from './node-binary.ts';
import { npmContents } from './npm-package.ts';

export type Artifact = {
  readonly file: string;
  readonly bytes: number;
  readonly version: string;
  readonly machine: Machine;
  /** SHA-256 of SHA256SUMS, which names every file's: what it holds, whatever packed it. */
  readonly hash: string;
  /** `<version>-<first eight of the hash>`, the directory it is unpacked to. */
  readonly id: string;
  readonly node: string;
  /** It was there already. */
  readonly cached: boolean;
};

type Wanted = { readonly root: string; readonly machine: Machine; readonly cache: string };

export const buildArtifact = async ({ root, machine, cache }: Wanted): Promise<Artifact> => {
  const node = findNodeBinary(root, machine, path.join(cache, 'node'));
  const version = versionOf(root);
  const name = `node_modules/node-${machine}`;
  const contents: Content[] = [
    ...contentsOf(root),
    ...npmContents(path.join(cache, 'npm')),
    { kind: 'file', path: `${name}/bin/node`, from: node.binary, executable: true },
    { kind: 'file', path: `${name}/LICENSE`, from: node.license, executable: false },
    { kind: 'link', path: 'node_modules/.bin/node', target: `../node-${machine}/bin/node` },
    // By this the launcher knows that nothing has to be installed.
    textContent('node_modules/.berth-installed', `${cksum(path.join(root, 'package-lock.json'))} ${unameOf(machine)}\n`),
  ];
  contents.sort(byPath);
  const links = contents.flatMap((content) => (content.kind === 'link' ? [[content.path, content.target]] : []));
  const about = { format: 1, version, machine, node: node.version, links: Object.fromEntries(links) };
  contents.push(textContent('VERSION', `${JSON.stringify(about, null, 2)}\n`));
  const sums = await sumsOf(contents);
  contents.push(textContent('SHA256SUMS', sums));
  contents.sort(byPath);

  const hash = createHash('sha256').update(sums).digest('hex');
  const directory = path.join(cache, 'artifacts');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, `berth-${version}-${machine}-${hash.slice(0, 16)}.tar.gz`);
  const cached = existsSync(file);
  if (!cached) {
    const making = `${file}.${process.pid}.making`;
    try {
      await writeArchive(making, contents);
      renameSync(making, file);
    } finally {
      rmSync(making, { force: true });
    }
  }
  const now = new Date();
  utimesSync(file, now, now);
  forgetOld(directory);
  return {
    file,
    bytes: statSync(file).size,
    version,
    machine,
    hash,
    id: `${version}-${hash.slice(0, 8)}`,
    node: node.version,
    cached,
  };
};

const byPath = (one: Content, other: Content): number => (one.path < other.path ? -1 : 1);

/** In the format of sha256sum(1), so that a server without Node can check them. */
const sumsOf = async (contents: readonly Content[]): Promise<string> => {
  const lines: string[] = [];
  for (const content of contents) {
    if (content.kind === 'link') continue;
    const hash = createHash('sha256');
    if (content.kind === 'bytes') hash.update(content.bytes);
    else for await (const chunk of createReadStream(content.from, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
    lines.push(`${hash.digest('hex')}  ${content.path}\n`);
  }
  return lines.sort((one, other) => (one.slice(66) < other.slice(66) ? -1 : 1)).join('');
};

/** As the launcher computes it. */
const cksum = (file: string): string => execFileSync('sh', ['-c', 'exec cksum <"$1"', 'sh', file], { encoding: 'utf8' }).trim();

const ARTIFACTS_KEPT = 4;

const forgetOld = (directory: string): void => {
  const files = readdirSync(directory)
    .filter((name) => name.endsWith('.tar.gz'))
    .map((name) => ({ name, at: statSync(path.join(directory, name)).mtimeMs }))
    .sort((one, other) => other.at - one.at);
  for (const { name } of files.slice(ARTIFACTS_KEPT)) rmSync(path.join(directory, name), { force: true });
};
