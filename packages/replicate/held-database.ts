import { fstatSync, openSync, readSync, statfsSync, statSync } from 'node:fs';
import { Connections } from './connections.ts';
import { isMissing } from './durable-file.ts';
import { databaseMissing, databaseNotWal, databaseUnreadable, networkFileSystem } from './replication/errors.ts';
import { SharedMemory, type WalIndex } from './shm.ts';

/**
 * A database whose log is held: from `hold` on a reader of ours is inside a read transaction at every moment, and it is only
 * moved when everything committed was captured and nothing can slip in. That is what all else relies on.
 */
export class HeldDatabase {
  readonly path: string;
  readonly logPath: string;
  /** Open until the process ends: closing it would drop SQLite's locks on the file. */
  readonly fd: number;
  readonly inode: number;
  readonly connections: Connections;
  readonly shm: SharedMemory;

  /** Throws with a code when the file cannot be followed at present. The log is held when this returns. */
  constructor(path: string) {
    this.path = path;
    this.logPath = `${path}-wal`;
    const inode = inodeOf(path);
    if (inode === undefined) throw databaseMissing(path);
    refuseNetwork(path);
    this.fd = openOnce(path, inode);
    this.inode = inode;
    if (!isWal(this.fd)) throw databaseNotWal(path);
    try {
      this.connections = new Connections(path);
    } catch (cause) {
      throw databaseUnreadable(path, cause);
    }
    try {
      this.connections.hold();
      this.shm = sharedMemoryOf(`${path}-shm`);
    } catch (cause) {
      this.connections.close();
      throw databaseUnreadable(path, cause);
    }
  }

  /** Undefined only while a writer is changing it; asked again a few times, as that takes microseconds. */
  index(): WalIndex | undefined {
    return this.shm.read();
  }

  /** Whether the path still leads to the file that is followed. */
  isReplaced(): boolean {
    return inodeOf(this.path) !== this.inode;
  }

  /** Whether nothing is at the path at all. */
  isMissing(): boolean {
    return inodeOf(this.path) === undefined;
  }

  close(): void {
    this.connections.close();
  }
}

/** Undefined for what is not there. */
export const inodeOf = (path: string): number | undefined => {
  try {
    return statSync(path).ino;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Numbers, not FileHandles: those are closed when they are garbage. One per file for the life of the process. */
const descriptors = new Map<string, number>();

const openOnce = (path: string, inode: number): number => {
  const key = `${path}\0${inode}`;
  const known = descriptors.get(key);
  if (known !== undefined) return known;
  const fd = openSync(path, 'r');
  descriptors.set(`${path}\0${fstatSync(fd).ino}`, fd);
  return fd;
};

const sharedMemories = new Map<string, SharedMemory>();

const sharedMemoryOf = (path: string): SharedMemory => {
  const key = `${path}\0${inodeOf(path)}`;
  const known = sharedMemories.get(key);
  if (known !== undefined) return known;
  const opened = new SharedMemory(path);
  sharedMemories.set(`${path}\0${opened.inode}`, opened);
  return opened;
};

/** Bytes 18 and 19 of the header are the versions for writing and reading: 2 is WAL (sqlite.org/fileformat2.html, 1.3.3). */
const isWal = (fd: number): boolean => {
  const versions = Buffer.alloc(2);
  return readSync(fd, versions, 0, 2, 18) === 2 && versions[0] === 2 && versions[1] === 2;
};

const refuseNetwork = (path: string): void => {
  const fileSystem = NETWORK_FILE_SYSTEMS.get(statfsSync(path).type);
  if (fileSystem !== undefined) throw networkFileSystem(path, fileSystem);
};

/** statfs(2). FUSE is not among them: what is behind it may well be local. */
const NETWORK_FILE_SYSTEMS = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x01021997, '9P'],
]);
