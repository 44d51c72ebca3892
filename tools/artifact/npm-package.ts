/** The npm that the artifact brings for the builds of apps: a bare machine has none, and a distribution's has its own Node. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ArtifactError, type Content } from './contents.ts';

/** Its archive in the registry has this integrity. */
const VERSION = '11.19.1';
const INTEGRITY = 'sha512-ztsxKxt/kkIaAs+2i0GU6I+DRmUdrNasxTZKJe9TCdSjKxlhah/4r/hl5ygMD6XAg1qZ9c2TNomR4qgOydp10g==';

/** Below `npm/`. `downloads`: where it is kept, for it comes from the registry. Throws ArtifactError. */
export const npmContents = (downloads: string): Content[] => {
  const folder = path.join(downloads, `npm-${VERSION}`);
  if (!existsSync(folder)) download(folder, downloads);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !/^(?:docs|man)\/|\.(?:md|map|d\.[mc]?ts)$/.test(file))
    .map((file) => ({
      kind: 'file',
      path: `npm/${file}`,
      from: path.join(folder, file),
      executable: file.startsWith('bin/') || file.endsWith('.sh'),
    }));
};

const download = (folder: string, downloads: string): void => {
  mkdirSync(downloads, { recursive: true, mode: 0o700 });
  const making = mkdtempSync(path.join(downloads, 'making-'));
  try {
    const packed = execFileSync('npm', ['pack', `npm@${VERSION}`, '--pack-destination', making, '--silent'], {
      cwd: making,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
    const archive = readFileSync(path.join(making, packed));
    const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
    if (integrity !== INTEGRITY) throw new Error(`its integrity is ${integrity}, not ${INTEGRITY}`);
    execFileSync('tar', ['-xzf', path.join(making, packed), '-C', making]);
    renameSync(path.join(making, 'package'), folder);
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    if ((cause as NodeJS.ErrnoException).code === 'ENOTEMPTY') return; // somebody else was quicker
    throw new ArtifactError(
      'ARTIFACT_NPM_MISSING',
      `the server needs npm ${VERSION} to build apps, and it could not be had: ${(stderr || message).trim().split('\n')[0]}`,
      `see why with: npm pack npm@${VERSION}`,
    );
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
};
