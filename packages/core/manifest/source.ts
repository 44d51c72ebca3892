import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Pair, type ParsedNode, type YAMLError } from 'yaml';
import type { Finding, Path } from './problem.ts';
import { describeYamlError } from './yaml-errors.ts';

/** Far above any manifest written by hand, far below what costs noticeable time. */
export const MANIFEST_LIMIT_BYTES = 256 * 1024;

/** An alias repeats what it points at; nine lines of aliases to aliases can ask for a billion nodes. */
const ALIASED_NODES_LIMIT = 10_000;

/** One cause often makes a hundred errors further down. */
const SYNTAX_ERRORS_SHOWN = 10;

/** A value together with the place in the text that it came from. */
export type Located = {
  readonly value: unknown;
  readonly start: number;
  readonly end: number;
  /** A number or boolean as it was written: `1.10` is the number 1.1, but as text it stays 1.10. */
  readonly written: string | null;
  /** Written over several lines below its key, which then is the better place to point at. */
  readonly block: boolean;
  readonly children: ReadonlyMap<string, Child>;
  readonly nodes: number;
};

type Child = { readonly key: { start: number; end: number } | null; readonly at: Located };

export type Source = { readonly root: Located | null; readonly findings: readonly Finding[] };

/** YAML text as plain values with positions. Findings without a root are syntax errors, after which nothing can be said. */
export const readSource = (text: string): Source => {
  const refused = (message: string, suggestion: string | null = null, span?: Finding['span']): Source => ({
    root: null,
    findings: [{ path: [], message, suggestion, ...(span && { span }) }],
  });
  if (new TextEncoder().encode(text).length > MANIFEST_LIMIT_BYTES) {
    return refused('the file is larger than 256 KB, which no manifest needs', 'is it the right file?');
  }

  const documents = parseAllDocuments(text, {
    version: '1.2',
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    logLevel: 'silent',
  });
  const [document, second] = documents;
  const streams = 'empty' in documents ? [documents] : documents;
  const errors: YAMLError[] = streams.flatMap((each) => [...each.errors, ...each.warnings]);
  if (errors.length > 0) {
    return { root: null, findings: errors.slice(0, SYNTAX_ERRORS_SHOWN).map((error) => describeYamlError(error)) };
  }
  if (second !== undefined) {
    const [start] = second.range;
    return refused('a manifest is one YAML document, but another one begins here', 'remove the `---` line and what follows', {
      start,
      end: start + 1,
    });
  }
  if (document?.directives?.yaml.explicit && document.directives.yaml.version !== '1.2') {
    return refused('a manifest is YAML 1.2', 'remove the %YAML line');
  }
  if (!document?.contents || (isScalar(document.contents) && document.contents.value === null)) {
    return refused('the file is empty', 'begin with `app:` and `services:`');
  }

  const reader = createReader(text);
  const root = reader.read(document.contents, []);
  return { root, findings: reader.findings };
};

/** The place of a path: the value itself, or its nearest ancestor that exists. */
export const findLocated = (root: Located, path: Path): { at: Located; key: Child['key']; depth: number; exact: boolean } => {
  let at = root;
  let key: Child['key'] = null;
  for (const [depth, segment] of path.entries()) {
    const child = at.children.get(String(segment));
    if (child === undefined) return { at, key, depth, exact: false };
    at = child.at;
    key = child.key;
  }
  return { at, key, depth: path.length, exact: true };
};

const createReader = (text: string) => {
  const findings: Finding[] = [];
  const anchors = new Map<string, Located | 'open'>();
  let aliased = 0;

  const report = (path: Path, span: Finding['span'], message: string, suggestion: string | null = null): void => {
    findings.push({ path, message, suggestion, ...(span && { span }) });
  };

  const read = (node: ParsedNode, path: Path): Located => {
    const [start, end] = node.range;
    if (isAlias(node)) return readAlias(node.source, { start, end }, path);
    if (node.tag !== undefined && !/^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/.test(node.tag)) {
      report(path, { start, end }, `the tag ${node.tag} has no meaning here`, 'remove it');
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, 'open');
    const located = isMap(node) ? readMapping(node, path) : isSeq(node) ? readList(node, path) : readScalar(node);
    if (node.anchor !== undefined) anchors.set(node.anchor, located);
    return located;
  };

  const readAlias = (name: string, span: { start: number; end: number }, path: Path): Located => {
    const target = anchors.get(name);
    const nothing = { value: null, ...span, written: null, block: false, children: new Map(), nodes: 1 };
    if (target === undefined || target === 'open') {
      report(path, span, target === 'open' ? `*${name} contains itself` : `there is no anchor &${name} above this line`);
      return nothing;
    }
    aliased += target.nodes;
    if (aliased <= ALIASED_NODES_LIMIT) return target;
    report(path, span, 'the aliases of this file repeat too much', 'write the values out');
    return nothing;
  };

  const readScalar = (node: ParsedNode): Located => {
    const [start, end] = node.range;
    const value = isScalar(node) ? node.value : null;
    const plain = typeof value === 'number' || typeof value === 'boolean';
    return { value, start, end, written: plain ? text.slice(start, end) : null, block: false, children: new Map(), nodes: 1 };
  };

  const readList = (node: { items: readonly unknown[]; range: readonly number[]; flow?: boolean }, path: Path): Located => {
    const children = new Map<string, Child>();
    const value: unknown[] = [];
    for (const [index, item] of node.items.entries()) {
      const at = read(item as ParsedNode, [...path, index]);
      children.set(String(index), { key: null, at });
      value.push(at.value);
    }
    return collection(node, value, children);
  };

  const readMapping = (node: { items: readonly unknown[]; range: readonly number[]; flow?: boolean }, path: Path): Located => {
    const children = new Map<string, Child>();
    const value: Record<string, unknown> = {};
    for (const { key, value: content } of node.items as Pair<ParsedNode, ParsedNode | null>[]) {
      const [start, end] = key.range;
      const name = isScalar(key) ? String(key.value) : null;
      if (name === null) {
        report(path, { start, end }, 'a key is a plain name');
        continue;
      }
      if (name === '__proto__') {
        report(path, { start, end }, 'this name is reserved');
        continue;
      }
      const earlier = children.get(name)?.key;
      if (earlier) {
        report(
          [...path, name],
          { start, end },
          `this key was given already, on line ${lineOf(text, earlier.start)}`,
          'keep one of the two',
        );
        continue;
      }
      const at: Located = content === null ? empty({ start, end }) : read(content, [...path, name]);
      children.set(name, { key: { start, end }, at: at.value === null && at.start === at.end ? empty({ start, end }) : at });
      value[name] = at.value;
    }
    return collection(node, value, children);
  };

  const empty = (span: { start: number; end: number }): Located => ({
    value: null,
    ...span,
    written: null,
    block: false,
    children: new Map(),
    nodes: 1,
  });

  const collection = (
    node: { range: readonly number[]; flow?: boolean },
    value: unknown,
    children: Map<string, Child>,
  ): Located => {
    const [start = 0, end = 0] = node.range;
    let nodes = 1;
    for (const child of children.values()) nodes += child.at.nodes;
    return { value, start, end, written: null, block: node.flow !== true, children, nodes };
  };

  return { read, findings };
};

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
