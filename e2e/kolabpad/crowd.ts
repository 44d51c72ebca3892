/** Many who edit several documents at once, and what they have gone through together. */
import { waitUntil } from '@berth/testing';
import { type Address, Editor, type Gap } from './editor.ts';
import type { Habit } from './typing.ts';

export type CrowdOptions = {
  readonly editors: number;
  readonly documents: number;
  readonly pauseMs: number;
  readonly seed: number;
  /** Default: in every third document tokens are torn as well, in the others never. */
  readonly habit?: Habit;
  /** Where `editor` reaches a document; several source addresses make several clients of it. */
  readonly address: (document: string, editor: number) => ReturnType<Address>;
};

export class Crowd implements Disposable {
  readonly editors: readonly Editor[];
  readonly documents: readonly string[];

  constructor({ editors, documents, pauseMs, seed, habit, address }: CrowdOptions) {
    const habitOf = (document: number): Habit => habit ?? (document % 3 === 2 ? 'anything' : 'words');
    this.documents = Array.from({ length: documents }, (_, index) => `torture-${seed}-${index}`);
    this.editors = Array.from({ length: editors }, (_, index) => {
      const document = this.documents[index % documents] ?? '';
      return new Editor({
        name: `e${index}`,
        document,
        habit: habitOf(index % documents),
        address: () => address(document, index),
        seed: seed * 100_003 + index,
        pauseMs,
      });
    });
  }

  async connect(): Promise<void> {
    for (const editor of this.editors) editor.connect();
    await this.allLive();
  }

  async allLive(withinMs = 30_000): Promise<void> {
    await waitUntil(() => this.editors.every(({ isLive }) => isLive), { what: 'everybody was connected', withinMs });
  }

  startTyping(): void {
    for (const editor of this.editors) editor.startTyping();
  }

  stopTyping(): void {
    for (const editor of this.editors) editor.stopTyping();
  }

  /** Edits that were acknowledged to their authors so far. */
  get acknowledged(): number {
    return this.editors.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  /** Changes by others that reached somebody's screen. */
  get received(): number {
    return this.editors.reduce((sum, { received }) => sum + received, 0);
  }

  /** Of everybody, those that began after a moment of `performance.now()`. */
  gapsSince(moment: number): readonly Gap[] {
    return this.editors.flatMap(({ gaps }) => gaps.filter(({ since }) => since >= moment));
  }

  get troubles(): readonly string[] {
    return this.editors.flatMap(({ troubles }) => troubles);
  }

  /** Everybody goes on until there are so many acknowledged edits more. */
  async more(edits: number, withinMs = 60_000): Promise<void> {
    const goal = this.acknowledged + edits;
    await waitUntil(() => this.acknowledged >= goal, { what: `${edits} more edits were acknowledged`, withinMs });
  }

  /** Nobody types; resolves when every edit is stored, and told to everybody. */
  async drain(withinMs = 60_000): Promise<void> {
    this.stopTyping();
    const isDone = (): boolean =>
      this.editors.every(({ isLive, session }) => isLive && !session.hasUnsent()) &&
      this.documents.every((document) => new Set(this.of(document).map(({ session }) => session.revision)).size === 1);
    await waitUntil(isDone, { what: 'every edit had reached everybody', withinMs }).catch((cause: unknown) => {
      throw new Error(`not drained:\n${this.#unfinished().join('\n')}\n${this.troubles.slice(0, 20).join('\n')}`, { cause });
    });
  }

  of(document: string): readonly Editor[] {
    return this.editors.filter((editor) => editor.document === document);
  }

  /** A network that goes away at the worst moment: everybody has just sent something, and does not learn what became of it. */
  cut(): void {
    for (const editor of this.editors) {
      editor.type();
      editor.cut();
    }
  }

  /** The latest revisions that anybody knows of, all documents together. */
  get revisions(): number {
    return this.documents.reduce(
      (sum, document) => sum + Math.max(...this.of(document).map(({ session }) => session.revision)),
      0,
    );
  }

  #unfinished(): string[] {
    return this.editors
      .map(
        ({ name, document, session }) =>
          `${name} in ${document}: ${session.phase}, revision ${session.revision}${session.hasUnsent() ? ', unsent edits' : ''}`,
      )
      .slice(0, 40);
  }

  [Symbol.dispose](): void {
    for (const editor of this.editors) editor.close();
  }
}

/** How long people were without a connection, in words. */
export function describeGaps(gaps: readonly Gap[]): string {
  const times = gaps.map(({ ms }) => Math.round(ms)).toSorted((a, b) => a - b);
  const codes = Object.entries(Object.groupBy(gaps, ({ code }) => code)).map(([code, its]) => `${code} (${its?.length})`);
  const refused = [...new Set(gaps.flatMap((gap) => gap.refused))].join(', ');
  const middle = times[Math.floor(times.length / 2)] ?? 0;
  return `closed with ${codes.join(', ')}; back after ${middle} ms, the last after ${times.at(-1) ?? 0} ms${refused && `; refused: ${refused}`}`;
}
