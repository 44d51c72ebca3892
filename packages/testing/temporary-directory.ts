import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that other users may pass through (0711), removed with all its content at the end of the block. */
export class TemporaryDirectory implements AsyncDisposable {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The path of something in it. */
  join(...names: string[]): string {
    return join(this.path, ...names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A process that is just ending may still write: rm then finds a directory that is not empty any more.
    await rm(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

export const temporaryDirectory = async (prefix = 'berth-test-'): Promise<TemporaryDirectory> => {
  const path = await mkdtemp(join(tmpdir(), prefix));
  await chmod(path, 0o711);
  return new TemporaryDirectory(path);
};
