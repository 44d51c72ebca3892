/** `berth target add`: what was tried, and what happens from now on. */
import { resolve } from 'node:path';
import { BerthError } from '@berth/core';
import type { TargetCheck } from '@berth/protocol';
import { findAccessKey } from './access-keys.ts';
import { renderChecks } from './output/target.ts';
import type { Session } from './session.ts';

export type TargetWish = {
  readonly url: string;
  readonly name?: string;
  readonly credentialsFile?: string;
  readonly takeOver: boolean;
};

export const addTargetAt = async (session: Session, wish: TargetWish): Promise<void> => {
  const { terminal, json } = session;
  const url = session.server === null ? absolute(wish.url) : wish.url;
  const credentials = await findAccessKey(session, { url, file: wish.credentialsFile });
  const client = await session.connect();
  if (!json) terminal.note(terminal.style.dim(`trying ${url} out, by writing and reading`));
  const body = {
    ...{ url, takeOver: wish.takeOver },
    ...(wish.name !== undefined && { name: wish.name }),
    ...(credentials !== null && { credentials }),
  };
  const answer = await client.call('addTarget', { body }).catch((thrown: unknown) => {
    if (!json) terminal.note(...renderChecks(checksOf(thrown), terminal));
    throw thrown;
  });
  if (json) {
    terminal.printJson(answer);
    return;
  }
  terminal.note(...renderChecks(answer.checks, terminal));
  terminal.print(
    `${terminal.style.green('✓')} ${terminal.style.bold(answer.target.name)} takes the backups of all apps from now on`,
    terminal.style.hint('  what exists is being sent; to watch it: berth target'),
    terminal.style.hint('  the recovery kit does not know it yet: berth kit --out FILE writes a new one'),
  );
};

/** The daemon has a directory of its own. */
const absolute = (url: string): string => (url.startsWith('dir:') ? `dir:${resolve(url.slice('dir:'.length))}` : url);

/** What a refusal was based on. */
const checksOf = (thrown: unknown): TargetCheck[] => {
  const checks = thrown instanceof BerthError && thrown.code === 'TARGET_REFUSED' ? thrown.fields.checks : undefined;
  return Array.isArray(checks) ? (checks as TargetCheck[]) : [];
};
