/**
 * `npm run artifact [-- --machine linux-arm64] [--out FILE] [--json]`: what a server needs, in one file. `berth server add`
 * runs it too. Errors under --json are `{"error": {"code", "message", "hint"}}` on standard output, as everywhere.
 */
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Artifact, buildArtifact } from './build.ts';
import { ArtifactError } from './contents.ts';
import { MACHINES, type Machine } from './node-binary.ts';

const { values } = parseArgs({
  options: { machine: { type: 'string' }, out: { type: 'string' }, cache: { type: 'string' }, json: { type: 'boolean' } },
});

const machineNamed = (name: string): Machine => {
  const machine = MACHINES.find((one) => one === name);
  if (machine !== undefined) return machine;
  throw new ArtifactError('ARTIFACT_MACHINE_UNKNOWN', `there is no Node for ${name}`, `it is one of ${MACHINES.join(', ')}`);
};

const cacheDirectory = (): string => {
  const { XDG_CACHE_HOME, HOME } = process.env;
  if (XDG_CACHE_HOME) return path.join(XDG_CACHE_HOME, 'berth');
  if (HOME) return path.join(HOME, '.cache', 'berth');
  throw new ArtifactError(
    'ARTIFACT_CACHE_UNKNOWN',
    'neither HOME nor XDG_CACHE_HOME is set',
    'set one of them, or give --cache DIR',
  );
};

const report = (artifact: Artifact): void => {
  const { file, bytes, id, hash, node, cached } = artifact;
  const megabytes = (bytes / 1e6).toFixed(1);
  if (values.json) console.log(JSON.stringify(artifact));
  else
    console.log(
      `${file}\n${megabytes} MB, Berth ${id} with Node ${node}, sha256 of its contents ${hash}${cached ? ', as it was' : ''}`,
    );
};

try {
  const root = path.resolve(import.meta.dirname, '../..');
  const machine = machineNamed(values.machine ?? `${process.platform}-${process.arch}`);
  const artifact = await buildArtifact({ root, machine, cache: values.cache ?? cacheDirectory() });
  if (values.out !== undefined) copyFileSync(artifact.file, values.out);
  report(artifact);
} catch (thrown) {
  if (!(thrown instanceof ArtifactError)) throw thrown;
  const { code, message, hint } = thrown;
  if (values.json) console.log(JSON.stringify({ error: { code, message, hint } }));
  else console.error(`${message}\n  ${hint}`);
  process.exitCode = 1;
}
