/** What is right after a story, or everything that is not, in words. */
import { DatabaseSync } from 'node:sqlite';
import { verifyStore } from '../../apps/kolabpad/store/verify.ts';
import type { Crowd } from './crowd.ts';
import { tokensOf } from './typing.ts';

export type ServedText = { readonly text: string; readonly revision: number };

/** After `drain`: nobody was disturbed, and everybody has the text that the server has. */
export function judgeConvergence(crowd: Crowd, served: ReadonlyMap<string, ServedText>): string[] {
  const wrong: string[] = [];
  for (const document of crowd.documents) {
    const { text, revision } = served.get(document) ?? { text: 'nothing', revision: -1 };
    for (const { name, session } of crowd.of(document)) {
      if (session.revision !== revision)
        wrong.push(`${document}: ${name} is at revision ${session.revision}, the server at ${revision}`);
      if (session.text !== text)
        wrong.push(`${document}: the text of ${name} differs from the server's ${difference(session.text, text)}`);
    }
  }
  return wrong;
}

/** Every token that was typed and that nobody took away is there, once and whole; one that was taken away is not. */
export function judgeTokens(crowd: Crowd, served: ReadonlyMap<string, ServedText>): string[] {
  const wrong: string[] = [];
  for (const document of crowd.documents) {
    const editors = crowd.of(document);
    if (editors[0]?.habit !== 'words') continue;
    const { whole, torn } = tokensOf(served.get(document)?.text ?? '');
    if (torn !== '') wrong.push(`${document}: torn: ${JSON.stringify(torn.slice(0, 100))}`);
    const removed = new Set(editors.flatMap((editor) => [...editor.removed]));
    const expected = new Set(editors.flatMap(({ typed }) => [...typed]).filter((token) => !removed.has(token)));
    const present = new Set<string>();
    for (const token of whole) {
      if (present.has(token)) wrong.push(`${document}: twice: ${token}`);
      if (!expected.has(token))
        wrong.push(`${document}: ${removed.has(token) ? 'taken away and there again' : 'typed by nobody'}: ${token}`);
      present.add(token);
    }
    for (const token of expected) if (!present.has(token)) wrong.push(`${document}: lost: ${token}`);
  }
  return wrong;
}

/**
 * After a clean end of the server: the database agrees with itself, its texts are those that were served, and its journal
 * has every edit that was acknowledged exactly once.
 */
export function judgeStore(crowd: Crowd, served: ReadonlyMap<string, ServedText>, database: string): string[] {
  const wrong = verifyStore(database).problems.map((problem) => `store: ${problem}`);
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    const textOf = db.prepare('SELECT text, revision, base_revision AS base FROM document WHERE id = ?');
    const edits = db.prepare('SELECT session, sequence, count(*) AS times FROM operation WHERE document_id = ? GROUP BY 1, 2');
    for (const document of crowd.documents) {
      const stored = textOf.get(document) as { text: string; revision: number; base: number } | undefined;
      const { text, revision } = served.get(document) ?? { text: '', revision: -1 };
      if (stored === undefined || stored.text !== text || stored.revision !== revision)
        wrong.push(
          `${document}: stored is revision ${stored?.revision}, served was ${revision} ${difference(stored?.text ?? '', text)}`,
        );
      const rows = edits.all(document) as { session: string; sequence: number; times: number }[];
      const times = new Map(rows.map((row) => [`${row.session} ${row.sequence}`, row.times]));
      for (const [edit, count] of times) if (count !== 1) wrong.push(`${document}: journaled ${count} times: ${edit}`);
      // Of operations that were folded into the base only the effect is left.
      if ((stored?.base ?? 0) > 0) continue;
      for (const { name, acknowledged, session } of crowd.of(document))
        for (let sequence = 1; sequence <= acknowledged; sequence += 1)
          if (!times.has(`${session.sessionId} ${sequence}`))
            wrong.push(`${document}: edit ${sequence} of ${name} was acknowledged and is not journaled`);
    }
  } finally {
    db.close();
  }
  return wrong;
}

const AROUND = 30;

/** Where two texts part. */
function difference(one: string, other: string): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const piece = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - AROUND), at + AROUND));
  return one === other ? '' : `at ${at}: ${piece(one)} against ${piece(other)}`;
}
