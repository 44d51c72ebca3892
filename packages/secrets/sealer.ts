import { mkdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { keyUnreadable, secretUnreadable } from './errors.ts';
import { createIdentity, loadAge, recipientOf } from './identity.ts';

/** Encrypts and decrypts with the home's own age identity (age-encryption.org/v1). */
export interface Sealer {
  seal(text: string): Promise<Uint8Array>;
  /** `name` is for the error only. */
  open(name: string, sealed: Uint8Array): Promise<string>;
  sealBytes(bytes: Uint8Array): Promise<Uint8Array>;
  openBytes(name: string, sealed: Uint8Array): Promise<Uint8Array>;
  /** The identity itself (AGE-SECRET-KEY-…), for a recovery kit and to open vaults. It opens everything: never show it. */
  identity(): Promise<string>;
}

/** The identity is made on first use and kept in `keyFile`, mode 0600. The library is loaded only then: it costs 15 MB. */
export function createSealer(keyFile: string): Sealer {
  let loaded: ReturnType<typeof load> | undefined;
  const ready = () => {
    loaded ??= load(keyFile).catch((cause) => {
      loaded = undefined;
      throw cause;
    });
    return loaded;
  };
  const encrypt = async (content: string | Uint8Array): Promise<Uint8Array> => {
    const { age, recipient } = await ready();
    const encrypter = new age.Encrypter();
    encrypter.addRecipient(recipient);
    return encrypter.encrypt(content);
  };
  const decrypt = async (name: string, sealed: Uint8Array): Promise<Uint8Array> => {
    const { age, identity } = await ready();
    const decrypter = new age.Decrypter();
    decrypter.addIdentity(identity);
    return decrypter.decrypt(sealed).catch((cause: unknown) => {
      throw secretUnreadable(name, keyFile, cause);
    });
  };
  return {
    seal: encrypt,
    open: async (name, sealed) => new TextDecoder().decode(await decrypt(name, sealed)),
    sealBytes: encrypt,
    openBytes: decrypt,
    identity: async () => (await ready()).identity,
  };
}

async function load(keyFile: string) {
  const age = await loadAge();
  const identity = find(keyFile) ?? (await create(keyFile, await createIdentity()));
  const recipient = await recipientOf(identity).catch(() => {
    throw keyUnreadable(keyFile);
  });
  return { age, identity, recipient };
}

/** A key file may hold comments, as age-keygen writes them. */
function find(keyFile: string): string | undefined {
  try {
    return readFileSync(keyFile, 'utf8').match(/^AGE-SECRET-KEY-\S+$/m)?.[0] ?? '';
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw keyUnreadable(keyFile, cause);
  }
}

async function create(keyFile: string, identity: string): Promise<string> {
  mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 });
  await using file = await open(keyFile, 'wx', 0o600);
  await file.writeFile(`${identity}\n`);
  await file.sync();
  return identity;
}
