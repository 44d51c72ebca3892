import { recipientOf } from '@berth/secrets';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { kitUnreadable } from './errors.ts';
import type { Kit, KitTarget } from './kit.ts';
import { codeOf } from './sealed-json.ts';
import { parseTargetUrl } from './target-place.ts';

/** A kit that is not encrypted. Nothing of its values gets into an error, nor any message of the parser, which would quote them. */
export const parseKitText = async (text: string): Promise<Kit> => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const [broken] = document.errors;
  if (broken !== undefined) throw kitUnreadable(lines.linePos(broken.pos[0]).line, `what is there is not YAML (${broken.code})`);
  const lineOf = (node: Node | null | undefined): number => lines.linePos(node?.range?.[0] ?? 0).line;
  const last = text.trimEnd().split('\n').length;
  if (!isMap(document.contents)) throw kitUnreadable(last, 'it is empty, or another file');
  const root = createReader(document.contents, { lineOf, what: 'the kit' });

  const format = root.find('format');
  if (format === undefined) throw kitUnreadable(lineOf(document.contents), 'format is missing: it is another file');
  if (format.value !== 1)
    throw kitUnreadable(format.line, 'it has a format that this version does not know: use the version that wrote it');
  // Before anything else that is missing: a text that ends early misses much.
  if (root.find('end')?.value !== true) throw kitUnreadable(last, 'it is cut off behind this line: end: true is missing');
  const identity = root.text('identity');
  await recipientOf(identity).catch((error: unknown) => {
    if (codeOf(error) !== 'IDENTITY_INVALID') throw error;
    throw kitUnreadable(root.find('identity')?.line ?? last, 'a character of the identity is missing or wrong');
  });
  const createdAt = root.text('createdAt');
  if (Number.isNaN(Date.parse(createdAt))) throw kitUnreadable(root.find('createdAt')?.line ?? last, 'createdAt is no date');
  return {
    format: 1,
    vault: root.text('vault'),
    identity,
    createdAt,
    host: root.text('host'),
    berth: root.text('berth'),
    targets: parseTargets(root, lineOf),
  };
};

type LineOf = (node: Node | null | undefined) => number;

type Reader = {
  readonly line: number;
  /** The value of a scalar, undefined for others; undefined if there is no such key. */
  find(key: string): { readonly value: unknown; readonly node: Node | null; readonly line: number } | undefined;
  text(key: string): string;
};

const createReader = (map: YAMLMap, { lineOf, what }: { lineOf: LineOf; what: string }): Reader => {
  const reader: Reader = {
    line: lineOf(map),
    find(key) {
      const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair === undefined) return undefined;
      const node = (pair.value ?? null) as Node | null;
      return { value: isScalar(node) ? node.value : undefined, node, line: lineOf(pair.key as Node) };
    },
    text(key) {
      const found = reader.find(key);
      if (found === undefined) throw kitUnreadable(reader.line, `${what} has no ${key}`);
      if (typeof found.value !== 'string' || found.value === '') throw kitUnreadable(found.line, `${key} is no text`);
      return found.value;
    },
  };
  return reader;
};

const parseTargets = (root: Reader, lineOf: LineOf): KitTarget[] => {
  const found = root.find('targets');
  if (!isSeq(found?.node)) throw kitUnreadable(found?.line ?? root.line, 'the kit has no list of targets');
  return found.node.items.map((item) => {
    if (!isMap(item)) throw kitUnreadable(found.line, 'a target is no map of name and url');
    const target = createReader(item, { lineOf, what: 'this target' });
    const url = target.text('url');
    try {
      parseTargetUrl(url);
    } catch {
      throw kitUnreadable(target.find('url')?.line ?? target.line, 'the url is none of a target');
    }
    const credentials = parseCredentials(target, lineOf);
    return { name: target.text('name'), url, ...(credentials && { credentials }) };
  });
};

const parseCredentials = (target: Reader, lineOf: LineOf): KitTarget['credentials'] => {
  const found = target.find('credentials');
  if (found === undefined) return undefined;
  if (!isMap(found.node)) throw kitUnreadable(found.line, 'credentials is no map of keys');
  const keys = createReader(found.node, { lineOf, what: 'credentials' });
  return {
    accessKeyId: keys.text('accessKeyId'),
    secretAccessKey: keys.text('secretAccessKey'),
    ...(keys.find('sessionToken') && { sessionToken: keys.text('sessionToken') }),
  };
};
