/** Where the access key of a target comes from: a file, the environment, or somebody who types it. Never the command line. */
import { readFile } from 'node:fs/promises';
import { credentialsMissing, credentialsTemporary, credentialsUnreadable, fileNotReadable, usage } from './errors.ts';
import { ask, askHidden } from './output/prompt.ts';
import type { Session } from './session.ts';

export type AccessKey = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** Null for a target that needs none. Throws what says how to give one. */
export const findAccessKey = async (
  { env, terminal }: Session,
  { url, file }: { url: string; file: string | undefined },
): Promise<AccessKey | null> => {
  if (!/^s3:/i.test(url)) {
    if (file !== undefined) throw usage(`${url} needs no access key`, 'leave --credentials-file out');
    return null;
  }
  if (file !== undefined) return readAccessKey(file);
  if (env.accessKeys !== null) {
    const { temporary, ...key } = env.accessKeys;
    if (temporary) throw credentialsTemporary();
    return key;
  }
  if (!terminal.interactive) throw credentialsMissing(url);
  const accessKeyId = (await ask(terminal, 'Access key id: ')).trim();
  const secretAccessKey = (await askHidden(terminal, 'Secret access key (not shown): ')).trim();
  if (accessKeyId === '' || secretAccessKey === '') throw usage('no access key was typed', 'run it again');
  return { accessKeyId, secretAccessKey };
};

const readAccessKey = async (path: string): Promise<AccessKey> => {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw fileNotReadable(path, cause);
  });
  const found = parseAccessKey(text);
  if ('key' in found) return found.key;
  throw found.why === 'temporary' ? credentialsTemporary() : credentialsUnreadable(path, found.profiles);
};

type Found = { readonly key: AccessKey } | { readonly why: 'temporary' | 'nothing'; readonly profiles: readonly string[] };

/** Two lines, id and secret; or `name = value` as in ~/.aws/credentials: its profile `default`, or the only one. */
export const parseAccessKey = (text: string): Found => {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#;]/.test(line));
  const [accessKeyId = '', secretAccessKey = ''] = lines;
  if (!lines.some((line) => line.startsWith('[') || SETTING.test(line))) {
    const isPair = lines.length === 2 && !/\s/.test(accessKeyId + secretAccessKey);
    return isPair ? { key: { accessKeyId, secretAccessKey } } : { why: 'nothing', profiles: [] };
  }
  const profiles = readProfiles(lines);
  const names = [...profiles.keys()];
  const values = profiles.get('default') ?? (names.length === 1 ? profiles.get(names[0] ?? '') : undefined);
  const [id, secret] = [values?.get('aws_access_key_id'), values?.get('aws_secret_access_key')];
  if (values?.get('aws_session_token')) return { why: 'temporary', profiles: names };
  if (!id || !secret) return { why: 'nothing', profiles: values === undefined ? names : [] };
  return { key: { accessKeyId: id, secretAccessKey: secret } };
};

const SETTING = /^(?:export\s+)?(aws_[a-z_]+)\s*=\s*(.*)$/i;

/** What stands before the first heading is of `default`. */
const readProfiles = (lines: readonly string[]): Map<string, Map<string, string>> => {
  const profiles = new Map<string, Map<string, string>>();
  let current = 'default';
  for (const line of lines) {
    const heading = /^\[(?:profile\s+)?([^\]]+)\]$/.exec(line)?.[1];
    if (heading !== undefined) current = heading.trim();
    const [, name, value] = SETTING.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const values = profiles.get(current) ?? new Map<string, string>();
    profiles.set(current, values.set(name.toLowerCase(), value.replace(/^(["'])(.*)\1$/, '$2')));
  }
  return profiles;
};
