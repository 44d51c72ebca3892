import { isArmored, openWithPassphrase, sealWithPassphrase } from '@berth/secrets';
import { stringify } from 'yaml';
import { kitLocked, kitPassphraseWrong, kitUnreadable } from './errors.ts';
import { parseKitText } from './kit-parse.ts';
import type { S3Credentials } from './s3-connection.ts';
import { codeOf } from './sealed-json.ts';

/** All that brings a platform back from its targets: whoever has it reads every backup. */
export type Kit = {
  readonly format: 1;
  /** The id of the vaults at all targets. */
  readonly vault: string;
  /** The home's age identity. */
  readonly identity: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The machine, as people call it. */
  readonly host: string;
  /** The version that wrote the kit. */
  readonly berth: string;
  readonly targets: readonly KitTarget[];
};

export type KitTarget = { readonly name: string; readonly url: string; readonly credentials?: S3Credentials };

/** The kit as a text file that explains itself. */
export const renderKit = (kit: Kit): string => {
  const { format, vault, identity, createdAt, host, berth, targets } = kit;
  const content = stringify({ format, vault, createdAt, host, berth, identity, targets, end: true }, { lineWidth: 0 });
  return `${explain(kit)}\n${content}`;
};

/**
 * Reads what `renderKit` or `lockKit` made. Throws KIT_LOCKED (no passphrase was given), KIT_PASSPHRASE_WRONG, or KIT_UNREADABLE
 * with the line and the reason. No error holds anything secret of it.
 */
export const parseKit = async (text: string, passphrase?: string): Promise<Kit> => {
  if (!isLocked(text)) return parseKitText(text);
  if (passphrase === undefined) throw kitLocked();
  return parseKitText(await unlock(text, passphrase));
};

/** The text, encrypted with a passphrase: armored as age does it, and opened by `age -d` too. */
export const lockKit = (text: string, passphrase: string): Promise<string> => sealWithPassphrase(text, passphrase);

export const isLocked = (text: string): boolean => isArmored(text);

const unlock = async (text: string, passphrase: string): Promise<string> => {
  try {
    return await openWithPassphrase(text, passphrase);
  } catch (error) {
    if (codeOf(error) === 'PASSPHRASE_WRONG') throw kitPassphraseWrong();
    if (codeOf(error) !== 'SEALED_UNREADABLE') throw error;
    const why = text.includes('-----END AGE ENCRYPTED FILE-----')
      ? 'its encrypted text was changed, or is not of a kit'
      : 'it is cut off: the line -----END AGE ENCRYPTED FILE----- is missing';
    throw kitUnreadable(text.trimEnd().split('\n').length, why);
  }
};

const explain = ({ host, createdAt, berth, targets }: Kit): string => {
  const places = targets.map(({ name, url }) => `#   ${oneLine(name)}: ${oneLine(url)}`);
  return [
    `# Recovery kit of ${oneLine(host)}, written ${oneLine(createdAt)} by Berth ${oneLine(berth)}`,
    '#',
    '# WHOEVER HAS THIS FILE CAN READ EVERY BACKUP of this machine: all data of its apps, its secrets and',
    '# its certificates. It holds the key that they are encrypted with, and the access keys of these targets:',
    ...places,
    '#',
    '# Keep it where you can reach it when this machine is gone: in a password manager, on paper, on a stick',
    '# in a drawer. NOT ON THIS MACHINE, and not beside the backups. Without it the backups cannot be read by',
    '# anybody, you included.',
    '#',
    '# To bring everything back, on an empty machine with Berth:',
    '#',
    '#   berth recover THIS-FILE --dry-run    what would come back, how old it is, how long it takes',
    '#   berth recover THIS-FILE',
    '#',
    '# Write a new one after targets were added or their access keys changed: berth kit --out FILE',
    '',
  ].join('\n');
};

/** Names come from people: none may begin a line of its own. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');
